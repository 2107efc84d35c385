package io.byssus.net.posix;

/** {@link PosixOptionsTest} on io_uring. */
class UringPosixOptionsTest extends PosixOptionsTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
