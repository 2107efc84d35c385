package io.byssus.stack.ip;

/**
 * Lets something happen so many times a second, and a burst of it after a pause.
 *
 * <p>It is kept as one number: when the bucket will be full again (the generic cell rate algorithm
 * of ITU-T I.371, which counts no tokens and so rounds nothing).
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TokenBucket {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long nanosPerToken;

    /** How far ahead of now {@link #fullAt} may be. */
    private final long capacityNanos;

    private long fullAt = Long.MIN_VALUE;

    /**
     * A full bucket.
     *
     * @param perSecond tokens that are put in
     * @param burst tokens that it holds
     * @throws IllegalArgumentException if one of them is not between 1 and a million
     */
    public TokenBucket(int perSecond, int burst) {
        if (Math.min(perSecond, burst) < 1 || Math.max(perSecond, burst) > 1_000_000) {
            throw new IllegalArgumentException("perSecond=" + perSecond + " burst=" + burst);
        }
        nanosPerToken = NANOS_PER_SECOND / perSecond;
        capacityNanos = burst * nanosPerToken;
    }

    /** Takes one token out, if there is one. */
    public boolean take(long now) {
        return take(now, 1);
    }

    /** Takes {@code tokens} out, if there are so many. */
    public boolean take(long now, int tokens) {
        long start = Math.max(fullAt, now);
        long after = start + tokens * nanosPerToken;
        if (after - now > capacityNanos) {
            return false;
        }
        fullAt = after;
        return true;
    }

    /** When there will be a token, if nobody takes one before; {@code now} if there is one. */
    public long nextAt(long now) {
        long start = Math.max(fullAt, now);
        return Math.max(now, start + nanosPerToken - capacityNanos);
    }
}
