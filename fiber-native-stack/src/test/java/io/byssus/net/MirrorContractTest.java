package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.stack.MirrorStackProvider;

/** The contract of the network API, kept by our own TCP over a wire. */
class MirrorContractTest extends WireContract {
    @Override
    StackUnderTest stack() {
        return new MirrorStack();
    }

    /** Its clients reach its servers in a mirror at the end of the wire. */
    static class MirrorStack implements StackUnderTest {
        @Override
        public RuntimeOptions options() {
            return new RuntimeOptions().networkStack(MirrorStackProvider.NAME);
        }

        @Override
        public String host() {
            return MirrorStackProvider.HOST;
        }

        @Override
        public String chosenHost() {
            return MirrorStackProvider.HOST;
        }

        @Override
        public String hostAbroad(String host) {
            assert host.equals(MirrorStackProvider.HOST) : host;
            return MirrorStackProvider.MIRROR;
        }

        @Override
        public boolean hasIpv6() {
            return false;
        }
    }
}
