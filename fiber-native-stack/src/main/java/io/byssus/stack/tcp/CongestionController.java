package io.byssus.stack.tcp;

/**
 * Decides how much may be in flight; what is lost and what is sent again is {@code LossRecovery}'s
 * to decide (RFC 5681 mixes the two, RFC 6675 and RFC 8985 part them). All amounts are bytes of
 * data: a SYN or a FIN is none.
 *
 * <p>The window always suffices for one segment, and is at most {@value #WINDOW_BYTES_MAX}.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
public interface CongestionController {
    /** 1 GiB: no peer can offer more (RFC 7323, 2.3). */
    int WINDOW_BYTES_MAX = 1 << 30;

    /** What made the sender slow down. */
    enum Signal {
        LOSS,
        /** The peer echoed a congestion mark (RFC 3168). */
        ECN
    }

    /** The congestion window (cwnd). */
    int window();

    /**
     * Below it the window grows exponentially (ssthresh); {@link Integer#MAX_VALUE} while unknown.
     */
    int slowStartThreshold();

    /**
     * The peer has acknowledged {@code bytes} more (cumulatively or selectively), outside of a
     * recovery. What follows a timeout is no recovery in this sense: the window grows from one
     * segment by these calls.
     *
     * @param bytes counted once, when first acknowledged in either way
     * @param roundTripNanos a sample, or 0 if this acknowledgment gave none
     * @param inFlight before this acknowledgment: sent, and neither acknowledged in either way nor
     *     taken for lost (the pipe of RFC 6675)
     * @param sequence all before it is acknowledged now (SND.UNA)
     * @param nextSequence the next that will be sent (SND.NXT): where the next round begins
     */
    void onAck(
            long now, int bytes, long roundTripNanos, int inFlight, int sequence, int nextSequence);

    /**
     * A recovery begins, or a congestion mark came: the threshold falls, and the window with it. In
     * a recovery proportional rate reduction decides what is sent, until {@link #onRecovered}. To
     * be called once for the losses or marks of one round trip.
     *
     * @param flightSize sent and not acknowledged (FlightSize of RFC 5681), before the
     *     acknowledgment that told of the loss; what is taken for lost is part of it
     */
    void onCongestion(long now, Signal signal, int flightSize);

    /**
     * The recovery is over: the window is the threshold. Does nothing after a timeout or {@link
     * #undo}, which end a recovery too.
     */
    void onRecovered(long now);

    /**
     * The retransmission timer fired: the window is one segment. The threshold falls at the first
     * of several timeouts for the same segment only.
     *
     * @param flightSize as in {@link #onCongestion}
     */
    void onTimeout(long now, int flightSize);

    /**
     * The retransmission timer fired for a SYN, before any data: the connection starts with one
     * segment (RFC 5681, 3.1), and the threshold stays unknown.
     */
    void onHandshakeTimeout();

    /**
     * The last reduction was not for loss (RFC 4015, 5682): as before it, if the window is smaller
     * now. Does nothing when there is nothing to undo, or when a congestion mark came since.
     */
    void undo(long now);

    /**
     * Nothing is in flight and nothing was sent for {@code idleNanos}; before the next
     * transmission, however short the pause was.
     *
     * @param timeoutNanos the retransmission timeout: after a longer pause the window restarts
     */
    void onIdle(long now, long idleNanos, long timeoutNanos);

    /** The segment size (SMSS: data without options) has changed. */
    void segmentSize(int bytes);
}
