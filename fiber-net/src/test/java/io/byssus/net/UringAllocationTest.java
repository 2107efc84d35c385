package io.byssus.net;

/** {@link AllocationTest} on io_uring. */
class UringAllocationTest extends AllocationTest {
    @Override
    String backend() {
        return "io_uring";
    }
}
