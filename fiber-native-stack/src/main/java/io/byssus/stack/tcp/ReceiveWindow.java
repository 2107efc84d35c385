package io.byssus.stack.tcp;

/**
 * The window that is offered to the peer (RCV.WND), kept as its right edge.
 *
 * <pre>
 *        waits for the application         RCV.NXT                      edge
 *   -----|---------------------------------|----------------------------|-----
 *         \______ queuedCharged __________/ \__ offered: memory backs it_/
 *   limit: memory, by capacity, for both, and an eighth in reserve
 * </pre>
 *
 * <ul>
 *   <li>The edge never moves back (SHLD-14), unless memory forces it: {@link #shrink}, counted.
 *   <li>It advances by a full segment or half of the whole window, or not at all (MUST-39, RFC 9293
 *       section 3.8.6.2.2: the receiver's side of the silly window syndrome).
 *   <li>A window must be backed by memory. The limit is one of capacity; how many payload bytes
 *       that is follows from how well the frames that arrive are filled, as measured.
 *   <li>A scaled window counts in units of 2^shift bytes, so that the same edge seldom can be said
 *       again when RCV.NXT has advanced. It is then rounded up; what that adds comes out of the
 *       reserve. When a peer of tiny segments has used that up too, it is rounded down: the peer
 *       sees the edge go back by less than a unit, which is counted; what it may have sent before
 *       is accepted still (RFC 7323 section 2.4).
 *   <li>The limit grows with what the application takes per round trip, up to a maximum, which the
 *       scale follows from ({@link ReceiveTuning}).
 * </ul>
 *
 * <p>A peer that fills its frames well until it was offered much, and then a quarter of each, makes
 * us hold four times the limit at most: what is beyond it is for the {@link MemoryBudget} to
 * refuse.
 *
 * <p>What waits out of order is not part of {@code queuedCharged}: it lies inside of the window,
 * and its memory was promised with that.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard. Windows are bytes, never
 * negative, in 32 bits (MUST-1, REC-1); edges are sequence numbers.
 */
final class ReceiveWindow {
    /** The largest value of the header's field. */
    static final int FIELD_MAX = 65_535;

    /** RFC 7323 section 2.3. */
    static final int SHIFT_MAX = 14;

    /** The efficiency is counted in parts of this. */
    private static final int EFFICIENCY_SHIFT = 12;

    private static final int EFFICIENCY_ONE = 1 << EFFICIENCY_SHIFT;

    /** Until frames were measured: half of each is payload. */
    private static final int EFFICIENCY_INITIAL = EFFICIENCY_ONE / 2;

    /** What fills less of its frame is copied out of it, see {@link ReceivedPayload}. */
    private static final int EFFICIENCY_MIN = EFFICIENCY_ONE / 4;

    /** A frame counts a sixteenth. */
    private static final int SMOOTHING_SHIFT = 4;

    /** An eighth of the limit is for rounding up. */
    private static final int RESERVE_SHIFT = 3;

    /**
     * An update is due from a window this low, or for so much, in parts of the whole (FreeBSD's).
     */
    private static final int LOW_DIVISOR = 8;

    private static final int MUCH_DIVISOR = 4;

    private final ReceiveTuning tuning = new ReceiveTuning();

    private int mss;
    private int limit;
    private int limitMax;
    private int shift;

    /** The furthest that was promised: what is before it is accepted. */
    private int edge;

    /** As the last segment said it; behind {@link #edge} by less than a unit at most. */
    private int offeredEdge;

    private int efficiency;

    private long roundedBack;
    private long shrinks;
    private long shrunkBytes;

    /** The scale with which a window of {@code windowMax} bytes can be offered, at most 14. */
    static int shiftFor(int windowMax) {
        int shift = 0;
        while (shift < SHIFT_MAX && FIELD_MAX << shift < windowMax) {
            shift++;
        }
        return shift;
    }

    /**
     * Before the first SYN is sent.
     *
     * @param mss of the segments that the peer may send us
     * @param limitInitial bytes of memory for the window and for what waits
     * @param limitMax what that may grow to
     */
    void init(int mss, int limitInitial, int limitMax) {
        assert mss > 0 && limitInitial > 0 && limitInitial <= limitMax;
        this.mss = mss;
        this.limit = limitInitial;
        this.limitMax = limitMax;
        this.efficiency = EFFICIENCY_INITIAL;
        this.shift = 0;
        tuning.init(mss);
    }

    /** The field of a SYN, which is never scaled (RFC 7323 section 2.2). */
    int synWindow() {
        return Math.min(FIELD_MAX, backed(limit - reserve(), 0));
    }

    /**
     * The peer's SYN has arrived.
     *
     * @param rcvNxt behind the SYN
     * @param shift the scale that we offered, or 0 if the peer's SYN had no scale: then none is
     *     used
     */
    void begin(int rcvNxt, int shift) {
        assert shift >= 0 && shift <= SHIFT_MAX;
        this.shift = shift;
        edge = rcvNxt + synWindow();
        offeredEdge = edge;
    }

    /** Bytes from {@code rcvNxt} on that are accepted. */
    int window(int rcvNxt) {
        int window = SequenceNumber.distance(rcvNxt, edge);
        // A FIN needs no memory, so that it may be accepted where the window is full.
        assert window >= -1 : "data was accepted behind the edge by " + -window;
        return Math.max(0, window);
    }

    /** RCV.NXT + RCV.WND: the sequence number behind the last byte that is accepted. */
    int edge() {
        return edge;
    }

    /** Bytes of memory for the window and for what waits. */
    int limit() {
        return limit;
    }

    /** How often the peer saw the edge go back by less than a unit of the scale. */
    long roundedBack() {
        return roundedBack;
    }

    /** How often memory forced the edge back. */
    long shrinks() {
        return shrinks;
    }

    /** By how many bytes in all. */
    long shrunkBytes() {
        return shrunkBytes;
    }

    /** Nanoseconds, as the receiver sees it; 0 while unknown. */
    long roundTrip() {
        return tuning.roundTrip();
    }

    /**
     * The window field of a segment that is about to be sent, in units of the scale; advances the
     * edge if that is due.
     *
     * @param queuedCharged bytes of memory that hold what waits for the application
     */
    int offer(int rcvNxt, int queuedCharged) {
        int gain = gain(rcvNxt, queuedCharged);
        int window = gain > 0 ? window(rcvNxt) + gain : rounded(rcvNxt, queuedCharged);
        int offered = rcvNxt + window;
        if (SequenceNumber.isBefore(offered, offeredEdge)) {
            roundedBack++;
        }
        edge = SequenceNumber.max(edge, offered);
        offeredEdge = offered;
        assert window >>> shift <= FIELD_MAX && (window & (unit() - 1)) == 0;
        return window >>> shift;
    }

    /**
     * Whether a segment is worth to be sent for its window alone, after the application has taken
     * some of what waits: if the peer could not send a full segment before, or may send much more
     * now. What it is told in between rides on acknowledgments.
     */
    boolean updateDue(int rcvNxt, int queuedCharged) {
        int gain = gain(rcvNxt, queuedCharged);
        if (gain == 0) {
            return false;
        }
        int offered = Math.max(0, SequenceNumber.distance(rcvNxt, offeredEdge));
        int whole = whole();
        return offered < mss || offered <= whole / LOW_DIVISOR || gain >= whole / MUCH_DIVISOR;
    }

    /**
     * Data has arrived in order.
     *
     * @param rcvNxt behind this data
     * @param length bytes of payload
     * @param capacity bytes of memory of the frame that it came in
     */
    void onData(long now, int rcvNxt, int length, int capacity) {
        assert length > 0 && length <= capacity;
        long measured = ((long) length << EFFICIENCY_SHIFT) / capacity;
        int sample = (int) Math.max(EFFICIENCY_MIN, measured);
        efficiency += (sample - efficiency) >> SMOOTHING_SHIFT;
        tuning.onData(now, rcvNxt, edge);
    }

    /**
     * A timestamp of ours that came back with a full segment was {@code nanos} old. (A smaller one
     * may have waited for the peer's application.)
     */
    void onRoundTrip(long nanos) {
        tuning.onRoundTrip(nanos);
    }

    /**
     * The application has taken {@code bytes}: the limit may grow.
     *
     * @param mayGrow false while the stack's memory is scarce
     */
    void onTaken(long now, int bytes, boolean mayGrow) {
        int wanted = tuning.onTaken(now, bytes, mayGrow);
        if (wanted == 0) {
            return;
        }
        long memory = ((long) wanted << EFFICIENCY_SHIFT) / efficiency;
        memory += memory >> (RESERVE_SHIFT - 1); // more than the reserve, which is part of it
        limit = (int) Math.max(limit, Math.min(limitMax, memory));
    }

    /**
     * Lowers the limit, for memory is scarce; it grows again as it did before. The edge stays, so
     * that the window closes as the peer uses it.
     */
    void limitTo(int bytes) {
        if (bytes < limit) {
            limit = bytes;
            tuning.init(mss);
        }
    }

    /**
     * Takes back what was promised beyond {@code window} bytes: memory forces it. What the peer has
     * sent already will be dropped and sent again; it must survive that (MUST-34).
     */
    void shrink(int rcvNxt, int window) {
        int taken = window(rcvNxt) - window;
        if (taken <= 0) {
            return;
        }
        shrinks++;
        shrunkBytes += taken;
        edge = rcvNxt + window;
        offeredEdge = SequenceNumber.min(offeredEdge, edge);
    }

    /** By how much the edge advances with the next segment; 0 if it stays. */
    private int gain(int rcvNxt, int queuedCharged) {
        int window = backed(limit - reserve(), queuedCharged);
        window = Math.min(window, FIELD_MAX << shift) & -unit();
        int gain = window - window(rcvNxt);
        return gain > 0 && gain >= Math.min(mss, whole() / 2) ? gain : 0;
    }

    /** The window up to the same edge, in whole units. */
    private int rounded(int rcvNxt, int queuedCharged) {
        int window = window(rcvNxt);
        int up = (window + unit() - 1) & -unit();
        boolean fits = up <= FIELD_MAX << shift && up <= backed(limit, queuedCharged);
        return up == window || fits ? up : window & -unit();
    }

    /** The window when nothing waits (RCV.BUFF of the RFC). */
    private int whole() {
        return Math.min(FIELD_MAX << shift, backed(limit - reserve(), 0));
    }

    /** Payload bytes for which there is memory. */
    private int backed(int memory, int queuedCharged) {
        long left = Math.max(0, (long) memory - queuedCharged);
        return (int) ((left * efficiency) >> EFFICIENCY_SHIFT);
    }

    private int reserve() {
        return limit >> RESERVE_SHIFT;
    }

    private int unit() {
        return 1 << shift;
    }
}
