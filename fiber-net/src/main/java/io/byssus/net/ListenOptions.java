package io.byssus.net;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How to listen. Start from {@link #defaults} or {@link #reuseAddress}; each {@code with} method
 * answers a changed copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ListenOptions {
    private static final int BACKLOG = 1024;

    private static final ListenOptions DEFAULTS =
            new ListenOptions(
                    false,
                    BACKLOG,
                    Integer.MAX_VALUE,
                    Distribution.KERNEL,
                    SocketSettings.DEFAULTS,
                    null);

    private final boolean reuseAddress;
    private final int backlog;
    private final int maxConnections;
    private final Distribution distribution;
    private final SocketSettings settings;

    /** Null for none. */
    private final SocketLayer layer;

    private ListenOptions(
            boolean reuseAddress,
            int backlog,
            int maxConnections,
            Distribution distribution,
            SocketSettings settings,
            SocketLayer layer) {
        this.reuseAddress = reuseAddress;
        this.backlog = backlog;
        this.maxConnections = maxConnections;
        this.distribution = distribution;
        this.settings = settings;
        this.layer = layer;
    }

    /** As the operating system has it: addresses are not reused. */
    public static ListenOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Listens although connections of a previous server on this port linger in TIME-WAIT, so that a
     * server can be restarted at once. All TCP servers should (Stevens, UNIX Network Programming).
     */
    public static ListenOptions reuseAddress() {
        return DEFAULTS.withReuseAddress(true);
    }

    public ListenOptions withReuseAddress(boolean reuse) {
        return new ListenOptions(reuse, backlog, maxConnections, distribution, settings, layer);
    }

    /**
     * Connections that wait to be accepted, per shard; 1024 by default. The kernel's own limit
     * ({@code net.core.somaxconn}) applies.
     *
     * @throws IllegalArgumentException if not positive
     */
    public ListenOptions withBacklog(int connections) {
        positive("backlog", connections);
        return new ListenOptions(
                reuseAddress, connections, maxConnections, distribution, settings, layer);
    }

    /**
     * Open connections of this listener, per shard; no limit by default. What comes in beyond it is
     * accepted and reset, and logged once in a while.
     *
     * @throws IllegalArgumentException if not positive
     */
    public ListenOptions withMaxConnections(int connections) {
        positive("maxConnections", connections);
        return new ListenOptions(reuseAddress, backlog, connections, distribution, settings, layer);
    }

    /** How connections are spread over the shards. */
    public ListenOptions withDistribution(Distribution policy) {
        return new ListenOptions(
                reuseAddress,
                backlog,
                maxConnections,
                Objects.requireNonNull(policy),
                settings,
                layer);
    }

    /** Whether small writes go out at once; true by default. */
    public ListenOptions withNoDelay(boolean on) {
        return with(settings.withNoDelay(on));
    }

    /** How long a connection is silent before the kernel probes the peer; zero for never. */
    public ListenOptions withKeepalive(Duration idle) {
        return with(settings.withKeepalive(idle));
    }

    /** The kernel's send buffer per connection; 0 leaves it to the kernel. */
    public ListenOptions withSendBufferBytes(int bytes) {
        return with(settings.withSendBufferBytes(bytes));
    }

    /** The kernel's receive buffer per connection; 0 leaves it to the kernel. */
    public ListenOptions withReceiveBufferBytes(int bytes) {
        return with(settings.withReceiveBufferBytes(bytes));
    }

    /**
     * How long {@code close} may wait in all for the peer to take what was written; 5 s by default.
     * With zero it waits not at all.
     */
    public ListenOptions withCloseTimeout(Duration timeout) {
        return with(settings.withCloseTimeout(timeout));
    }

    /**
     * What the bytes of every accepted connection go through, such as {@code
     * io.byssus.net.tls.TlsServer}. A handshake happens in the fiber that first reads or writes,
     * never in {@link Listener#accept}.
     */
    public ListenOptions withLayer(SocketLayer between) {
        return new ListenOptions(
                reuseAddress,
                backlog,
                maxConnections,
                distribution,
                settings,
                Objects.requireNonNull(between));
    }

    /** Whether {@link #reuseAddress} is in force. */
    public boolean reusesAddress() {
        return reuseAddress;
    }

    public int backlog() {
        return backlog;
    }

    public int maxConnections() {
        return maxConnections;
    }

    public Distribution distribution() {
        return distribution;
    }

    public SocketSettings settings() {
        return settings;
    }

    public Optional<SocketLayer> layer() {
        return Optional.ofNullable(layer);
    }

    private ListenOptions with(SocketSettings changed) {
        return new ListenOptions(
                reuseAddress, backlog, maxConnections, distribution, changed, layer);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + "=" + value + ": must be positive");
        }
    }
}
