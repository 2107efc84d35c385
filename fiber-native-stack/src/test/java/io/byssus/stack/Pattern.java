package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * An endless stream of known bytes. Its period is prime, so that a piece of any other length in the
 * wrong place is noticed.
 */
final class Pattern {
    /** Bytes that are written or compared in one piece. */
    static final int PIECE_MAX = 1 << 17;

    private static final int PERIOD = 65_521;
    private static final byte[] BYTES = new byte[PERIOD + PIECE_MAX];
    private static final MemorySegment SEGMENT = MemorySegment.ofArray(BYTES);
    private static final MemorySegment MEMORY = RawMemory.all();

    static {
        new SplittableRandom(PERIOD).nextBytes(BYTES);
        for (int i = PERIOD; i < BYTES.length; i++) {
            BYTES[i] = BYTES[i - PERIOD];
        }
    }

    private Pattern() {}

    /** Fills {@code buffer} with what stands at {@code position}. */
    static void fill(long position, Buffer buffer) {
        MemorySegment.copy(
                SEGMENT,
                ValueLayout.JAVA_BYTE,
                position % PERIOD,
                MEMORY,
                ValueLayout.JAVA_BYTE,
                buffer.address(),
                buffer.length());
    }

    /** The index of the first byte of {@code buffer} that is wrong; -1 if none is. */
    static long mismatch(long position, Buffer buffer) {
        long at = position % PERIOD;
        int length = buffer.length();
        return MemorySegment.mismatch(
                SEGMENT, at, at + length, MEMORY, buffer.address(), buffer.address() + length);
    }
}
