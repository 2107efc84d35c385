package io.byssus.stack.tcp;

/**
 * Without SACK, each duplicate acknowledgment says that one more segment has arrived, though not
 * which (RFC 5681, 3.2). Here they are counted as bytes that are no longer in flight, which makes
 * the first two of them let new segments out (limited transmit, RFC 3042) and gives proportional
 * rate reduction what it needs.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class DuplicateAcknowledgments {
    static final int THRESHOLD = 3;

    private static final int LIMITED_TRANSMIT_SEGMENTS = 2;

    private int count;
    private int bytes;
    private int bytesMax = Integer.MAX_VALUE;

    /** RFC 5681, section 2. */
    static boolean isOne(Acknowledgment ack, SentSegments segments) {
        return !segments.isEmpty()
                && ack.una == segments.una()
                && ack.sackBlocks() == 0
                && !ack.carriesData
                && !ack.windowChanged;
    }

    void clear() {
        count = 0;
        bytes = 0;
        bytesMax = Integer.MAX_VALUE;
    }

    /**
     * Until the next acknowledgment of new data, duplicates cannot mean more than what is
     * outstanding now. Otherwise a liar's duplicates would let new data out without end.
     */
    void limit(int outstanding) {
        bytesMax = outstanding;
    }

    /**
     * One came.
     *
     * @param inFlight how much they can mean together
     * @param doubtful they may answer needless retransmissions, so that only the first two count
     * @return how many bytes it says have arrived
     */
    int onDuplicate(int segmentBytes, int inFlight, boolean doubtful) {
        int limit = doubtful ? LIMITED_TRANSMIT_SEGMENTS * segmentBytes : Integer.MAX_VALUE;
        int most = Math.min(limit, inFlight);
        count++;
        int more = Math.max(0, Math.min(segmentBytes, Math.min(most, bytesMax) - bytes));
        bytes += more;
        return more;
    }

    /**
     * An acknowledgment of new data came: some of what the duplicates meant is part of it.
     *
     * @param segmentBytes the segment that filled the gap, for which no duplicate came
     * @return how many bytes have arrived that no duplicate meant
     */
    int onAdvance(int acknowledged, int segmentBytes) {
        int meant = Math.min(bytes, Math.max(0, acknowledged - segmentBytes));
        bytes -= meant;
        count = 0;
        return acknowledged - meant;
    }

    boolean reachesThreshold() {
        return count >= THRESHOLD;
    }

    boolean isNone() {
        return count == 0 && bytes == 0;
    }

    int bytes() {
        return bytes;
    }
}
