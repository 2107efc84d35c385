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
            new ConnectOptions(Duration.ZERO, null, SocketSettings.DEFAULTS);

    private final Duration timeout;
    private final InetSocketAddress localAddress;
    private final SocketSettings settings;

    private ConnectOptions(
            Duration timeout, InetSocketAddress localAddress, SocketSettings settings) {
        this.timeout = timeout;
        this.localAddress = localAddress;
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
        return new ConnectOptions(limit, localAddress, settings);
    }

    /** The address and port to connect from; port 0 leaves the port to the kernel. */
    public ConnectOptions withLocalAddress(InetSocketAddress address) {
        return new ConnectOptions(timeout, Objects.requireNonNull(address), settings);
    }

    /** Whether small writes go out at once; true by default. */
    public ConnectOptions withNoDelay(boolean on) {
        return new ConnectOptions(timeout, localAddress, settings.withNoDelay(on));
    }

    /** How long the connection is silent before the kernel probes the peer; zero for never. */
    public ConnectOptions withKeepalive(Duration idle) {
        return new ConnectOptions(timeout, localAddress, settings.withKeepalive(idle));
    }

    /** The kernel's send buffer; 0 leaves it to the kernel. */
    public ConnectOptions withSendBufferBytes(int bytes) {
        return new ConnectOptions(timeout, localAddress, settings.withSendBufferBytes(bytes));
    }

    /** The kernel's receive buffer; 0 leaves it to the kernel. */
    public ConnectOptions withReceiveBufferBytes(int bytes) {
        return new ConnectOptions(timeout, localAddress, settings.withReceiveBufferBytes(bytes));
    }

    /**
     * How long {@code close} may wait in all for the peer to take what was written; 5 s by default.
     * With zero it waits not at all.
     */
    public ConnectOptions withCloseTimeout(Duration limit) {
        return new ConnectOptions(timeout, localAddress, settings.withCloseTimeout(limit));
    }

    public Duration timeout() {
        return timeout;
    }

    public Optional<InetSocketAddress> localAddress() {
        return Optional.ofNullable(localAddress);
    }

    public SocketSettings settings() {
        return settings;
    }
}
