package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.Here;

/** Buffers for tests, and the proof that none has leaked. */
final class TestPool {
    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);

    BufferPool pool() {
        return pool;
    }

    Buffer of(byte... bytes) {
        Buffer buffer = pool.allocate(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }

    /** One byte that says which it is. */
    Buffer numbered(int number) {
        return of((byte) number);
    }

    /** The number of such a buffer; closes it. */
    static int number(Buffer buffer) {
        int number = buffer.get(0);
        buffer.close();
        return number;
    }

    long liveBytes() {
        return pool.liveBytes();
    }

    void assertNoneLeaked() {
        assertThat(pool.liveSites()).isEmpty();
    }
}
