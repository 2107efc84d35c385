package io.byssus.stack.tcp;

import java.util.EnumSet;
import java.util.Set;

/**
 * The states of a connection (RFC 9293, 3.3.2), with what leads out of each. Every state can also
 * go to {@link #CLOSED}: by a reset, an abort, or a peer that does not answer.
 *
 * <p>LISTEN is no state of a connection here but a {@code TcpListener}, which makes connections in
 * {@link #SYN_RECEIVED}; TIME-WAIT goes on in a {@code TimeWaitTable} when the connection itself
 * has gone.
 */
public enum TcpState {
    /**
     * There is no connection: not yet, or not any more.
     *
     * <ul>
     *   <li>{@link #SYN_SENT}: active open
     *   <li>{@link #SYN_RECEIVED}: a listener got a SYN
     *   <li>{@link #ESTABLISHED}: a listener got a cookie back (RFC 4987)
     * </ul>
     */
    CLOSED,
    /**
     * A SYN is on its way.
     *
     * <ul>
     *   <li>{@link #ESTABLISHED}: SYN,ACK came
     *   <li>{@link #SYN_RECEIVED}: SYN came, simultaneous open (MUST-10)
     * </ul>
     */
    SYN_SENT,
    /**
     * SYNs went both ways; ours is not acknowledged.
     *
     * <ul>
     *   <li>{@link #ESTABLISHED}: it is acknowledged
     * </ul>
     */
    SYN_RECEIVED,
    /**
     * Data flows.
     *
     * <ul>
     *   <li>{@link #FIN_WAIT_1}: the output was closed
     *   <li>{@link #CLOSE_WAIT}: FIN came
     * </ul>
     */
    ESTABLISHED,
    /**
     * Our output is closed; its FIN is not acknowledged.
     *
     * <ul>
     *   <li>{@link #FIN_WAIT_2}: it is acknowledged
     *   <li>{@link #CLOSING}: FIN came first
     *   <li>{@link #TIME_WAIT}: FIN came with the acknowledgment
     * </ul>
     */
    FIN_WAIT_1,
    /**
     * Our output has ended; the peer goes on.
     *
     * <ul>
     *   <li>{@link #TIME_WAIT}: FIN came
     * </ul>
     */
    FIN_WAIT_2,
    /**
     * The peer has ended its output; ours goes on.
     *
     * <ul>
     *   <li>{@link #LAST_ACK}: our output was closed
     * </ul>
     */
    CLOSE_WAIT,
    /**
     * Both have closed their output at the same time; our FIN is not acknowledged.
     *
     * <ul>
     *   <li>{@link #TIME_WAIT}: it is acknowledged
     * </ul>
     */
    CLOSING,
    /** The peer has ended first, then we; our FIN is not acknowledged. */
    LAST_ACK,
    /** Both ends are through; old segments may still be on their way. */
    TIME_WAIT;

    private Set<TcpState> successors;

    static {
        CLOSED.successors = EnumSet.of(SYN_SENT, SYN_RECEIVED, ESTABLISHED);
        SYN_SENT.successors = EnumSet.of(CLOSED, SYN_RECEIVED, ESTABLISHED);
        SYN_RECEIVED.successors = EnumSet.of(CLOSED, ESTABLISHED);
        ESTABLISHED.successors = EnumSet.of(CLOSED, FIN_WAIT_1, CLOSE_WAIT);
        FIN_WAIT_1.successors = EnumSet.of(CLOSED, FIN_WAIT_2, CLOSING, TIME_WAIT);
        FIN_WAIT_2.successors = EnumSet.of(CLOSED, TIME_WAIT);
        CLOSE_WAIT.successors = EnumSet.of(CLOSED, LAST_ACK);
        CLOSING.successors = EnumSet.of(CLOSED, TIME_WAIT);
        LAST_ACK.successors = EnumSet.of(CLOSED);
        TIME_WAIT.successors = EnumSet.of(CLOSED);
    }

    /** Whether there is a way from here to {@code next}. */
    boolean mayBecome(TcpState next) {
        return successors.contains(next);
    }

    /** Whether both SYNs have been acknowledged (RFC 9293 calls these synchronized). */
    public boolean isSynchronized() {
        return switch (this) {
            case CLOSED, SYN_SENT, SYN_RECEIVED -> false;
            case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT ->
                    true;
        };
    }

    /** Whether the peer may still send data. */
    public boolean canReceive() {
        return switch (this) {
            case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 -> true;
            case CLOSED, SYN_SENT, SYN_RECEIVED, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT -> false;
        };
    }

    /** Whether the application may still send data. */
    public boolean canSend() {
        return switch (this) {
            case SYN_SENT, SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT -> true;
            case CLOSED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT -> false;
        };
    }
}
