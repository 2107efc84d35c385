package io.byssus.net.posix;

/** {@link DatagramOffloadTest} on io_uring. */
class UringDatagramOffloadTest extends DatagramOffloadTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
