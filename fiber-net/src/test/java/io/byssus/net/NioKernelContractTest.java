package io.byssus.net;

/** The contract of datagrams and Unix sockets, kept by the kernel by way of java.nio. */
class NioKernelContractTest extends KernelContract {
    @Override
    StackUnderTest stack() {
        return StackUnderTest.portable();
    }
}
