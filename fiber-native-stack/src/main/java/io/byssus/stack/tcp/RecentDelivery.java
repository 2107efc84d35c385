package io.byssus.stack.tcp;

/**
 * The delivered segment that was sent last: what was sent long enough before it is lost (RFC 8985,
 * section 6.2, step 2: RACK.xmit_ts, RACK.end_seq and RACK.rtt).
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class RecentDelivery {
    private boolean known;
    private long sentNanos;
    private int end;
    private long roundTripNanos;

    /** Nothing is offered yet of what the current acknowledgment delivers. */
    private boolean fresh = true;

    void clear() {
        known = false;
    }

    /** An acknowledgment came. */
    void beginAcknowledgment() {
        fresh = true;
    }

    /** A segment is newly delivered; one that was sent more than once must be unambiguous. */
    void offer(long now, SentSegments segments, int slot, Acknowledgment ack, long minimumNanos) {
        long sent = segments.sentNanos(slot);
        long sample = now - sent;
        if (segments.wasRetransmitted(slot) && (ack.answersBefore(sent) || sample < minimumNanos)) {
            return; // it may be the earlier transmission that arrived
        }
        // The order of the blocks must not matter: what was sent last has the shortest round trip.
        roundTripNanos = fresh ? sample : Math.min(roundTripNanos, sample);
        fresh = false;
        if (!known || !isAfter(sent, segments.end(slot))) {
            known = true;
            sentNanos = sent;
            end = segments.end(slot);
        }
    }

    boolean isKnown() {
        return known;
    }

    /** Whether it was sent after the segment that ends with {@code otherEnd}. */
    boolean isAfter(long otherSentNanos, int otherEnd) {
        return sentNanos > otherSentNanos
                || (sentNanos == otherSentNanos && SequenceNumber.isAfter(end, otherEnd));
    }

    long sentNanos() {
        return sentNanos;
    }

    long roundTripNanos() {
        return roundTripNanos;
    }
}
