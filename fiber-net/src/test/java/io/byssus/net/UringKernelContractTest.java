package io.byssus.net;

/** The contract of datagrams and Unix sockets, kept by the kernel on io_uring. */
class UringKernelContractTest extends KernelContract {
    @Override
    StackUnderTest stack() {
        return new UringUnderTest();
    }
}
