package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An address of either family, as 128 bits: an IPv4 address is its IPv4-mapped form {@code
 * ::ffff:a.b.c.d} (RFC 4291, 2.5.5.2).
 *
 * <p><b>Ownership:</b> immutable.
 */
public record IpAddress(long high, long low) {
    private static final int IPV6_BYTES = 16;
    private static final long MAPPED_PREFIX = 0xffff_0000_0000L;
    private static final long MAPPED_MASK = 0xffff_ffff_0000_0000L;

    /** An IPv4 address, in the order of the wire. */
    public static IpAddress ofIpv4(int address) {
        return new IpAddress(0, lowOfIpv4(address));
    }

    /** The lower half of an IPv4 address's mapped form; the upper is 0. */
    public static long lowOfIpv4(int address) {
        return MAPPED_PREFIX | Integer.toUnsignedLong(address);
    }

    /** The JDK's address; its scope, if it has one, is not kept. */
    public static IpAddress of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.capacity() == IPV6_BYTES
                ? new IpAddress(bytes.getLong(), bytes.getLong())
                : ofIpv4(bytes.getInt());
    }

    public boolean isIpv4() {
        return high == 0 && (low & MAPPED_MASK) == MAPPED_PREFIX;
    }

    /** The 32 bits of an IPv4 address. */
    public int ipv4() {
        assert isIpv4() : this;
        return (int) low;
    }

    /** 0.0.0.0 or ::. */
    public boolean isUnspecified() {
        return high == 0 && (low == 0 || low == MAPPED_PREFIX);
    }

    public InetAddress toInetAddress() {
        try {
            return isIpv4()
                    ? InetAddress.getByAddress(
                            ByteBuffer.allocate(Integer.BYTES).putInt(ipv4()).array())
                    : InetAddress.getByAddress(
                            ByteBuffer.allocate(IPV6_BYTES).putLong(high).putLong(low).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are addresses", e);
        }
    }

    @Override
    public String toString() {
        return isIpv4() ? Ipv4Address.format(ipv4()) : toInetAddress().getHostAddress();
    }
}
