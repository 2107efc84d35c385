package io.byssus.net;

import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Where connections come in.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber at a time accepts.
 */
public final class Listener implements AutoCloseable {
    private final StackListener stack;
    private final SocketSettings settings;

    /** Null without the PROXY protocol. */
    private final ProxyAcceptor proxied;

    /** Null for none. */
    private final SocketLayer layer;

    Listener(StackListener stack, ListenOptions options) {
        this.stack = stack;
        this.settings = options.settings();
        this.proxied =
                options.proxyProtocol()
                        .map(protocol -> new ProxyAcceptor(stack, options, protocol))
                        .orElse(null);
        this.layer = options.layer().orElse(null);
    }

    /**
     * The next connection; parks the calling fiber until there is one.
     *
     * <p>When the runtime stops, it goes on answering what had arrived until then; after that it
     * throws {@link io.byssus.runtime.fiber.FiberCancelledException}, so that a service loop ends.
     *
     * @return the connection, owned by the caller, and the client's address
     * @throws java.nio.channels.ClosedChannelException if the listener is closed
     */
    public Accepted accept() throws IOException {
        return accept(Deadline.NONE);
    }

    /**
     * As {@link #accept()}, until {@code deadline}.
     *
     * @throws java.net.SocketTimeoutException at the deadline; the listener stays usable
     */
    public Accepted accept(Deadline deadline) throws IOException {
        if (proxied != null) {
            Connection behind = proxied.accept(deadline.nanos());
            Connection connection = layer == null ? behind : behind.through(layer);
            return new Accepted(connection, connection.remoteAddress());
        }
        StackSocket socket = stack.accept(deadline.nanos());
        InetSocketAddress client = socket.remoteAddress();
        StackSocket top = layer == null ? socket : layer.over(socket, Buffer.EMPTY);
        return new Accepted(new Connection(top, settings), client);
    }

    /** The address it is bound to, with the port that was taken for port 0. */
    public InetSocketAddress localAddress() {
        return stack.localAddress();
    }

    /**
     * What has become of this shard's connections, with {@link ListenOptions#withProxyProtocol};
     * all zero without.
     */
    public ProxyProtocolCounts proxyProtocolCounts() {
        return proxied == null ? new ProxyProtocolCounts(0, 0, 0, 0, 0, 0) : proxied.counts();
    }

    /**
     * Stops listening, on this shard. Connections that wait to be accepted are reset; those that
     * were accepted go on. Idempotent.
     */
    @Override
    public void close() {
        stack.close();
        if (proxied != null) {
            proxied.close();
        }
    }

    @Override
    public String toString() {
        return "Listener[" + Addresses.format(localAddress()) + "]";
    }
}
