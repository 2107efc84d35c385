package io.byssus.runtime.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Unchecked loads and stores at absolute addresses, for memory whose bounds and lifetime the caller
 * has checked (buffers) or owns (structs passed to the kernel).
 *
 * <p>All of it goes through one global segment that spans the address space, so no access pays for
 * the liveness of an arena.
 */
public final class RawMemory {
    private static final MemorySegment ALL = everything();

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final VarHandle ALIGNED_SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle ALIGNED_INT = ValueLayout.JAVA_INT.varHandle();

    static {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException("Byssus runs on little-endian machines only");
        }
    }

    private RawMemory() {}

    @SuppressWarnings("restricted")
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /**
     * All of memory as one segment, whose offsets are absolute addresses: for codecs that read and
     * write through a segment and an offset.
     */
    public static MemorySegment all() {
        return ALL;
    }

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static short getShort(long address) {
        return ALL.get(SHORT, address);
    }

    public static void putShort(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    public static int getInt(long address) {
        return ALL.get(INT, address);
    }

    public static void putInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    /** As {@link #getInt}, of an aligned address, before what comes after it. */
    public static int getIntAcquire(long address) {
        return (int) ALIGNED_INT.getAcquire(ALL, address);
    }

    /** As {@link #putInt}, to an aligned address, after what came before it. */
    public static void putIntRelease(long address, int value) {
        ALIGNED_INT.setRelease(ALL, address, value);
    }

    /** As {@link #putShort}, to an aligned address, after what came before it. */
    public static void putShortRelease(long address, short value) {
        ALIGNED_SHORT.setRelease(ALL, address, value);
    }

    public static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    /** Copies within native memory; the ranges may overlap. */
    public static void copy(long from, long to, long length) {
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    /** Copies out of native memory into {@code to}. */
    public static void copyOut(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    /** Copies {@code from} into native memory. */
    public static void copyIn(byte[] from, int offset, long to, int length) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }
}
