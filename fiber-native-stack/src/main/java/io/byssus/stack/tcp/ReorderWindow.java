package io.byssus.stack.tcp;

/**
 * How late a segment may be before it counts as lost (RFC 8985, section 6.2, steps 3 and 4): no
 * time while the path keeps the order and something is known to be lost, else a quarter of the
 * smallest round trip, and a quarter more for each round trip in which the peer reported that a
 * retransmission was in vain.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class ReorderWindow {
    /** DupThresh of RFC 5681. */
    static final int DUPLICATE_THRESHOLD = 3;

    /** After so many recoveries without a report the window is as at first. */
    static final int PERSISTENCE = 16;

    private static final int QUARTERS = 4;
    private static final int STEPS_MAX = 0xff;

    private boolean reordered;
    private int steps = 1;
    private int persistence = PERSISTENCE;

    /** The end of the highest delivered segment: RACK.fack. */
    private int highestDelivered;

    /** A report was counted, and what was sent until then is not acknowledged yet. */
    private boolean inRound;

    private int roundEnd;

    void start(int sequence) {
        reordered = false;
        steps = 1;
        persistence = PERSISTENCE;
        highestDelivered = sequence;
        inRound = false;
    }

    int highestDelivered() {
        return highestDelivered;
    }

    /**
     * A segment is newly delivered.
     *
     * @param highestBefore the highest before this acknowledgment: of what one acknowledgment
     *     delivers, the order is not known
     */
    void onDelivered(int end, boolean retransmitted, int highestBefore) {
        if (SequenceNumber.isAfter(end, highestDelivered)) {
            highestDelivered = end;
        }
        if (!retransmitted && SequenceNumber.isBefore(end, highestBefore)) {
            reordered = true;
        }
    }

    /** Everything before {@code una} is delivered. */
    void onAcknowledged(int una) {
        highestDelivered = SequenceNumber.max(highestDelivered, una);
        if (inRound && SequenceNumber.isAtOrAfter(una, roundEnd)) {
            inRound = false;
        }
    }

    /** The peer got something twice: at most one step for each round trip. */
    void onDuplicateSack(int next) {
        if (inRound) {
            return;
        }
        inRound = true;
        roundEnd = next;
        steps = Math.min(steps + 1, STEPS_MAX);
        persistence = PERSISTENCE;
    }

    /** A recovery is over. */
    void onRecovered() {
        persistence--;
        if (persistence <= 0) {
            persistence = PERSISTENCE;
            steps = 1;
        }
    }

    boolean hasReordered() {
        return reordered;
    }

    /**
     * RACK.reo_wnd.
     *
     * @param recovering whether a recovery is under way
     * @param sackedCount the segments on the scoreboard
     */
    long nanos(RoundTripEstimator roundTrip, boolean recovering, int sackedCount) {
        if (!reordered && (recovering || sackedCount >= DUPLICATE_THRESHOLD)) {
            return 0;
        }
        long window = steps * roundTrip.minimumNanos() / QUARTERS;
        return Math.min(window, roundTrip.smoothedNanos());
    }
}
