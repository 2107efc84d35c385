package io.byssus.net;

/** The contract of the network API, kept by the kernel's TCP on io_uring. */
class UringContractTest extends WholeContract {
    @Override
    StackUnderTest stack() {
        return new UringUnderTest();
    }
}
