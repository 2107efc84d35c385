package io.byssus.net;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * How a listener takes the PROXY protocol, versions 1 and 2, with which a load balancer tells whom
 * it speaks for (haproxy's {@code send-proxy} and {@code send-proxy-v2}; the protocol is described
 * in haproxy's {@code proxy-protocol.txt}).
 *
 * <p>With {@link ListenOptions#withProxyProtocol}, {@link Listener#accept} answers connections
 * whose header has been read, and {@link Connection#remoteAddress} is the client's. Each header is
 * read by a fiber of its own, on the shard that the connection belongs to: a peer that is silent
 * holds up nobody. A connection whose header is malformed or late is reset, counted ({@link
 * Listener#proxyProtocolCounts}) and logged once in a while; so is one from a peer that is not
 * trusted, since who may send a header may claim to be anybody.
 *
 * <p>Connections whose headers have not come count among the listener's open ones. There are as
 * many at most as its backlog, per shard: then the one that has been silent for longest is reset
 * for the next.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ProxyProtocol {
    /** As the description of the protocol advises. */
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(3);

    private static final List<IpNetwork> PRIVATE =
            networks(
                    "127.0.0.0/8",
                    "10.0.0.0/8",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "169.254.0.0/16",
                    "::1",
                    "fc00::/7",
                    "fe80::/10");

    private final List<IpNetwork> trusted;
    private final Duration headerTimeout;
    private final boolean directClients;

    private ProxyProtocol(List<IpNetwork> trusted, Duration headerTimeout, boolean directClients) {
        this.trusted = trusted;
        this.headerTimeout = headerTimeout;
        this.directClients = directClients;
    }

    /**
     * Trusts load balancers on this host and in private networks: loopback, RFC 1918, link-local
     * and unique local addresses (RFC 4193). Where clients too come from these, name the load
     * balancers with {@link #from} instead.
     */
    public static ProxyProtocol fromPrivateNetworks() {
        return new ProxyProtocol(PRIVATE, HEADER_TIMEOUT, false);
    }

    /**
     * Trusts peers in {@code networks} alone, such as {@code "192.0.2.7"} or {@code
     * "2001:db8::/32"}; {@code "0.0.0.0/0"} is every IPv4 peer.
     *
     * @throws IllegalArgumentException if there is none, or one that is no network
     */
    public static ProxyProtocol from(String... networks) {
        if (networks.length == 0) {
            throw new IllegalArgumentException("networks=[]: nobody would be trusted");
        }
        return new ProxyProtocol(networks(networks), HEADER_TIMEOUT, false);
    }

    /**
     * How long a peer may take for its header, from when it is accepted; 3 s by default.
     *
     * @throws IllegalArgumentException if not positive
     */
    public ProxyProtocol withHeaderTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("headerTimeout=" + limit + ": must be positive");
        }
        return new ProxyProtocol(trusted, limit, directClients);
    }

    /**
     * Whether peers that are not trusted are clients that come directly, without a header; false by
     * default: they are reset. What such a client sends is never taken for a header.
     */
    public ProxyProtocol withDirectClients(boolean served) {
        return new ProxyProtocol(trusted, headerTimeout, served);
    }

    public Duration headerTimeout() {
        return headerTimeout;
    }

    public boolean directClients() {
        return directClients;
    }

    /** Whether a peer at {@code address} sends a header. */
    public boolean trusts(InetAddress address) {
        Objects.requireNonNull(address);
        for (IpNetwork network : trusted) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static List<IpNetwork> networks(String... texts) {
        return Arrays.stream(texts).map(IpNetwork::of).toList();
    }
}
