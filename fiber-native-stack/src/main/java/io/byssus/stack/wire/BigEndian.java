package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Loads and stores in network byte order, at any alignment. */
final class BigEndian {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    static int unsignedByte(MemorySegment frame, long offset) {
        return Byte.toUnsignedInt(frame.get(ValueLayout.JAVA_BYTE, offset));
    }

    static int unsignedShort(MemorySegment frame, long offset) {
        return Short.toUnsignedInt(frame.get(SHORT, offset));
    }

    static int int32(MemorySegment frame, long offset) {
        return frame.get(INT, offset);
    }

    /** The 48 bits of an Ethernet address. */
    static long int48(MemorySegment frame, long offset) {
        return ((long) unsignedShort(frame, offset) << Integer.SIZE)
                | Integer.toUnsignedLong(int32(frame, offset + Short.BYTES));
    }

    static void putByte(MemorySegment frame, long offset, int value) {
        frame.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    static void putShort(MemorySegment frame, long offset, int value) {
        frame.set(SHORT, offset, (short) value);
    }

    static void putInt(MemorySegment frame, long offset, int value) {
        frame.set(INT, offset, value);
    }

    static void putInt48(MemorySegment frame, long offset, long value) {
        putShort(frame, offset, (int) (value >>> Integer.SIZE));
        putInt(frame, offset + Short.BYTES, (int) value);
    }
}
