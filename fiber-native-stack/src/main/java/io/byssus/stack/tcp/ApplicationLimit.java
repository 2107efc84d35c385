package io.byssus.stack.tcp;

/**
 * Whether the window is used: one that is not says nothing about the path, so it must not grow, and
 * must not stay large for ever. The core of RFC 7661 (congestion window validation):
 *
 * <ul>
 *   <li>in slow start the window may grow while more than half of it was in flight at once in this
 *       round or the last one (RFC 7661 calls such a window validated; what was in flight stands
 *       for its pipeACK);
 *   <li>in congestion avoidance, while all of it was, up to a part of a segment: it is the window
 *       that held the sender back, not the application or the peer's window;
 *   <li>if less than half of it was used for five minutes, half of it is taken away (4.4.3).
 * </ul>
 *
 * A pause is not seen here, as nothing is acknowledged in it: {@link CongestionController#onIdle}.
 *
 * <p><b>Ownership:</b> its congestion controller.
 */
final class ApplicationLimit {
    /** The non-validated period (RFC 7661, 4.4). */
    static final long UNUSED_NANOS_MAX = 300_000_000_000L;

    /** The most that was in flight at once in this round, and in the last one. */
    private int flight;

    private int lastFlight;

    /** Whether the window was full in this round, and in the last one. */
    private boolean full;

    private boolean lastFull;

    /** When the window was seen to be used last. */
    private long usedAt;

    private boolean begun;

    /**
     * An acknowledgment came.
     *
     * @param inFlight before it
     * @param roundEnds whether the round ends with it
     */
    void onAck(long now, int inFlight, int window, int segmentBytes, boolean roundEnds) {
        if (roundEnds) {
            lastFlight = flight;
            lastFull = full;
            flight = 0;
            full = false;
        }
        flight = Math.max(flight, inFlight);
        full |= inFlight > window - segmentBytes;
        if (!begun || isHalfUsed(window)) {
            begun = true;
            usedAt = now;
        }
    }

    /** Whether all of the window was in flight. */
    boolean isUsed() {
        return full || lastFull;
    }

    /** Whether more than half of {@code window} was in flight. */
    boolean isHalfUsed(int window) {
        return isUsed() || Math.max(flight, lastFlight) > window / 2;
    }

    /** Whether the window was unused for so long that it must be halved; asks for it once. */
    boolean takesHalf(long now) {
        if (now - usedAt <= UNUSED_NANOS_MAX) {
            return false;
        }
        usedAt = now;
        return true;
    }
}
