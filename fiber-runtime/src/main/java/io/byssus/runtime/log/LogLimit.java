package io.byssus.runtime.log;

/**
 * Lets one message of a kind through per interval and counts the others.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class LogLimit {
    private final long intervalNanos;
    private long nextNanos = Long.MIN_VALUE;
    private long suppressed;

    public LogLimit(long intervalNanos) {
        this.intervalNanos = intervalNanos;
    }

    /**
     * Whether a message may be logged now.
     *
     * @return -1 if not; else the number of messages held back since the last one that was let
     *     through
     */
    public long tryAcquire(long nowNanos) {
        if (nextNanos != Long.MIN_VALUE && nowNanos - nextNanos < 0) {
            suppressed++;
            return -1;
        }
        nextNanos = nowNanos + intervalNanos;
        long held = suppressed;
        suppressed = 0;
        return held;
    }
}
