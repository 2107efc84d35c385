package io.byssus.net;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How to connect. Start from {@link #defaults}; each {@code with} method answers a changed copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ConnectOptions {
    private static final ConnectOptions DEFAULTS =
            new ConnectOptions(Duration.ZERO, null, false, SocketSettings.DEFAULTS);

    private final Duration timeout;
    private final InetSocketAddress localAddress;
    private final boolean fastOpen;
    private final SocketSettings settings;

    private ConnectOptions(
            Duration timeout,
            InetSocketAddress localAddress,
            boolean fastOpen,
            SocketSettings settings) {
        this.timeout = timeout;
        this.localAddress = localAddress;
        this.fastOpen = fastOpen;
        this.settings = settings;
    }

    /** No time limit but the kernel's own, no local address. */
    public static ConnectOptions defaults() {
        return DEFAULTS;
    }

    /**
     * How long connecting may take; zero leaves it to the kernel (about two minutes).
     *
     * @throws IllegalArgumentException if negative
     */
    public ConnectOptions withTimeout(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("timeout=" + limit);
        }
        return new ConnectOptions(limit, localAddress, fastOpen, settings);
    }

    /** The address and port to connect from; port 0 leaves the port to the kernel. */
    public ConnectOptions withLocalAddress(InetSocketAddress address) {
        return new ConnectOptions(timeout, Objects.requireNonNull(address), fastOpen, settings);
    }

    /** Whether small writes go out at once; true by default. */
    public ConnectOptions withNoDelay(boolean on) {
        return with(settings.withNoDelay(on));
    }

    /** How long the connection is silent before the kernel probes the peer; zero for never. */
    public ConnectOptions withKeepalive(Duration idle) {
        return with(settings.withKeepalive(idle));
    }

    /** The kernel's send buffer; 0 leaves it to the kernel. */
    public ConnectOptions withSendBufferBytes(int bytes) {
        return with(settings.withSendBufferBytes(bytes));
    }

    /** The kernel's receive buffer; 0 leaves it to the kernel. */
    public ConnectOptions withReceiveBufferBytes(int bytes) {
        return with(settings.withReceiveBufferBytes(bytes));
    }

    /**
     * How long {@code close} may wait in all for the peer to take what was written; 5 s by default.
     * With zero it waits not at all.
     */
    public ConnectOptions withCloseTimeout(Duration limit) {
        return with(settings.withCloseTimeout(limit));
    }

    /**
     * How long {@code close} may wait, besides, until the peer's TCP has acknowledged all that was
     * written, and the end of the stream; zero, the default, does not wait. Then the connection is
     * reset and {@code close} throws. It parks its fiber alone, where SO_LINGER would stop the
     * shard. (What the peer's application has read, only the peer can say.)
     */
    public ConnectOptions withLinger(Duration limit) {
        return with(settings.withLinger(limit));
    }

    /**
     * How long what was sent may go unacknowledged, or a peer's window stay closed, before the
     * connection is given up with a time-out: TCP_USER_TIMEOUT (RFC 5482). In milliseconds, at
     * least one; zero, the default, leaves it to the stack.
     */
    public ConnectOptions withUserTimeout(Duration limit) {
        return with(settings.withUserTimeout(limit));
    }

    /**
     * The differentiated services codepoint of what is sent (RFC 2474): the upper six bits of what
     * was the type of service. 0 by default.
     *
     * @throws IllegalArgumentException if it is not 0 to 63
     */
    public ConnectOptions withDscp(int codepoint) {
        return with(settings.withDscp(codepoint));
    }

    /**
     * Whether the first bytes travel with the SYN, if the server has allowed that before: TCP Fast
     * Open (RFC 7413). Then {@code connect} returns at once, nothing has been sent yet, and the
     * first flush connects: it is the first flush, or the first read after it, that reports a
     * server which is not there. A read before the first flush waits for ever. The bytes may arrive
     * twice, at a server that restarts: they must do no harm then. False by default.
     */
    public ConnectOptions withFastOpen(boolean on) {
        return new ConnectOptions(timeout, localAddress, on, settings);
    }

    public Duration timeout() {
        return timeout;
    }

    public Optional<InetSocketAddress> localAddress() {
        return Optional.ofNullable(localAddress);
    }

    /** Whether {@link #withFastOpen} is in force. */
    public boolean fastOpen() {
        return fastOpen;
    }

    public SocketSettings settings() {
        return settings;
    }

    private ConnectOptions with(SocketSettings changed) {
        return new ConnectOptions(timeout, localAddress, fastOpen, changed);
    }
}
