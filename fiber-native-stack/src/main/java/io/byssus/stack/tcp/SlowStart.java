package io.byssus.stack.tcp;

/**
 * How fast the window grows below the threshold, and when it has grown enough before any loss:
 * HyStart++ (RFC 9406).
 *
 * <p>While the threshold is unknown, the window would double until the path's queue overflows. A
 * queue shows itself earlier, by round trips that get longer: when the shortest of a round exceeds
 * that of the round before by an eighth (within 4 to 16 ms), growth slows down to a quarter for
 * five rounds, <i>conservative slow start</i>. If the round trips get shorter again, the rise was
 * jitter and growth goes on as before; else slow start is over. Deliberately, that is not asked in
 * the rest of the round that showed the rise: a sender that does not pace doubles its window in
 * bursts, between which the queue runs empty, and a single sample from there would say "jitter" of
 * each rise until the queue overflows.
 *
 * <p>An acknowledgment counts for so many segments at most (the L of RFC 3465 and RFC 9406), lest
 * one that covers much releases a burst.
 *
 * <p><b>Ownership:</b> its congestion controller.
 */
final class SlowStart {
    /** MIN_RTT_THRESH. */
    static final long RISE_NANOS_MIN = 4_000_000;

    /** MAX_RTT_THRESH. */
    static final long RISE_NANOS_MAX = 16_000_000;

    /** MIN_RTT_DIVISOR. */
    private static final int RISE_DIVISOR = 8;

    /** N_RTT_SAMPLE: a round with fewer decides nothing. */
    static final int SAMPLES_MIN = 8;

    /** CSS_ROUNDS, the one in which conservative slow start began included. */
    static final int CONSERVATIVE_ROUNDS = 5;

    private static final long UNKNOWN = Long.MAX_VALUE;

    /** Which slow start it is: how much an acknowledgment lets the window grow. */
    enum Mode {
        /** The first: nothing is known of the path. */
        INITIAL(8, 1),
        /** The first, after the round trips got longer (CSS). */
        CONSERVATIVE(8, 4),
        /** Up to a threshold that a loss has found. */
        LATER(2, 1),
        /**
         * After a timeout an acknowledgment may cover much that had arrived long before it (RFC
         * 3465, 2.3).
         */
        AFTER_TIMEOUT(1, 1);

        private final int segmentsMax;
        private final int divisor;

        Mode(int segmentsMax, int divisor) {
            this.segmentsMax = segmentsMax;
            this.divisor = divisor;
        }
    }

    private Mode mode = Mode.INITIAL;

    /** The shortest of the last round. */
    private long lastRoundTripNanos = UNKNOWN;

    /** The shortest of this round so far. */
    private long roundTripNanos = UNKNOWN;

    private int samples;

    /** The shortest round trip of the round that was found too long (cssBaselineMinRtt). */
    private long baselineNanos;

    private int conservativeRounds;

    Mode mode() {
        return mode;
    }

    /** As the controller's last reduction did not happen. */
    void resume(Mode before) {
        mode = before;
        forgetRoundTrips();
    }

    /** A loss was found, so the threshold is known. */
    void onCongestion() {
        mode = Mode.LATER;
    }

    void onTimeout() {
        mode = Mode.AFTER_TIMEOUT;
    }

    /** The window has reached the threshold. */
    void onThreshold() {
        mode = Mode.LATER;
    }

    /** After a pause, earlier round trips are nothing to compare with. */
    void onIdle() {
        if (mode == Mode.CONSERVATIVE) {
            mode = Mode.INITIAL;
        }
        forgetRoundTrips();
    }

    /** By how many bytes the window grows for an acknowledgment of {@code bytes}. */
    int growth(int bytes, int segmentBytes) {
        return (int) (Math.min(bytes, (long) mode.segmentsMax * segmentBytes) / mode.divisor);
    }

    /**
     * Looks at the round trip of an acknowledgment during slow start.
     *
     * @param sampleNanos 0 if there is none
     * @param roundEnds whether the round ends with this acknowledgment
     * @return whether slow start is over: the window as it is now is the threshold
     */
    boolean onAck(long sampleNanos, boolean roundEnds) {
        if (mode != Mode.INITIAL && mode != Mode.CONSERVATIVE) {
            return false;
        }
        if (sampleNanos > 0) {
            roundTripNanos = Math.min(roundTripNanos, sampleNanos);
            samples++;
            compare();
        }
        return roundEnds && endRound();
    }

    private void compare() {
        if (samples < SAMPLES_MIN) {
            return;
        }
        if (mode == Mode.CONSERVATIVE) {
            boolean later = conservativeRounds > 0;
            if (later && roundTripNanos < baselineNanos) {
                mode = Mode.INITIAL;
            }
        } else if (lastRoundTripNanos != UNKNOWN
                && roundTripNanos >= lastRoundTripNanos + tolerableRise()) {
            mode = Mode.CONSERVATIVE;
            baselineNanos = roundTripNanos;
            conservativeRounds = 0;
        }
    }

    private long tolerableRise() {
        return Math.clamp(lastRoundTripNanos / RISE_DIVISOR, RISE_NANOS_MIN, RISE_NANOS_MAX);
    }

    private boolean endRound() {
        lastRoundTripNanos = roundTripNanos;
        roundTripNanos = UNKNOWN;
        samples = 0;
        if (mode == Mode.CONSERVATIVE) {
            conservativeRounds++;
            return conservativeRounds == CONSERVATIVE_ROUNDS;
        }
        return false;
    }

    private void forgetRoundTrips() {
        lastRoundTripNanos = UNKNOWN;
        roundTripNanos = UNKNOWN;
        samples = 0;
    }
}
