package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;

/** The contract of datagrams, kept by the kernel's UDP on epoll. */
class PosixDatagramContractTest extends WholeDatagramContract {
    @Override
    StackUnderTest stack() {
        return StackUnderTest.onLoopback(
                () -> new RuntimeOptions().networkStack("posix").reactorBackend("epoll"));
    }
}
