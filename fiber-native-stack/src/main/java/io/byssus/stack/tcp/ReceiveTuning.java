package io.byssus.stack.tcp;

/**
 * How large a window the peer could use: twice what the application took in one round trip, so that
 * the window is never what holds a growing sender back (dynamic right-sizing, Fisk and Feng 2001).
 *
 * <p>The round trip is the peer's echo of our timestamps where there are any. Without them it is
 * the time in which a whole window of data arrives, the least of which comes close.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard. A peer that forges round trips
 * only moves its window between the initial and the largest one.
 */
final class ReceiveTuning {
    /** Segments on top, for what is on its way while the application is told (as Linux has it). */
    private static final int MARGIN_SEGMENTS = 16;

    /** Segments that a sender begins with (RFC 6928): taking as many is no reason to grow. */
    private static final int INITIAL_SEGMENTS = 10;

    /** A new sample counts an eighth. */
    private static final int SMOOTHING_SHIFT = 3;

    private static final int WANTED_MAX = 1 << 30;

    private int mss;

    private long roundTrip;
    private boolean hasEchoes;

    // The window round that is measured: it began at roundStart and ends when roundEdge arrives.
    private boolean inRound;
    private long roundStart;
    private int roundEdge;

    // What the application takes.
    private boolean counting;
    private long countingSince;
    private long taken;
    private long takenMost;

    /** Starts anew, but for the round trip. */
    void init(int mss) {
        this.mss = mss;
        inRound = false;
        counting = false;
        taken = 0;
        takenMost = (long) INITIAL_SEGMENTS * mss;
    }

    /** Nanoseconds; 0 while unknown. */
    long roundTrip() {
        return roundTrip;
    }

    /** A timestamp that came back with data was {@code nanos} old. */
    void onRoundTrip(long nanos) {
        if (nanos <= 0) {
            return; // finer than the clock of the timestamps
        }
        // The first echo replaces what the rounds have said: that was an upper bound.
        roundTrip = hasEchoes ? roundTrip + ((nanos - roundTrip) >> SMOOTHING_SHIFT) : nanos;
        hasEchoes = true;
    }

    /**
     * Data has arrived in order.
     *
     * @param rcvNxt behind this data
     * @param edge the right edge that the peer knows
     */
    void onData(long now, int rcvNxt, int edge) {
        if (hasEchoes) {
            return;
        }
        if (inRound && SequenceNumber.isBefore(rcvNxt, roundEdge)) {
            return;
        }
        if (inRound) {
            long nanos = Math.max(1, now - roundStart);
            roundTrip = roundTrip == 0 ? nanos : Math.min(roundTrip, nanos);
        }
        inRound = true;
        roundStart = now;
        roundEdge = edge;
    }

    /**
     * The application has taken {@code bytes}.
     *
     * @param mayGrow false while memory is scarce: then nothing is learnt either, so that the same
     *     rate is a reason to grow later
     * @return the window in bytes that it is worth to have, or 0 if that is no news
     */
    int onTaken(long now, int bytes, boolean mayGrow) {
        if (!counting) {
            counting = true;
            countingSince = now;
        }
        taken += bytes;
        if (roundTrip == 0 || now - countingSince < roundTrip) {
            return 0;
        }
        long took = taken;
        taken = 0;
        countingSince = now;
        if (took <= takenMost || !mayGrow) {
            return 0;
        }
        long wanted = 2 * took + (long) MARGIN_SEGMENTS * mss;
        // A sender in slow start doubles each round, and this is about the round before the last.
        double growth = Math.min(1, (double) (took - takenMost) / takenMost);
        wanted += (long) (2 * wanted * growth);
        takenMost = took;
        return (int) Math.min(WANTED_MAX, wanted);
    }
}
