package io.byssus.net.spi;

import io.byssus.net.Addresses;
import io.byssus.net.PeerCredentials;
import io.byssus.net.TcpInfo;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A connection's two byte streams, as a stack offers them.
 *
 * <p>Times out by two limits at once: {@code timeoutNanos} counts from when the call begins to wait
 * (0 for none), {@code deadlineNanos} is on the shard's clock ({@code Long.MAX_VALUE} for none).
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
public interface StackSocket {
    /**
     * Some bytes, owned by the caller; parks until there are any. {@link Buffer#EMPTY} at the end
     * of the stream.
     */
    Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Sends the first {@code count} of {@code buffers}, parking while the stack cannot take more.
     * Each that was sent completely is released and set to null; if this throws, the others stay
     * the caller's, the first of them trimmed to what was not sent.
     */
    void send(
            Buffer[] buffers,
            int count,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation)
            throws IOException;

    /**
     * A way for what arrives here to {@code target} that is cheaper than by buffers, if it is much;
     * null if there is none.
     */
    default StackRelay relayTo(StackSocket target) {
        return null;
    }

    /** Ends the outgoing stream; the peer reads on to its end. */
    void shutdownOutput() throws IOException;

    /**
     * Parks, even in a cancelled fiber, until the peer has acknowledged everything, the end of the
     * outgoing stream included. Only after {@link #shutdownOutput}. Does nothing when closed.
     *
     * @throws java.net.SocketTimeoutException at the deadline
     * @throws IOException if the connection is lost
     */
    void awaitAcknowledged(long deadlineNanos) throws IOException;

    /**
     * Parks until the peer has ended its stream, or the connection is lost, whatever is unread. One
     * fiber at a time, beside those that receive and send.
     *
     * @throws java.net.SocketTimeoutException at the deadline
     */
    void awaitPeerShutdown(long deadlineNanos) throws IOException;

    /**
     * As {@link #shutdownOutput()}; where that takes bytes of its own, they are waited for until
     * {@code deadlineNanos} at most, even in a cancelled fiber.
     */
    default void shutdownOutput(long deadlineNanos) throws IOException {
        shutdownOutput();
    }

    /**
     * Gives the connection up. What was sent still reaches the peer; what was not read is dropped.
     * Idempotent.
     */
    void close();

    /** Gives the connection up and tells the peer that it was not in order. Idempotent. */
    void reset();

    InetSocketAddress remoteAddress();

    InetSocketAddress localAddress() throws IOException;

    /** What the connection's TCP knows of itself and of its path. */
    TcpInfo tcpInfo() throws IOException;

    /** Who is at the other end, if that is on this host and the connection a Unix socket. */
    default PeerCredentials peerCredentials() throws IOException {
        throw new UnsupportedOperationException(
                "no Unix socket, so its peer has no credentials: "
                        + Addresses.format(remoteAddress()));
    }
}
