package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import java.io.IOException;
import java.net.InetSocketAddress;

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
     * The peer's; over a Unix socket the listener's, see {@link UnixAddress#toInetSocketAddress}.
     */
    public InetSocketAddress remoteAddress() {
        return socket.remoteAddress();
    }

    public InetSocketAddress localAddress() throws IOException {
        return socket.localAddress();
    }

    /**
     * What the connection's TCP knows of itself and of its path: round trip, window, losses. Cold.
     *
     * @throws java.nio.channels.ClosedChannelException if the connection is closed
     */
    public TcpInfo tcpInfo() throws IOException {
        return socket.tcpInfo();
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
     * options' close timeout; then the connection is reset. Idempotent.
     *
     * @throws IOException if output was lost
     */
    @Override
    public void close() throws IOException {
        try {
            if (output != null) {
                output.close();
            }
        } finally {
            if (input != null) {
                input.close();
            }
            if (output != null && output.hasLostOutput()) {
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
