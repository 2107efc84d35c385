package io.byssus.net.spi;

import io.byssus.runtime.os.SocketAddresses;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An address and a port as plain numbers, used again for every datagram, so that none of them costs
 * an object. IPv4 addresses are IPv4-mapped (RFC 4291, 2.5.5.2). It may also be a Unix socket's
 * name.
 *
 * <p><b>Ownership:</b> of whoever made it.
 */
public final class DatagramAddress {
    private static final int IPV6_BYTES = 16;
    private static final String UNIX = "unix:";

    private long high;
    private long low;
    private int port;
    private int scope;

    /** Made for the first Unix socket. */
    private UnixName name;

    /** Whether it is {@link #name} that counts. */
    private boolean isUnix;

    /** What {@link #decoded} made last, of these numbers; or null. */
    private InetSocketAddress decoded;

    /** Of no host. */
    public DatagramAddress() {}

    /** Takes the {@code struct sockaddr} at {@code address} over. */
    public void read(long address) {
        set(
                SocketAddresses.highAt(address),
                SocketAddresses.lowAt(address),
                SocketAddresses.portAt(address),
                SocketAddresses.scopeAt(address));
    }

    /** As {@link #read(long)}, of a {@code struct sockaddr_un} with so many bytes, perhaps 0. */
    public void readUnix(long address, int length) {
        beginName();
        name.read(address, length);
        decoded = null;
    }

    /**
     * Takes a Unix socket's name over.
     *
     * @param raw a path, or an abstract name behind a zero
     */
    public void setUnix(String raw) {
        beginName();
        name.set(raw);
        decoded = null;
    }

    private void beginName() {
        isUnix = true;
        if (name == null) {
            name = new UnixName();
        }
    }

    /** Whether it is a Unix socket's name. */
    public boolean isUnix() {
        return isUnix;
    }

    /** The name of a Unix socket as {@link #setUnix} has it, empty for one without; else null. */
    public String unixName() {
        return isUnix ? name.toString() : null;
    }

    /** Takes another's numbers over. */
    public void set(DatagramAddress other) {
        if (other.isUnix) {
            beginName();
            name.set(other.name);
            decoded = other.decoded;
        } else if (!isSame(other)) {
            set(other.high, other.low, other.port, other.scope);
            decoded = other.decoded;
        }
    }

    /** Takes a resolved address over. */
    public void set(InetSocketAddress address) {
        if (address == decoded) {
            return;
        }
        InetAddress host = address.getAddress();
        if (host instanceof Inet4Address four) {
            set(0, SocketAddresses.mapped(bits(four)), address.getPort(), 0);
        } else {
            ByteBuffer bytes = ByteBuffer.wrap(host.getAddress());
            int zone = host instanceof Inet6Address six ? six.getScopeId() : 0;
            set(bytes.getLong(), bytes.getLong(), address.getPort(), zone);
        }
        decoded = address;
    }

    /** As numbers. */
    public void set(long high, long low, int port, int scope) {
        if (isUnix
                || high != this.high
                || low != this.low
                || port != this.port
                || scope != this.scope) {
            this.high = high;
            this.low = low;
            this.port = port;
            this.scope = scope;
            isUnix = false;
            decoded = null;
        }
    }

    /** Whether both are the same host and port. */
    public boolean isSame(DatagramAddress other) {
        if (isUnix) {
            return other.isUnix && name.isSame(other.name);
        }
        return !other.isUnix
                && high == other.high
                && low == other.low
                && port == other.port
                && scope == other.scope;
    }

    /** Whether a socket of IPv4 can send to it. */
    public boolean isIpv4() {
        return SocketAddresses.isIpv4(high, low);
    }

    public int port() {
        return port;
    }

    /** The first half of an IPv6 address; 0 of an IPv4 address. */
    public long high() {
        return high;
    }

    /** The second half; an IPv4 address with the prefix of mapped ones. */
    public long low() {
        return low;
    }

    /**
     * Writes a {@code struct sockaddr} for a socket of {@code family}.
     *
     * @return its bytes; 0 for a Unix socket without a name
     */
    public int write(int family, long address) {
        return isUnix
                ? name.write(address)
                : SocketAddresses.write(address, family, high, low, port, scope);
    }

    /** As an object; the same as last time if the numbers are. */
    public InetSocketAddress decoded() {
        if (decoded == null && isUnix) {
            decoded = InetSocketAddress.createUnresolved(UNIX + readable(name.toString()), 0);
        } else if (decoded == null) {
            ByteBuffer bytes = ByteBuffer.allocate(IPV6_BYTES).putLong(high).putLong(low);
            try {
                decoded = new InetSocketAddress(host(bytes.array()), port);
            } catch (UnknownHostException e) {
                throw new AssertionError("an address of " + IPV6_BYTES + " bytes", e);
            }
        }
        return decoded;
    }

    /** As unix(7) and ss(8) write abstract names. */
    private static String readable(String raw) {
        return raw.startsWith("\0") ? "@" + raw.substring(1) : raw;
    }

    /** IPv4-mapped ones come as IPv4. */
    private InetAddress host(byte[] bytes) throws UnknownHostException {
        return scope == 0
                ? InetAddress.getByAddress(bytes)
                : Inet6Address.getByAddress(null, bytes, scope);
    }

    /** Element by element, so that the JIT needs no array. */
    private static int bits(Inet4Address four) {
        byte[] bytes = four.getAddress();
        return (bytes[0] & 0xff) << 24
                | (bytes[1] & 0xff) << 16
                | (bytes[2] & 0xff) << 8
                | (bytes[3] & 0xff);
    }
}
