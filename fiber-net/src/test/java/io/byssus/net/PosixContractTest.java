package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;

/** The contract of the network API, kept by the kernel's TCP on epoll. */
class PosixContractTest extends WholeContract {
    @Override
    StackUnderTest stack() {
        return StackUnderTest.onLoopback(
                () -> new RuntimeOptions().networkStack("posix").reactorBackend("epoll"));
    }
}
