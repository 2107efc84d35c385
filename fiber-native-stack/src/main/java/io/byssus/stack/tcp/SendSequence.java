package io.byssus.stack.tcp;

/**
 * The send sequence variables of a connection (RFC 9293, 3.3.1) and the peer's window:
 *
 * <pre>
 *        1         2          3          4
 *   ----------|----------|----------|----------
 *     unacknowledged   next   unacknowledged + window
 *
 *   1 acknowledged   2 in flight   3 may be sent   4 beyond the window
 * </pre>
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class SendSequence {
    /** ISS: the number of our SYN. */
    private int initial;

    /** SND.UNA: the oldest that is not acknowledged. */
    private int unacknowledged;

    /** SND.NXT: the next new one. */
    private int next;

    /** The number after a byte that was sent beyond the window to probe it; else {@link #next}. */
    private int probed;

    /** SND.WND, scaled, in bytes. */
    private int window;

    /** The largest window the peer has offered (RFC 5961's MAX.SND.WND; silly windows too). */
    private int windowMax;

    /** SND.WL1 and SND.WL2: the segment that told the window. */
    private int windowSequence;

    private int windowAcknowledgment;

    /** How many bits the peer's windows are shifted by (RFC 7323); after the handshake. */
    private int scale;

    SendSequence() {}

    /** Before the SYN is sent. */
    void begin(int initialSequence) {
        initial = initialSequence;
        unacknowledged = initialSequence;
        next = initialSequence;
        probed = initialSequence;
    }

    int initial() {
        return initial;
    }

    int unacknowledged() {
        return unacknowledged;
    }

    int next() {
        return next;
    }

    int window() {
        return window;
    }

    int windowMax() {
        return windowMax;
    }

    void scale(int bits) {
        scale = bits;
    }

    int scale() {
        return scale;
    }

    /** {@code count} new numbers were sent. */
    void advance(int count) {
        next += count;
        probed = SequenceNumber.max(probed, next);
    }

    /** One number beyond {@link #next} was sent to probe a closed window. */
    void probe() {
        probed = next + 1;
    }

    /** Whether the peer has taken a byte that was only a probe. */
    boolean acknowledgesProbe(int acknowledgment) {
        return SequenceNumber.isAfter(acknowledgment, next)
                && SequenceNumber.isAtOrBefore(acknowledgment, probed);
    }

    /** Everything before {@code acknowledgment} has arrived. */
    void acknowledge(int acknowledgment) {
        assert SequenceNumber.isAtOrAfter(acknowledgment, unacknowledged);
        assert SequenceNumber.isAtOrBefore(acknowledgment, next);
        unacknowledged = acknowledgment;
    }

    /** Whether {@code acknowledgment} says something new. */
    boolean isNew(int acknowledgment) {
        return SequenceNumber.isAfter(acknowledgment, unacknowledged)
                && SequenceNumber.isAtOrBefore(acknowledgment, probed);
    }

    /**
     * Whether an acknowledgment can come from the peer: neither of what was never sent, nor older
     * than the largest window (RFC 5961, 5.2).
     */
    boolean isPlausible(int acknowledgment) {
        return SequenceNumber.isAtOrBefore(acknowledgment, probed)
                && SequenceNumber.isAtOrAfter(acknowledgment, unacknowledged - windowMax);
    }

    /**
     * Takes the window of a segment, unless an older one that overtook it (RFC 9293, 3.10.7.4).
     *
     * @return whether the window has changed
     */
    boolean updateWindow(Segment segment) {
        if (SequenceNumber.isBefore(segment.acknowledgment, unacknowledged)
                || SequenceNumber.isAfter(windowSequence, segment.sequence)
                || (windowSequence == segment.sequence
                        && SequenceNumber.isAfter(windowAcknowledgment, segment.acknowledgment))) {
            return false;
        }
        int before = window;
        takeWindow(segment);
        return window != before;
    }

    /** Takes the window of the first segment, whatever its numbers. */
    void takeWindow(Segment segment) {
        window = segment.windowUnscaled ? segment.window : segment.window << scale;
        windowMax = Math.max(windowMax, window);
        windowSequence = segment.sequence;
        windowAcknowledgment = segment.acknowledgment;
    }

    /** New numbers that the peer's window has room for; 0 after it shrank (SHLD-15). */
    int usable() {
        return Math.max(0, SequenceNumber.distance(next, unacknowledged + window));
    }
}
