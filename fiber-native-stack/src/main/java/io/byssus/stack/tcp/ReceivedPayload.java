package io.byssus.stack.tcp;

/**
 * When a received payload is copied out of the frame it came in, and into how much memory. A frame
 * may be 64 KiB large and its payload one byte: a peer that sends such segments would otherwise
 * make us hold thousands of times what it sends.
 *
 * <p><b>Ownership:</b> stateless.
 */
final class ReceivedPayload {
    /** A payload up to this length joins others where a chunk is open, as the copy costs less. */
    static final int JOINED_MAX = 512;

    private static final int CHUNK_MIN = 512;
    private static final int CHUNK_MAX = 16 << 10;
    private static final int SPARSE_DIVISOR = 4;

    private ReceivedPayload() {}

    /** Whether it fills less than a quarter of the memory that it would keep in use. */
    static boolean isSparse(int length, int capacity) {
        return length < capacity / SPARSE_DIVISOR;
    }

    /**
     * How much more than its {@code capacity} a frame may cost whose text is received in pieces,
     * with others between them: each piece that is not copied keeps it, and a chunk is left open.
     */
    static int spare(int capacity) {
        return (SPARSE_DIVISOR - 1) * capacity + CHUNK_MAX;
    }

    /**
     * Bytes of a new chunk for a payload of {@code length}: a power of two. It may be too small for
     * all of it.
     *
     * @param previous the capacity of the chunk that is full now, or 0: the next is twice as large,
     *     so that one small payload holds little, and thousands of them take few chunks
     */
    static int chunkCapacity(int length, int previous) {
        int wanted = Math.max(Math.max(length, 2 * previous), CHUNK_MIN);
        return wanted >= CHUNK_MAX ? CHUNK_MAX : Integer.highestOneBit(wanted - 1) << 1;
    }

    /** Bytes of a buffer that takes a payload of {@code length} as a whole: a power of two. */
    static int copyCapacity(int length) {
        return Integer.highestOneBit(Math.max(length, CHUNK_MIN) - 1) << 1;
    }
}
