package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;

/**
 * Frames for tests, from hex digits (blanks and line ends are only for the reader) or at random.
 */
final class Bytes {
    private Bytes() {}

    static MemorySegment hex(String digits) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
    }

    static String hex(MemorySegment frame) {
        return HexFormat.of().formatHex(frame.toArray(ValueLayout.JAVA_BYTE));
    }

    static MemorySegment zeros(int length) {
        return MemorySegment.ofArray(new byte[length]);
    }

    static MemorySegment random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    static void put(MemorySegment frame, long offset, int value) {
        frame.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }
}
