package io.byssus.net;

/** The contract of the network API, kept by the kernel's TCP by way of java.nio. */
class NioContractTest extends WholeContract {
    @Override
    StackUnderTest stack() {
        return StackUnderTest.portable();
    }
}
