package io.byssus.runtime.os;

/**
 * {@code struct io_uring_getevents_arg}, with the {@code struct timespec} that it points at behind
 * it:
 *
 * <pre>{@code
 * struct io_uring_getevents_arg {
 *    0  __u64 sigmask;
 *    8  __u32 sigmask_sz;
 *   12  __u32 pad;
 *   16  __u64 ts;
 * };                     // 24 bytes
 * }</pre>
 */
public final class IoUringWait {
    static final int BYTES = 24;

    /** With the time. */
    public static final int ALL_BYTES = 40;

    private static final int TIME_OFFSET = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private IoUringWait() {}

    /** Says how long to wait. */
    public static void put(long address, long timeoutNanos) {
        RawMemory.putLong(address, 0);
        RawMemory.putLong(address + Long.BYTES, 0);
        RawMemory.putLong(address + TIME_OFFSET, address + BYTES);
        RawMemory.putLong(address + BYTES, timeoutNanos / NANOS_PER_SECOND);
        RawMemory.putLong(address + BYTES + Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
    }
}
