package io.byssus.stack.tcp;

/**
 * How long a round trip takes, and so how long to wait for an acknowledgment (RFC 6298). All times
 * are nanoseconds.
 *
 * <p>The caller offers unambiguous samples only (Karn's algorithm, RFC 9293 MUST-18): of segments
 * that were sent once, or told apart by timestamps (RFC 7323). Where every acknowledgment gives a
 * sample, the gains shrink with the samples of a round trip (RFC 7323, appendix G), lest the memory
 * become too short.
 *
 * <p>Where the RFC has a floor of 1 s below the timeout, here 200 ms bound the term of the
 * variation, as Linux does it: the timeout of a path with little jitter stays far enough above the
 * delay of a peer's acknowledgment.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
final class RoundTripEstimator {
    private static final long MILLISECOND = 1_000_000L;
    private static final long SECOND = 1000 * MILLISECOND;

    /** G of RFC 6298: how coarse the clock of a timestamp is. */
    static final long GRANULARITY_NANOS = MILLISECOND;

    /** The least that is added to the smoothed round trip. */
    static final long MARGIN_NANOS = 200 * MILLISECOND;

    static final long INITIAL_TIMEOUT_NANOS = SECOND;

    /** RFC 6298, 5.7: where a SYN had to be sent again. */
    static final long CAUTIOUS_TIMEOUT_NANOS = 3 * SECOND;

    /** The least that may be the greatest (RFC 6298, 2.5). */
    static final long LEAST_MAXIMUM_NANOS = 60 * SECOND;

    /** Half of the time after which a smallest round trip is forgotten. */
    static final long MINIMUM_HALF_WINDOW_NANOS = 150 * SECOND;

    /** 2^-3 and 2^-2: alpha and beta of RFC 6298. */
    private static final int MEAN_SHIFT = 3;

    private static final int VARIATION_SHIFT = 2;

    private static final int VARIATIONS = 4;
    private static final int BACK_OFFS_MAX = 16;
    private static final long NONE = Long.MAX_VALUE;

    private final long maximumNanos;
    private long smoothedNanos;
    private long variationNanos;
    private long latestNanos;

    /** The timeout before it is backed off. */
    private long baseNanos = INITIAL_TIMEOUT_NANOS;

    private int backOffs;

    /** How large the back-off was when it ended last without a sample; 0 since there was one. */
    private int confirmedBackOffs;

    /** The smallest of this half of the window, that of the half before, and where this began. */
    private long minimumNow = NONE;

    private long minimumBefore = NONE;
    private long halfWindowStart;

    RoundTripEstimator() {
        this(LEAST_MAXIMUM_NANOS);
    }

    RoundTripEstimator(long maximumNanos) {
        if (maximumNanos < LEAST_MAXIMUM_NANOS) {
            throw new IllegalArgumentException("maximumNanos=" + maximumNanos);
        }
        this.maximumNanos = maximumNanos;
    }

    /**
     * Takes a sample, and ends the back-off: a new segment has come through.
     *
     * @param perRoundTrip how many samples a round trip gives, at least 1
     */
    void onSample(long now, long roundTripNanos, int perRoundTrip) {
        assert perRoundTrip >= 1;
        long sample = Math.clamp(roundTripNanos, 1, maximumNanos);
        if (hasSample()) {
            long deviation = Math.abs(smoothedNanos - sample);
            long count = perRoundTrip;
            variationNanos += (deviation - variationNanos) / (count << VARIATION_SHIFT);
            smoothedNanos += (sample - smoothedNanos) / (count << MEAN_SHIFT);
        } else {
            smoothedNanos = sample;
            variationNanos = sample / 2;
        }
        latestNanos = sample;
        confirmedBackOffs = 0;
        offerMinimum(now, sample);
        recompute();
    }

    /**
     * Something was acknowledged that had been sent more than once, and nobody knows which of them
     * arrived: that gives no sample. But an answer that comes as long after the last of them as one
     * usually does shows that the estimate holds, and that waiting longer is in vain. Else, where
     * acknowledgments get lost as well as segments, every stall would make the next one longer.
     *
     * <p>It may be the answer to an earlier one, if the path has become slower by just so much: but
     * then it comes after the same number of timeouts the next time. That does not count, and the
     * back-off stays until there is a sample (RFC 6298, 5).
     */
    void onAmbiguous(long sinceSentNanos) {
        if (backOffs != confirmedBackOffs && isUsual(sinceSentNanos)) {
            confirmedBackOffs = backOffs;
            backOffs = 0;
        }
    }

    /** Whether a round trip may well take so long, as far as is known. */
    boolean isUsual(long nanos) {
        // A short segment is faster than those that gave the minimum.
        long least = minimumNanos() - minimumNanos() / 4;
        long most = smoothedNanos + Math.max(smoothedNanos, VARIATIONS * variationNanos);
        return hasSample() && nanos >= least && nanos <= most;
    }

    /** A round trip that is good for the minimum only. */
    void offerMinimum(long now, long roundTripNanos) {
        long sample = Math.max(roundTripNanos, 1);
        if (minimumNow == NONE) {
            halfWindowStart = now;
        } else if (now - halfWindowStart >= MINIMUM_HALF_WINDOW_NANOS) {
            boolean bothOld = now - halfWindowStart >= 2 * MINIMUM_HALF_WINDOW_NANOS;
            minimumBefore = bothOld ? NONE : minimumNow;
            minimumNow = NONE;
            halfWindowStart = now;
        }
        minimumNow = Math.min(minimumNow, sample);
    }

    /** The timer fired: wait twice as long (RFC 6298, 5.5). */
    void backOff() {
        backOffs = Math.min(backOffs + 1, BACK_OFFS_MAX);
    }

    /** It was not the path that kept the answers away. */
    void endBackOff() {
        backOffs = 0;
    }

    /** The handshake is over, and a SYN had to be sent again (RFC 6298, 5.7). */
    void onSynRetransmitted() {
        if (!hasSample()) {
            baseNanos = CAUTIOUS_TIMEOUT_NANOS;
        }
        backOffs = 0;
    }

    /**
     * The timer fired too early: the path has become slower than the estimate knew (RFC 4015,
     * section 3.3).
     *
     * @param roundTripNanos the round trip that the timer did not wait for
     */
    void onSpuriousTimeout(long roundTripNanos) {
        long sample = Math.clamp(roundTripNanos, 1, maximumNanos);
        smoothedNanos = Math.max(smoothedNanos, sample);
        variationNanos = Math.max(variationNanos, sample / 2);
        recompute();
    }

    private void recompute() {
        long margin = Math.max(MARGIN_NANOS, VARIATIONS * variationNanos);
        baseNanos = smoothedNanos + Math.max(GRANULARITY_NANOS, margin);
        backOffs = 0;
    }

    /** How long to wait for an acknowledgment: RTO. */
    long timeoutNanos() {
        return Math.min(maximumNanos, Math.min(maximumNanos, baseNanos) << backOffs);
    }

    boolean hasSample() {
        return smoothedNanos != 0;
    }

    /** SRTT, or 0 while there is no sample. */
    long smoothedNanos() {
        return smoothedNanos;
    }

    /** RTTVAR. */
    long variationNanos() {
        return variationNanos;
    }

    long latestNanos() {
        return latestNanos;
    }

    /** The smallest of the last minutes (between 2.5 and 5 of them), or 0 if there is none. */
    long minimumNanos() {
        long minimum = Math.min(minimumNow, minimumBefore);
        return minimum == NONE ? 0 : minimum;
    }
}
