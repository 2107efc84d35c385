package io.byssus.runtime.memory;

/**
 * How much memory a pool may use, and how long a fiber waits for some.
 *
 * @param capacityBytes what buffers in use and buffers kept for reuse may hold together
 * @param reserveBytes of these, what only {@link BufferPool#allocateReserved} gives out
 * @param waitNanos how long a fiber waits at most; positive
 */
public record BufferLimits(long capacityBytes, long reserveBytes, long waitNanos) {
    /** The least that a shard can work with. */
    public static final long CAPACITY_BYTES_MIN = 1L << 20;

    /** How long a fiber waits unless the options say otherwise. */
    public static final long DEFAULT_WAIT_NANOS = 10_000_000_000L;

    /** As much as the system gives. */
    public static final BufferLimits NONE =
            new BufferLimits(Long.MAX_VALUE >> 1, 0, DEFAULT_WAIT_NANOS);

    private static final int RESERVE_DIVISOR = 8;
    private static final long RESERVE_BYTES_MIN = 256L << 10;
    private static final long RESERVE_BYTES_MAX = 8L << 20;

    public BufferLimits {
        if (capacityBytes < CAPACITY_BYTES_MIN
                || reserveBytes < 0
                || reserveBytes >= capacityBytes
                || waitNanos <= 0) {
            throw new IllegalArgumentException(
                    "capacityBytes="
                            + capacityBytes
                            + " reserveBytes="
                            + reserveBytes
                            + " waitNanos="
                            + waitNanos);
        }
    }

    /** An eighth of {@code capacityBytes} in reserve, but at least 256 KiB and at most 8 MiB. */
    public static BufferLimits of(long capacityBytes, long waitNanos) {
        long reserve =
                Math.clamp(capacityBytes / RESERVE_DIVISOR, RESERVE_BYTES_MIN, RESERVE_BYTES_MAX);
        return new BufferLimits(capacityBytes, reserve, waitNanos);
    }

    /** What fibers may hold. */
    public long usableBytes() {
        return capacityBytes - reserveBytes;
    }
}
