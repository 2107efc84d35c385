package io.byssus.net.uring;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.ProvidedBuffers;
import java.lang.foreign.Arena;

/**
 * The shard's buffers that the kernel receives into, for all connections together: a connection
 * that waits has none of its own. What was received is passed on where it lies.
 *
 * <p>The kernel fills a buffer bit by bit (since Linux 6.12): small messages lie one behind the
 * other, each a share of the same memory, so that a thousand of them touch as few cache lines as
 * they have bytes for, and hold no more memory than that. Older kernels use up a whole buffer for
 * each message, so they get small ones.
 *
 * <p>A buffer belongs to the kernel from {@link #refill} on until the completion that uses it up.
 * At the pool's limit there is no refill. Who finds the ring empty then waits for memory as anybody
 * else does; none of that is done here.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class BufferRing {
    private static final int BUFFERS = 16;
    private static final int BYTES = 16384;
    private static final int BYTES_IF_WHOLE = 4096;
    private static final int BYTES_MIN = 2048;

    /** The part of the pool that may lie here, idle. */
    private static final int PART_OF_POOL = 16;

    private static final int PAGE_BYTES = 4096;

    /** Where nothing is received. */
    private static final Home NOWHERE =
            new Home() {
                @Override
                public boolean isCurrent() {
                    return true;
                }

                @Override
                public void execute(Runnable task) {
                    task.run();
                }
            };

    private final Ring ring;
    private final BufferPool pool;
    private final Arena arena = Arena.ofShared();
    private final long memory;
    private final long registration;
    private final int bytes;

    /** Those that are the kernel's, by their number; null where one is missing. */
    private final Buffer[] buffers = new Buffer[BUFFERS];

    /** Bytes at the beginning of each that were passed on. */
    private final int[] used = new int[BUFFERS];

    private int missing = BUFFERS;

    /** Entries ever put into the ring. */
    private int tail;

    /**
     * Registers it with {@code ring}; it is empty.
     *
     * @throws UnsupportedOperationException if the kernel refuses
     */
    public BufferRing(Ring ring, CallState state, BufferPool pool) {
        this.ring = ring;
        this.pool = pool;
        memory = arena.allocate((long) BUFFERS * ProvidedBuffers.ENTRY_BYTES, PAGE_BYTES).address();
        registration = arena.allocate(ProvidedBuffers.REGISTRATION_BYTES, Long.BYTES).address();
        boolean bitByBit = register(IoUring.BUFFERS_BIT_BY_BIT) >= 0;
        if (!bitByBit && register(0) < 0) {
            arena.close();
            throw new UnsupportedOperationException(
                    "io_uring_register: " + Errno.message(state.errno()));
        }
        int wanted = bitByBit ? BYTES : BYTES_IF_WHOLE;
        long affordable = pool.limits().usableBytes() / PART_OF_POOL / BUFFERS;
        bytes = Math.clamp(Long.highestOneBit(Math.max(affordable, 1)), BYTES_MIN, wanted);
    }

    /**
     * Tries whether there may be one.
     *
     * @throws UnsupportedOperationException if the kernel refuses
     */
    public static void probe(Ring ring, CallState state) {
        BufferPool none = new BufferPool(NOWHERE, BufferPool.Mode.RECYCLING);
        new BufferRing(ring, state, none).close();
    }

    private int register(int flags) {
        ProvidedBuffers.register(registration, memory, BUFFERS, flags);
        return ring.register(IoUring.IORING_REGISTER_PBUF_RING, registration, 1);
    }

    /** Replaces what was used up, as far as there is memory. */
    public void refill() {
        if (missing > 0) {
            fill();
        }
    }

    private void fill() {
        int before = tail;
        for (int id = 0; id < BUFFERS && missing > 0; id++) {
            if (buffers[id] == null) {
                Buffer buffer = pool.allocateOrNull(bytes);
                if (buffer == null) {
                    break;
                }
                buffers[id] = buffer;
                used[id] = 0;
                ProvidedBuffers.put(memory, tail & (BUFFERS - 1), buffer.address(), bytes, id);
                tail++;
                missing--;
            }
        }
        if (tail != before) {
            ProvidedBuffers.tailRelease(memory, tail);
        }
    }

    /**
     * The bytes that a completion has told of, owned by the caller.
     *
     * @param flags the completion's
     */
    public Buffer take(int length, int flags) {
        int id = flags >>> IoUring.IORING_CQE_BUFFER_SHIFT;
        Buffer buffer = buffers[id];
        int from = used[id];
        assert buffer != null && length <= bytes - from : "id=" + id + " length=" + length;
        if ((flags & IoUring.CQE_BUFFER_STAYS) != 0) {
            used[id] = from + length;
            return buffer.share(from, length);
        }
        buffers[id] = null;
        missing++;
        buffer.trimFront(from);
        buffer.trim(length);
        return buffer;
    }

    /** Buffers that it has at most. */
    public static int capacity() {
        return BUFFERS;
    }

    /** Bytes that these have at most. */
    public static int capacityBytes() {
        return BUFFERS * BYTES;
    }

    /** Takes the buffers back. On the ring's thread; nothing may be received any more. */
    public void close() {
        ProvidedBuffers.register(registration, 0, 0, 0);
        ring.register(IoUring.IORING_UNREGISTER_PBUF_RING, registration, 1);
        for (int id = 0; id < BUFFERS; id++) {
            if (buffers[id] != null) {
                buffers[id].close();
                buffers[id] = null;
            }
        }
        arena.close();
    }
}
