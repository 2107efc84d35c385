package io.byssus.net.posix;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Pipes;
import java.util.ArrayDeque;

/**
 * The pipes of one shard. A relay has one only while it is busy, so a few serve many; and there are
 * never more than {@link #PIPES_MAX}, since what is in a pipe counts as no socket's, so that relays
 * to peers that do not read would hold memory without a bound.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class PipePool {
    static final int PIPES_MAX = 64;

    /** What the kernel lets any process have; from 256 KiB on more makes it no cheaper. */
    private static final int CAPACITY = 1 << 18;

    /** With less, as the kernel gives to who has very many, copying is cheaper. */
    private static final int CAPACITY_MIN = 1 << 16;

    private static final int KEPT_MAX = 8;

    private final CallState state;
    private final ArrayDeque<SplicePipe> kept = new ArrayDeque<>(KEPT_MAX);
    private int inUse;

    PipePool(CallState state) {
        this.state = state;
    }

    /** An empty pipe; null if there are too many, or the kernel has none. */
    SplicePipe take(BufferPool buffers) {
        if (inUse >= PIPES_MAX) {
            return null;
        }
        SplicePipe pipe = kept.isEmpty() ? create(buffers) : kept.pop();
        if (pipe != null) {
            inUse++;
        }
        return pipe;
    }

    void giveBack(SplicePipe pipe) {
        inUse--;
        if (pipe.bytes > 0 || kept.size() == KEPT_MAX) {
            pipe.close(state);
        } else {
            kept.push(pipe);
        }
    }

    int inUse() {
        return inUse;
    }

    void close() {
        kept.forEach(pipe -> pipe.close(state));
        kept.clear();
    }

    private SplicePipe create(BufferPool buffers) {
        int readEnd;
        int writeEnd;
        try (Buffer ends = buffers.allocateScratch(2 * Integer.BYTES)) {
            if (Pipes.create(state, ends.address()) < 0) {
                return null;
            }
            readEnd = Pipes.readEnd(ends.address());
            writeEnd = Pipes.writeEnd(ends.address());
        }
        int capacity = Pipes.capacity(state, writeEnd, CAPACITY);
        if (capacity < 0) {
            capacity = Pipes.capacity(state, writeEnd, CAPACITY_MIN);
        }
        SplicePipe pipe = new SplicePipe(readEnd, writeEnd, capacity);
        if (capacity < CAPACITY_MIN) {
            pipe.close(state);
            return null;
        }
        return pipe;
    }
}
