package io.byssus.stack.tcp;

/**
 * The receive sequence variables of a connection (RFC 9293, 3.3.1), and where its stream ends.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class ReceiveSequence {
    /** IRS: the number of the peer's SYN. */
    private int initial;

    /** RCV.NXT: the next that is expected. */
    private int next;

    /** RCV.WND. */
    private final ReceiveWindow window;

    /** The number of the peer's FIN, once it is known. */
    private int finSequence;

    private boolean finKnown;

    /** RCV.UP: the number after the urgent data (MUST-62 counts it so), once there was some. */
    private int urgentEnd;

    private boolean urgent;

    ReceiveSequence(ReceiveWindow window) {
        this.window = window;
    }

    /** The peer's SYN has arrived. */
    void begin(int initialSequence) {
        initial = initialSequence;
        next = initialSequence + 1;
    }

    int initial() {
        return initial;
    }

    int next() {
        return next;
    }

    /** RCV.WND: what the peer may still send by what it was last told. */
    int window() {
        return window.window(next);
    }

    /** {@code count} numbers have arrived in order. */
    void advance(int count) {
        next += count;
    }

    /** Whether a segment has a part in the window (RFC 9293, table 6). */
    boolean isAcceptable(Segment segment) {
        int window = window();
        int length = segment.length();
        if (length == 0) {
            return segment.sequence == next
                    || SequenceNumber.isWithin(segment.sequence, next, window);
        }
        return window > 0
                && (SequenceNumber.isWithin(segment.sequence, next, window)
                        || SequenceNumber.isWithin(segment.end() - 1, next, window)
                        || (SequenceNumber.isBefore(segment.sequence, next)
                                && SequenceNumber.isAfter(segment.end(), next)));
    }

    /** The peer's stream ends before {@code sequence}, the number of its FIN. */
    void noteFin(int sequence) {
        if (!finKnown) {
            finKnown = true;
            finSequence = sequence;
        }
    }

    /** Whether all text before the peer's FIN has arrived. */
    boolean reachedFin() {
        return finKnown && next == finSequence;
    }

    /** Whether the FIN itself has been taken in. */
    boolean isFinished() {
        return finKnown && SequenceNumber.isAfter(next, finSequence);
    }

    /**
     * The peer says that what comes before {@code end} is urgent.
     *
     * @param consumed the number of the next byte that the application takes
     * @return whether that is news
     */
    boolean noteUrgent(int end, int consumed) {
        if (!SequenceNumber.isAfter(end, urgent ? urgentEnd : consumed)) {
            return false;
        }
        urgent = true;
        urgentEnd = end;
        return true;
    }

    /** The application has taken all before {@code consumed}: urgent data may have been in it. */
    void onTaken(int consumed) {
        urgent &= SequenceNumber.isAfter(urgentEnd, consumed);
    }

    /** Whether there is urgent data that has not been taken. */
    boolean hasUrgent() {
        return urgent;
    }

    int urgentEnd() {
        return urgentEnd;
    }
}
