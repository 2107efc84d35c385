package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A TCP connection: an input and an output stream, each to be used by one fiber at a time.
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
     * A connection whose bytes go through {@code layer}, and through it over this one: TLS from the
     * beginning, or after some words in the clear (STARTTLS). What was received here and not read
     * is the layer's. It closes this connection when it is closed; this one's streams must not be
     * used any more. Does not park.
     *
     * @throws IllegalStateException if there is output that was not flushed
     */
    public Connection through(SocketLayer layer) {
        if (output != null && output.isInUse()) {
            throw new IllegalStateException(
                    "output to " + Addresses.format(remoteAddress()) + " was not flushed");
        }
        Buffer received = input == null ? Buffer.EMPTY : input.takeHeld();
        return new Connection(layer.over(socket, received), settings);
    }

    /** What its bytes go {@link #through}, if that is a {@code type}. For the layers' packages. */
    public <T> Optional<T> layer(Class<T> type) {
        return type.isInstance(socket) ? Optional.of(type.cast(socket)) : Optional.empty();
    }

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

    /** Gives the connection up at once; the peer sees a reset. Idempotent. */
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
