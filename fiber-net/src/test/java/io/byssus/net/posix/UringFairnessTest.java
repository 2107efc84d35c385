package io.byssus.net.posix;

/** {@link FairnessTest} on io_uring. */
class UringFairnessTest extends FairnessTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
