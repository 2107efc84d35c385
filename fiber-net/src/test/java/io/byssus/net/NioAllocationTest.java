package io.byssus.net;

/** {@link AllocationTest} on the JDK's selector. */
class NioAllocationTest extends AllocationTest {
    @Override
    String backend() {
        return "nio";
    }

    /** The JDK makes two objects that keep each part's memory alive for the call. */
    @Override
    int bytesPerPart() {
        return 40;
    }
}
