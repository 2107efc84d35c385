package io.byssus.net;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/**
 * What a load balancer has said about a connection: see {@link ProxyProtocol}.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ProxyHeader {
    /** Of {@link #extension}: the protocol that was agreed on in TLS, such as {@code h2}. */
    public static final int ALPN = 0x01;

    /** Of {@link #extension}: the host name that the client asked for, in UTF-8 (SNI). */
    public static final int AUTHORITY = 0x02;

    /** Of {@link #extension}: up to 128 bytes that name the connection. */
    public static final int UNIQUE_ID = 0x05;

    /** Of {@link #extension}: what is known of TLS, with extensions of its own. */
    public static final int SSL = 0x20;

    private final int version;

    /** Null unless the header says it. */
    private final InetSocketAddress source;

    private final InetSocketAddress destination;
    private final Map<Integer, byte[]> extensions;

    /** Both addresses, or neither. */
    ProxyHeader(
            int version,
            InetSocketAddress source,
            InetSocketAddress destination,
            Map<Integer, byte[]> extensions) {
        assert (source == null) == (destination == null);
        this.version = version;
        this.source = source;
        this.destination = destination;
        this.extensions = extensions;
    }

    /** 1, which is text, or 2. */
    public int version() {
        return version;
    }

    /**
     * The client; empty if the load balancer speaks for itself, as in a check of health, or for one
     * that has no Internet address.
     */
    public Optional<InetSocketAddress> source() {
        return Optional.ofNullable(source);
    }

    /** What the client connected to; empty as {@link #source} is. */
    public Optional<InetSocketAddress> destination() {
        return Optional.ofNullable(destination);
    }

    /**
     * The value of a version 2 header's extension (a TLV) of {@code type}, the first of several.
     */
    public Optional<byte[]> extension(int type) {
        return Optional.ofNullable(extensions.get(type)).map(byte[]::clone);
    }

    @Override
    public String toString() {
        String text = "ProxyHeader[version " + version;
        return source == null
                ? text + "]"
                : text
                        + ", "
                        + Addresses.format(source)
                        + " to "
                        + Addresses.format(destination)
                        + "]";
    }
}
