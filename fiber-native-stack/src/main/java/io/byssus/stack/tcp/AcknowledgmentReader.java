package io.byssus.stack.tcp;

/**
 * Applies an acknowledgment to the {@link SentSegments}, and says what it delivered that was not
 * known to be delivered before.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class AcknowledgmentReader {
    private static final long NO_TIME = Long.MIN_VALUE;

    private final SentSegments segments;
    private final RecentDelivery recent;
    private final ReorderWindow reordering;
    private final RecoveryCounters counters;

    /** Bytes that are newly acknowledged cumulatively, even if they were SACKed before. */
    private int acknowledged;

    /** Bytes that are newly acknowledged, cumulatively or selectively. */
    private int delivered;

    /** When the first of the newly delivered was sent last. */
    private long firstSent;

    private boolean retransmitted;

    /** Something that was sent once, before {@link #boundary}, is delivered. */
    private boolean original;

    /** Something that was sent after it is delivered. */
    private boolean beyond;

    private int boundary;
    private int highestBefore;

    AcknowledgmentReader(
            SentSegments segments,
            RecentDelivery recent,
            ReorderWindow reordering,
            RecoveryCounters counters) {
        this.segments = segments;
        this.recent = recent;
        this.reordering = reordering;
        this.counters = counters;
    }

    /**
     * @param sequence where the last recovery began: parts what was sent before it from the rest
     * @param minimumNanos the smallest round trip
     */
    void read(long now, Acknowledgment ack, boolean selective, int sequence, long minimumNanos) {
        acknowledged = 0;
        delivered = 0;
        firstSent = NO_TIME;
        retransmitted = false;
        original = false;
        beyond = false;
        boundary = sequence;
        recent.beginAcknowledgment();
        highestBefore = reordering.highestDelivered();
        readCumulative(now, ack, minimumNanos);
        if (selective) {
            for (int i = ack.reportsDuplicate() ? 1 : 0; i < ack.sackBlocks(); i++) {
                readBlock(now, ack, i, minimumNanos);
            }
        }
        reordering.onAcknowledged(segments.una());
    }

    private void readCumulative(long now, Acknowledgment ack, long minimumNanos) {
        int una = ack.una;
        int before = segments.una();
        int slot = segments.first();
        while (slot != SentSegments.NONE && SequenceNumber.isAtOrBefore(segments.end(slot), una)) {
            if (!segments.isSacked(slot)) {
                deliver(now, slot, ack, minimumNanos);
            }
            segments.removeFirst();
            slot = segments.first();
        }
        if (slot != SentSegments.NONE && SequenceNumber.isAfter(una, segments.start(slot))) {
            delivered += segments.isSacked(slot) ? 0 : una - segments.start(slot);
            segments.trimFirst(una);
        }
        acknowledged = segments.una() - before;
    }

    private void readBlock(long now, Acknowledgment ack, int index, long minimumNanos) {
        int end = ack.sackEnd(index);
        if (!SequenceNumber.isBefore(ack.sackStart(index), end)
                || SequenceNumber.isAfter(end, segments.next())) {
            counters.ignoredBlocks++;
            return;
        }
        int start = SequenceNumber.max(ack.sackStart(index), segments.una());
        if (!SequenceNumber.isBefore(start, end)) {
            return; // an old acknowledgment, overtaken by a newer one
        }
        int slot = segments.firstFrom(start);
        if (slot != SentSegments.NONE) {
            slot = segments.unsackedFrom(slot);
        }
        while (slot != SentSegments.NONE && SequenceNumber.isAtOrBefore(segments.end(slot), end)) {
            deliver(now, slot, ack, minimumNanos);
            segments.markSacked(slot);
            slot = segments.unsackedFrom(slot);
        }
    }

    private void deliver(long now, int slot, Acknowledgment ack, long minimumNanos) {
        int end = segments.end(slot);
        boolean again = segments.wasRetransmitted(slot);
        delivered += segments.length(slot);
        retransmitted |= again;
        if (firstSent == NO_TIME) {
            firstSent = segments.sentNanos(slot);
        }
        boolean before = SequenceNumber.isAtOrBefore(end, boundary);
        original |= before && !again;
        beyond |= !before;
        recent.offer(now, segments, slot, ack, minimumNanos);
        reordering.onDelivered(end, again, highestBefore);
    }

    int acknowledged() {
        return acknowledged;
    }

    int delivered() {
        return delivered;
    }

    boolean deliversOriginal() {
        return original;
    }

    boolean deliversBeyond() {
        return beyond;
    }

    /** How long ago the first of what it delivers was sent, the last time; 0 if not known. */
    long sinceSentNanos(long now) {
        return firstSent == NO_TIME ? 0 : now - firstSent;
    }

    /**
     * How long the round trip took: of the first of what it delivers, if nothing of it was sent
     * twice (Karn's algorithm), else by the timestamp; 0 if neither tells, or if no time has passed
     * (the caller learned of a transmission by its acknowledgment, as of a window probe).
     *
     * <p>An echo from before the last transmission tells nothing: most likely the acknowledgment of
     * the original was lost, and what seems to be a round trip was our own wait for the timer.
     */
    long roundTripNanos(long now, Acknowledgment ack) {
        if (firstSent != NO_TIME && !retransmitted) {
            return Math.max(0, now - firstSent);
        }
        boolean ambiguous =
                ack.reportsDuplicate() || (firstSent != NO_TIME && ack.answersBefore(firstSent));
        boolean tells = acknowledged > 0 && ack.hasEcho() && !ambiguous;
        return tells ? Math.max(0, now - ack.echoedSentNanos) : 0;
    }
}
