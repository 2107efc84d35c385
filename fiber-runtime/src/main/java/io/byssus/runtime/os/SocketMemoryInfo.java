package io.byssus.runtime.os;

/** The array that SO_MEMINFO answers: nine {@code uint32_t}, the last of which counts drops. */
public final class SocketMemoryInfo {
    public static final int BYTES = 36;

    /** Index in the array; SK_MEMINFO_DROPS. */
    static final int SK_MEMINFO_DROPS = 8;

    private SocketMemoryInfo() {}

    /** Datagrams that were dropped since there was no room for them, or that were broken. */
    public static long drops(long address) {
        return Integer.toUnsignedLong(
                RawMemory.getInt(address + (long) SK_MEMINFO_DROPS * Integer.BYTES));
    }
}
