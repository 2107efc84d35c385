package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;

/** The contract of datagrams and Unix sockets, kept by the kernel on epoll. */
class PosixKernelContractTest extends KernelContract {
    @Override
    StackUnderTest stack() {
        return StackUnderTest.onLoopback(
                () -> new RuntimeOptions().networkStack("posix").reactorBackend("epoll"));
    }
}
