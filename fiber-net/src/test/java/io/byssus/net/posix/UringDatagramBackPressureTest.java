package io.byssus.net.posix;

/** {@link DatagramBackPressureTest} on io_uring. */
class UringDatagramBackPressureTest extends DatagramBackPressureTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
