package io.byssus.net.posix;

/** {@link DatagramAllocationTest} on io_uring. */
class UringDatagramAllocationTest extends DatagramAllocationTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
