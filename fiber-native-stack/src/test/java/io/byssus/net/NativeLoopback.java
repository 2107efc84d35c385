package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import java.util.Map;

/** The native stack without a device. */
class NativeLoopback implements StackUnderTest {
    private static final String NO_IPV6 = "the native stack has no IPv6";

    @Override
    public RuntimeOptions options() {
        RuntimeOptions options = new RuntimeOptions().networkStack("native");
        options.device().device("loopback");
        return options;
    }

    @Override
    public boolean hasIpv6() {
        return false;
    }

    @Override
    public Map<String, String> inapplicable() {
        return Map.of(
                "ipv6AndItsWildcardWork", NO_IPV6,
                "aSocketOfBothFamiliesSeesIpv4AsIpv4", NO_IPV6);
    }
}
