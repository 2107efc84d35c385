package io.byssus.stack.tcp;

/**
 * The probe for the loss of the last segments of a flight, of which no later one could tell (RFC
 * 8985, section 7): a segment is sent, new or the last again, before the retransmission timer
 * fires. One at a time.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class TailLossProbe {
    /** How long a peer may hold back the acknowledgment of a single segment. */
    static final long PEER_DELAY_NANOS = 200_000_000L;

    /** While there is no sample of the round trip. */
    static final long UNKNOWN_NANOS = 1_000_000_000L;

    /** It shall be sent. */
    private boolean due;

    /** It was sent, and is not acknowledged: TLP.end_seq is not None. */
    private boolean outstanding;

    /** How much was sent again for it, 0 if it was new data. */
    private int repeatedBytes;

    private int end;

    void clear() {
        due = false;
        outstanding = false;
    }

    /** How long to wait: PTO. */
    static long delayNanos(RoundTripEstimator roundTrip, boolean oneSegmentInFlight) {
        if (!roundTrip.hasSample()) {
            return UNKNOWN_NANOS;
        }
        return 2 * roundTrip.smoothedNanos() + (oneSegmentInFlight ? PEER_DELAY_NANOS : 0);
    }

    boolean isDue() {
        return due;
    }

    boolean isOutstanding() {
        return outstanding;
    }

    void onTimer() {
        due = true;
    }

    void cancel() {
        due = false;
    }

    /**
     * It was sent.
     *
     * @param repeated how much was sent again for it, 0 if it was new data
     * @param next the highest sequence number that was sent, the probe included
     */
    void onSent(int repeated, int next) {
        due = false;
        outstanding = true;
        repeatedBytes = repeated;
        end = next;
    }

    /** Bytes that were sent again and may be reported as received twice. */
    int repeatedBytes() {
        return outstanding ? repeatedBytes : 0;
    }

    /** Whether the block reports that the probe was needless: the peer had the segment already. */
    boolean isAnsweredBy(int blockEnd) {
        return repeatedBytes() > 0 && blockEnd == end;
    }

    /**
     * Takes an acknowledgment (TLP_process_ack).
     *
     * @param acknowledgment SEG.ACK
     * @param duplicated it reports that the probe was received twice
     * @param bare it acknowledges nothing new and has no SACK block
     * @return whether the probe repaired a loss, so that the sender has to slow down
     */
    boolean onAck(int acknowledgment, boolean duplicated, boolean bare) {
        if (!outstanding || SequenceNumber.isBefore(acknowledgment, end)) {
            return false;
        }
        boolean beyond = SequenceNumber.isAfter(acknowledgment, end);
        if (repeatedBytes == 0 || duplicated || bare) {
            outstanding = false; // no loss, or what RACK will see
        } else if (beyond) {
            outstanding = false;
            return true;
        }
        return false;
    }
}
