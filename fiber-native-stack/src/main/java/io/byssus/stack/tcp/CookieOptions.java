package io.byssus.stack.tcp;

/**
 * What a SYN asked for, kept in the low bits of the timestamp that answers it, as the peer echoes
 * that; beside {@link SynCookies}, whose sequence number has no room for it. Without timestamps
 * none of it is offered.
 *
 * <pre>
 *  31                              6   5    4   3        0
 * +----------------------------------+-----+------+--------+
 * |     milliseconds, as otherwise   | ECN | SACK | scale  |
 * +----------------------------------+-----+------+--------+
 * </pre>
 *
 * <p>These bits are not authenticated: a peer that changes them deceives itself. One timestamp in
 * 64 ms stands for all of them, so an echo is no sample of the round trip.
 *
 * <p><b>Ownership:</b> functions.
 */
final class CookieOptions {
    /** The value of the scale's bits if the SYN had no scale: neither side scales. */
    static final int NO_SCALE = 0x0f;

    static final int SACK = 0x10;
    static final int ECN = 0x20;

    /** RFC 7323, 2.3. */
    static final int SCALE_MAX = 14;

    private static final int SCALE_MASK = 0x0f;
    private static final int MASK = 0x3f;

    private CookieOptions() {}

    /**
     * The timestamp to answer with: the last one not after {@code value} that ends in these bits.
     * What the connection sends later is therefore never before it.
     *
     * @param value the clock's
     * @param options the peer's scale, at most {@link #SCALE_MAX}, or {@link #NO_SCALE}; with
     *     {@link #SACK} and {@link #ECN}
     */
    static int timestampValue(int value, int options) {
        assert (options & ~MASK) == 0 : "options=" + options;
        int marked = (value & ~MASK) | options;
        return SequenceNumber.isAfter(marked, value) ? marked - (MASK + 1) : marked;
    }

    /** The options in a timestamp that the peer echoes. */
    static int of(int echo) {
        return echo & MASK;
    }

    /** The peer's window scale; 0 if it does not scale. */
    static int scale(int options) {
        return hasScale(options) ? options & SCALE_MASK : 0;
    }

    /** Whether the peer scales, and understands our scale. */
    static boolean hasScale(int options) {
        return (options & SCALE_MASK) != NO_SCALE;
    }
}
