package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;

/** The contract of the network API, kept by our own TCP over its loopback. */
class NativeContractTest extends WholeContract {
    @Override
    StackUnderTest stack() {
        return new StackUnderTest() {
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
        };
    }
}
