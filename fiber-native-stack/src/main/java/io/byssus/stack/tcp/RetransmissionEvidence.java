package io.byssus.stack.tcp;

/**
 * What tells whether the retransmissions of a recovery were in vain, so that its reduction of the
 * window can be undone (RFC 4015): the first acknowledgment of new data answers a transmission from
 * before the first retransmission, as its timestamp shows (Eifel detection, RFC 3522), or the peer
 * reports all that was sent again as received twice (RFC 2883, RFC 3708).
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class RetransmissionEvidence {
    private static final long NO_TIME = Long.MIN_VALUE;

    /** The recovery is over: what comes after it is acknowledged too late for a report. */
    private boolean expires;

    /** The reduction is not undone, nor too old to be. */
    private boolean open;

    /** Where the recovery began, and the end of what may have been sent again in it. */
    private int start;

    private int end;

    /** Until the first acknowledgment of new data. */
    private long firstRetransmissionNanos = NO_TIME;

    private boolean sentAgain;

    /** The peer has once reported what arrived twice, so that it would again. */
    private boolean duplicatesReported;

    /** Bytes sent again that the peer has not reported as received twice. */
    private long unreported;

    /**
     * A reduction begins that can be undone.
     *
     * @param probedBytes what a probe sent again before
     */
    void begin(int una, int next, int probedBytes) {
        open = true;
        start = una;
        end = next;
        firstRetransmissionNanos = NO_TIME;
        sentAgain = false;
        unreported = probedBytes;
        expires = false;
    }

    void close() {
        open = false;
    }

    void onRecovered(int next) {
        expires = true;
        end = SequenceNumber.max(end, next);
    }

    void onAcknowledged(int una) {
        if (expires && SequenceNumber.isAfter(una, end)) {
            open = false;
        }
    }

    boolean isOpen() {
        return open;
    }

    void onRetransmitted(long now, int bytes) {
        if (!open) {
            return;
        }
        if (!sentAgain) {
            sentAgain = true;
            firstRetransmissionNanos = now;
        }
        unreported += bytes;
    }

    /** The peer got this twice; what was not sent again here was doubled by the network. */
    void onDuplicate(int blockStart, int blockEnd) {
        duplicatesReported = true;
        boolean ours =
                SequenceNumber.isAtOrAfter(blockStart, start)
                        && SequenceNumber.isAtOrBefore(blockEnd, end);
        if (open && ours) {
            unreported -= blockEnd - blockStart;
        }
    }

    /** Everything that was sent again has been reported as received twice. */
    boolean allDuplicate() {
        return open && sentAgain && unreported <= 0;
    }

    /**
     * Takes an acknowledgment of new data; only the first counts. An old timestamp also comes back
     * if the original arrived in time and only its acknowledgment was lost: then the peer reports
     * that the retransmission was a duplicate. Where it may not be able to, it is not known which
     * it was if everything is acknowledged (RFC 3522, section 3.2, steps 5 and 6), or if the answer
     * came when one to the retransmission was due.
     *
     * @param doubtful one of these
     * @return whether it answers an original transmission
     */
    boolean answersOriginal(Acknowledgment ack, boolean doubtful) {
        if (!open || firstRetransmissionNanos == NO_TIME) {
            return false;
        }
        boolean original = ack.answersBefore(firstRetransmissionNanos);
        firstRetransmissionNanos = NO_TIME;
        return original && !ack.reportsDuplicate() && (duplicatesReported || !doubtful);
    }
}
