package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A TCP connection, or one over a Unix socket: an input and an output stream, each to be used by
 * one fiber at a time.
 *
 * <p><b>Ownership:</b> confined to the shard that accepted or opened it. Whoever holds it closes
 * it.
 */
public final class Connection implements AutoCloseable {
    private final StackSocket socket;
    private final SocketSettings settings;
    private ConnectionInput input;
    private ConnectionOutput output;

    /** Null without one. */
    private ProxyHeader proxyHeader;

    Connection(StackSocket socket, SocketSettings settings) {
        this.socket = socket;
        this.settings = settings;
    }

    /** What the peer sends; the same object at every call. */
    public ConnectionInput input() {
        if (input == null) {
            input = new ConnectionInput(socket);
        }
        return input;
    }

    /** What goes to the peer; the same object at every call. */
    public ConnectionOutput output() {
        if (output == null) {
            output = new ConnectionOutput(socket, settings.closeTimeout());
        }
        return output;
    }

    /**
     * The peer; with the PROXY protocol the client that it speaks for, if its header names one;
     * over a Unix socket the listener, see {@link UnixAddress#toInetSocketAddress}.
     */
    public InetSocketAddress remoteAddress() {
        return proxyHeader == null
                ? socket.remoteAddress()
                : proxyHeader.source().orElseGet(socket::remoteAddress);
    }

    /**
     * A connection whose bytes go through {@code layer}, and through it over this one: TLS from the
     * beginning, or after some words in the clear (STARTTLS). What was received here and not read
     * is the layer's. It closes this connection when it is closed; this one's streams must not be
     * used any more. Parks only while memory is short, and only where an operation that failed has
     * left what was received in two pieces.
     *
     * @throws IllegalStateException if there is output that was not flushed
     */
    public Connection through(SocketLayer layer) {
        if (output != null && output.isInUse()) {
            throw new IllegalStateException(
                    "output to " + Addresses.format(remoteAddress()) + " was not flushed");
        }
        Buffer received = input == null ? Buffer.EMPTY : input.takeHeld();
        Connection above = new Connection(layer.over(socket, received), settings);
        above.proxyHeader = proxyHeader;
        return above;
    }

    /** What its bytes go {@link #through}, if that is a {@code type}. For the layers' packages. */
    public <T> Optional<T> layer(Class<T> type) {
        return type.isInstance(socket) ? Optional.of(type.cast(socket)) : Optional.empty();
    }

    /**
     * This end; with the PROXY protocol what the client connected to, if the header names it.
     *
     * @throws java.nio.channels.ClosedChannelException if the connection is closed
     */
    public InetSocketAddress localAddress() throws IOException {
        InetSocketAddress own = socket.localAddress();
        return proxyHeader == null ? own : proxyHeader.destination().orElse(own);
    }

    /** The peer itself, whoever it speaks for. */
    public InetSocketAddress peerAddress() {
        return socket.remoteAddress();
    }

    /** The header of the PROXY protocol; empty unless the listener expects it. */
    public Optional<ProxyHeader> proxyHeader() {
        return Optional.ofNullable(proxyHeader);
    }

    /** Its header has been read. */
    void proxied(ProxyHeader header) {
        proxyHeader = header;
    }

    /**
     * What the connection's TCP knows of itself and of its path: round trip, window, losses. Cold.
     *
     * @throws java.nio.channels.ClosedChannelException if the connection is closed
     */
    public TcpInfo tcpInfo() throws IOException {
        return socket.tcpInfo();
    }

    /** As {@link #awaitPeerShutdown(Deadline)}, without a limit. */
    public void awaitPeerShutdown() throws IOException {
        awaitPeerShutdown(Deadline.NONE);
    }

    /**
     * Parks the calling fiber until the peer has ended its stream or the connection is lost, to
     * stop work for a client that has gone. What was not read is neither read nor lost, and {@link
     * #input} tells which of both it was. One fiber at a time may wait so, beside those that read
     * and write.
     *
     * <p>The end comes after the bytes before it: it is not seen while a peer has sent so much that
     * it waits for this end to read.
     *
     * @throws java.net.SocketTimeoutException at the deadline
     * @throws java.nio.channels.ClosedChannelException if this end was closed, {@link
     *     ConnectionClosedException} if another fiber closes it meanwhile
     */
    public void awaitPeerShutdown(Deadline deadline) throws IOException {
        socket.awaitPeerShutdown(deadline.nanos());
    }

    /**
     * Who is at the other end of a Unix socket.
     *
     * @throws UnsupportedOperationException if it is none
     * @throws java.nio.channels.ClosedChannelException if the connection is closed
     */
    public PeerCredentials peerCredentials() throws IOException {
        return socket.peerCredentials();
    }

    /**
     * Closes the output, as {@link ConnectionOutput#close} does, then gives the connection up.
     * Waits, even in a cancelled fiber, until the output is with the kernel, for at most the
     * options' close timeout, and with the option {@code linger} until the peer has acknowledged
     * it; then the connection is reset. Idempotent.
     *
     * @throws IOException if output was lost, or may have been
     */
    @Override
    public void close() throws IOException {
        boolean inDoubt = false;
        try {
            if (output != null) {
                output.close();
                if (!settings.linger().isZero() && !output.hasLostOutput()) {
                    inDoubt = true;
                    socket.awaitAcknowledged(Deadline.after(settings.linger()).nanos());
                    inDoubt = false;
                }
            }
        } finally {
            if (input != null) {
                input.close();
            }
            if (inDoubt || (output != null && output.hasLostOutput())) {
                socket.reset();
            } else {
                socket.close();
            }
        }
    }

    /**
     * Gives the connection up at once; the peer sees a reset, over a Unix socket perhaps only an
     * end. Idempotent.
     */
    public void reset() {
        if (output != null) {
            output.discard();
        }
        if (input != null) {
            input.close();
        }
        socket.reset();
    }

    @Override
    public String toString() {
        return "Connection[" + Addresses.format(remoteAddress()) + "]";
    }
}
