package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.Here;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Buffers for the tests of queues, and the proof that none has leaked. */
final class QueueBuffers {
    private final BufferPool pool;

    QueueBuffers() {
        this(BufferPool.Mode.TRACKING);
    }

    QueueBuffers(BufferPool.Mode mode) {
        pool = new BufferPool(new Here(), mode);
    }

    /** With so little memory that {@link #takeAll} can take it. */
    QueueBuffers(BufferLimits limits) {
        pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING, limits);
    }

    /** Takes all memory but the reserve. */
    List<Buffer> takeAll() {
        List<Buffer> all = new ArrayList<>();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = pool.allocateOrNull(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = pool.allocateOrNull(length);
            }
        }
        return all;
    }

    BufferPool pool() {
        return pool;
    }

    /** A buffer of these bytes. */
    Buffer of(byte[] bytes) {
        Buffer buffer = pool.allocate(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }

    /** A frame of {@code capacity} bytes with {@code payload} at {@code offset}. */
    Buffer frame(int capacity, int offset, byte[] payload) {
        Buffer frame = pool.allocate(capacity);
        frame.put(offset, payload, 0, payload.length);
        return frame;
    }

    /** {@code count} bytes, of which each is known by its place: {@code from}, from + 1 … */
    static byte[] numbered(int from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = at(from + i);
        }
        return bytes;
    }

    /** The byte at a place of a numbered stream; its period is no power of two. */
    static byte at(int place) {
        return (byte) (place ^ (place >>> Byte.SIZE) * 31 ^ (place >>> Short.SIZE) * 17);
    }

    static byte[] random(SplittableRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The buffer's bytes; closes it. */
    static byte[] drain(Buffer buffer) {
        byte[] bytes = buffer.toByteArray();
        buffer.close();
        return bytes;
    }

    void assertNoneLeaked() {
        assertThat(pool.liveSites()).isEmpty();
        assertThat(pool.liveBytes()).isZero();
    }
}
