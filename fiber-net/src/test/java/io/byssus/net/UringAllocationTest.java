package io.byssus.net.posix;

/** {@link AllocationTest} on io_uring. */
class UringAllocationTest extends AllocationTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
