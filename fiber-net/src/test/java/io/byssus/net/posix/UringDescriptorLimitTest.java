package io.byssus.net.posix;

/** {@link DescriptorLimitTest} on io_uring. */
class UringDescriptorLimitTest extends DescriptorLimitTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
