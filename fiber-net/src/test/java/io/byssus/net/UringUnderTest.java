package io.byssus.net;

import io.byssus.net.uring.BufferRing;
import io.byssus.runtime.shard.RuntimeOptions;

/** The kernel's sockets on io_uring, over the loopback. */
final class UringUnderTest implements StackUnderTest {
    @Override
    public RuntimeOptions options() {
        return new RuntimeOptions().networkStack("posix").reactorBackend("io_uring");
    }

    /** The kernel's, to receive into. */
    @Override
    public int buffersAtRest() {
        return BufferRing.capacity();
    }

    @Override
    public long bytesAtRest() {
        return BufferRing.capacityBytes();
    }
}
