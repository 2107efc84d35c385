package io.byssus.net;

import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How to listen. Start from {@link #defaults} or {@link #reuseAddress}; each {@code with} method
 * answers a changed copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ListenOptions {
    private static final int BACKLOG = 1024;

    private static final ListenOptions DEFAULTS = new ListenOptions();

    // Written by the method that makes the copy, before anybody else sees it.
    private boolean reuseAddress;
    private int backlog = BACKLOG;
    private int maxConnections = Integer.MAX_VALUE;
    private Distribution distribution = Distribution.KERNEL;
    private int fastOpenQueue;

    /** Null for none. */
    private ProxyProtocol proxyProtocol;

    private SocketSettings settings = SocketSettings.DEFAULTS;

    /** Null for none. */
    private SocketLayer layer;

    /** Null for those that the process's umask leaves. */
    private Set<PosixFilePermission> pathPermissions;

    private ListenOptions() {}

    private ListenOptions(ListenOptions other) {
        this.reuseAddress = other.reuseAddress;
        this.backlog = other.backlog;
        this.maxConnections = other.maxConnections;
        this.distribution = other.distribution;
        this.fastOpenQueue = other.fastOpenQueue;
        this.proxyProtocol = other.proxyProtocol;
        this.settings = other.settings;
        this.pathPermissions = other.pathPermissions;
        this.layer = other.layer;
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
        return changed(o -> o.reuseAddress = reuse);
    }

    /**
     * Connections that wait to be accepted, per shard; 1024 by default. The kernel's own limit
     * ({@code net.core.somaxconn}) applies.
     *
     * @throws IllegalArgumentException if not positive
     */
    public ListenOptions withBacklog(int connections) {
        positive("backlog", connections);
        return changed(o -> o.backlog = connections);
    }

    /**
     * Open connections of this listener, per shard; no limit by default. What comes in beyond it is
     * accepted and reset, and logged once in a while.
     *
     * @throws IllegalArgumentException if not positive
     */
    public ListenOptions withMaxConnections(int connections) {
        positive("maxConnections", connections);
        return changed(o -> o.maxConnections = connections);
    }

    /** How connections are spread over the shards. */
    public ListenOptions withDistribution(Distribution policy) {
        Objects.requireNonNull(policy);
        return changed(o -> o.distribution = policy);
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
     * How long {@code close} may wait, besides, until the peer's TCP has acknowledged all that was
     * written, and the end of the stream; zero, the default, does not wait. Then the connection is
     * reset and {@code close} throws. It parks its fiber alone, where SO_LINGER would stop the
     * shard. (What the peer's application has read, only the peer can say.)
     */
    public ListenOptions withLinger(Duration limit) {
        return with(settings.withLinger(limit));
    }

    /**
     * How long what was sent may go unacknowledged, or a peer's window stay closed, before the
     * connection is given up with a time-out: TCP_USER_TIMEOUT (RFC 5482). In milliseconds, at
     * least one; zero, the default, leaves it to the stack.
     */
    public ListenOptions withUserTimeout(Duration limit) {
        return with(settings.withUserTimeout(limit));
    }

    /**
     * The differentiated services codepoint of what is sent (RFC 2474): the upper six bits of what
     * was the type of service. 0 by default.
     *
     * @throws IllegalArgumentException if it is not 0 to 63
     */
    public ListenOptions withDscp(int codepoint) {
        return with(settings.withDscp(codepoint));
    }

    /**
     * Accepts data that comes with a client's SYN, from so many clients at most whose handshakes
     * are not done: TCP Fast Open (RFC 7413). What came may have come before, so a request must be
     * one that may be answered twice. The kernel must allow it ({@code net.ipv4.tcp_fastopen}, bit
     * 2); 0, the default, is without.
     *
     * @throws IllegalArgumentException if negative
     */
    public ListenOptions withFastOpen(int queue) {
        if (queue < 0) {
            throw new IllegalArgumentException("fastOpen=" + queue + ": must not be negative");
        }
        return changed(o -> o.fastOpenQueue = queue);
    }

    /**
     * Every connection begins with a header of the PROXY protocol, which names the client that a
     * load balancer speaks for; none by default. See {@link ProxyProtocol}.
     */
    public ListenOptions withProxyProtocol(ProxyProtocol protocol) {
        Objects.requireNonNull(protocol);
        return changed(o -> o.proxyProtocol = protocol);
    }

    /**
     * What the bytes of every accepted connection go through, such as {@code
     * io.byssus.net.tls.TlsServer}. A handshake happens in the fiber that first reads or writes,
     * never in {@link Listener#accept}.
     */
    public ListenOptions withLayer(SocketLayer between) {
        Objects.requireNonNull(between);
        return changed(o -> o.layer = between);
    }

    /**
     * Who may connect to the path of a Unix socket: those with write permission. By default the
     * process's umask decides. The path is never more open than this, not for a moment.
     */
    public ListenOptions withPathPermissions(Set<PosixFilePermission> permissions) {
        Set<PosixFilePermission> fixed = Set.copyOf(permissions);
        return changed(o -> o.pathPermissions = fixed);
    }

    /** Those of {@link #withPathPermissions}. */
    public Optional<Set<PosixFilePermission>> pathPermissions() {
        return Optional.ofNullable(pathPermissions);
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

    /** 0 without {@link #withFastOpen}. */
    public int fastOpenQueue() {
        return fastOpenQueue;
    }

    /** Empty without {@link #withProxyProtocol}. */
    public Optional<ProxyProtocol> proxyProtocol() {
        return Optional.ofNullable(proxyProtocol);
    }

    public SocketSettings settings() {
        return settings;
    }

    /** Empty without {@link #withLayer}. */
    public Optional<SocketLayer> layer() {
        return Optional.ofNullable(layer);
    }

    private ListenOptions with(SocketSettings replacement) {
        return changed(o -> o.settings = replacement);
    }

    private ListenOptions changed(Consumer<ListenOptions> change) {
        ListenOptions copy = new ListenOptions(this);
        change.accept(copy);
        return copy;
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + "=" + value + ": must be positive");
        }
    }
}
