package io.byssus.stack.tcp;

/**
 * Decides how much may be in flight; what is lost and what is sent again is {@code LossRecovery}'s
 * to decide (RFC 5681 mixes the two, RFC 6675 and RFC 8985 part them). All amounts are bytes.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
public interface CongestionController {
    /** What made the sender slow down. */
    enum Signal {
        LOSS,
        /** The peer echoed a congestion mark (RFC 3168). */
        ECN
    }

    /** The congestion window. */
    int window();

    /** Below it the window grows exponentially; {@link Integer#MAX_VALUE} while unknown. */
    int slowStartThreshold();

    /**
     * The peer has acknowledged {@code bytes} more (cumulatively or selectively), outside of a
     * recovery.
     *
     * @param roundTripNanos a sample, or 0 if this acknowledgment gave none
     * @param inFlight before this acknowledgment
     * @param sequence the highest that is acknowledged now
     * @param nextSequence the next that will be sent: where the next round begins
     */
    void onAck(
            long now, int bytes, long roundTripNanos, int inFlight, int sequence, int nextSequence);

    /**
     * A recovery begins: the threshold falls. Proportional rate reduction decides what is sent
     * until {@link #onRecovered}.
     */
    void onCongestion(long now, Signal signal, int inFlight);

    /** The recovery is over: the window is the threshold. */
    void onRecovered(long now);

    /** The retransmission timer fired: the window is one segment. */
    void onTimeout(long now, int inFlight);

    /** The last reduction was not for loss (RFC 4015, 5682): as before it. */
    void undo(long now);

    /** Nothing was sent for longer than {@code idleNanos}; before the next transmission. */
    void onIdle(long now, long idleNanos, long timeoutNanos);

    /** The segment size has changed. */
    void segmentSize(int bytes);
}
