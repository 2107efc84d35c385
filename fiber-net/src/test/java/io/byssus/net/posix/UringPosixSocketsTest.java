package io.byssus.net.posix;

/** {@link PosixSocketsTest} on io_uring. */
class UringPosixSocketsTest extends PosixSocketsTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
