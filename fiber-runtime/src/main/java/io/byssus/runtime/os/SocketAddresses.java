package io.byssus.runtime.os;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * {@code struct sockaddr_in} and {@code struct sockaddr_in6}:
 *
 * <pre>{@code
 * struct sockaddr_in {              struct sockaddr_in6 {
 *   0  sa_family_t sin_family;        0  sa_family_t sin6_family;
 *   2  in_port_t   sin_port;  // BE   2  in_port_t   sin6_port;     // big-endian
 *   4  in_addr     sin_addr;          4  uint32_t    sin6_flowinfo;
 *   8  char        sin_zero[8];       8  in6_addr    sin6_addr;
 * };                                 24  uint32_t    sin6_scope_id;
 *                                   };
 * }</pre>
 */
public final class SocketAddresses {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    /** Room for either kind. */
    public static final int BYTES_MAX = 28;

    private static final int IN_BYTES = 16;
    private static final int IN6_BYTES = 28;
    private static final int PORT_OFFSET = 2;
    private static final int IN_ADDRESS_OFFSET = 4;
    private static final int IN6_ADDRESS_OFFSET = 8;
    private static final int IN6_SCOPE_OFFSET = 24;
    private static final int IN_ZERO_OFFSET = 8;
    private static final int IN6_FLOW_OFFSET = 4;

    /** ::ffff:0:0, the prefix of IPv4-mapped addresses (RFC 4291, 2.5.5.2); its low half. */
    private static final long MAPPED = 0xffffL << 32;

    private static final long IPV4_MASK = 0xffff_ffffL;
    private static final int IN_ADDRESS_BYTES = 4;
    private static final int IN6_ADDRESS_BYTES = 16;
    private static final int PORT_MASK = 0xffff;

    private SocketAddresses() {}

    public static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /**
     * Writes {@code socketAddress} at {@code address} (at least {@link #BYTES_MAX} bytes).
     *
     * @return the bytes written, as {@code bind} and {@code connect} want them
     */
    public static int write(InetSocketAddress socketAddress, long address) {
        InetAddress host = socketAddress.getAddress();
        byte[] bytes = host.getAddress();
        RawMemory.fill(address, BYTES_MAX, (byte) 0);
        RawMemory.putShort(address, (short) family(host));
        RawMemory.putShort(
                address + PORT_OFFSET, Short.reverseBytes((short) socketAddress.getPort()));
        if (host instanceof Inet6Address six) {
            RawMemory.copyIn(bytes, 0, address + IN6_ADDRESS_OFFSET, bytes.length);
            RawMemory.putInt(address + IN6_SCOPE_OFFSET, six.getScopeId());
            return IN6_BYTES;
        }
        RawMemory.copyIn(bytes, 0, address + IN_ADDRESS_OFFSET, bytes.length);
        return IN_BYTES;
    }

    /** Bytes of an address of {@code family}. */
    public static int length(int family) {
        return family == AF_INET ? IN_BYTES : IN6_BYTES;
    }

    /** The family of the address at {@code address}. */
    public static int familyAt(long address) {
        return RawMemory.getShort(address) & PORT_MASK;
    }

    /** The port of the address at {@code address}. */
    public static int portAt(long address) {
        return Short.reverseBytes(RawMemory.getShort(address + PORT_OFFSET)) & PORT_MASK;
    }

    /** The first eight octets at {@code address}, the first highest; IPv4 is IPv4-mapped. */
    public static long highAt(long address) {
        return familyAt(address) == AF_INET6
                ? Long.reverseBytes(RawMemory.getLong(address + IN6_ADDRESS_OFFSET))
                : 0;
    }

    /** The other eight octets. */
    public static long lowAt(long address) {
        if (familyAt(address) == AF_INET6) {
            return Long.reverseBytes(RawMemory.getLong(address + IN6_ADDRESS_OFFSET + Long.BYTES));
        }
        int four = Integer.reverseBytes(RawMemory.getInt(address + IN_ADDRESS_OFFSET));
        return MAPPED | Integer.toUnsignedLong(four);
    }

    /** The scope of an IPv6 address at {@code address}; else 0. */
    public static int scopeAt(long address) {
        return familyAt(address) == AF_INET6 ? RawMemory.getInt(address + IN6_SCOPE_OFFSET) : 0;
    }

    /** Whether these octets, as of {@link #highAt} and {@link #lowAt}, are an IPv4 address. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & ~IPV4_MASK) == MAPPED;
    }

    /** The octets of an IPv4 address as {@link #lowAt} has them. */
    public static long mapped(int four) {
        return MAPPED | Integer.toUnsignedLong(four);
    }

    /**
     * Writes an address for a socket of {@code family}; for IPv4 it has to be {@link #isIpv4}.
     *
     * @return the bytes written
     */
    public static int write(long address, int family, long high, long low, int port, int scope) {
        RawMemory.putShort(address, (short) family);
        RawMemory.putShort(address + PORT_OFFSET, Short.reverseBytes((short) port));
        if (family == AF_INET) {
            assert isIpv4(high, low);
            RawMemory.putInt(address + IN_ADDRESS_OFFSET, Integer.reverseBytes((int) low));
            RawMemory.putLong(address + IN_ZERO_OFFSET, 0);
            return IN_BYTES;
        }
        RawMemory.putInt(address + IN6_FLOW_OFFSET, 0);
        RawMemory.putLong(address + IN6_ADDRESS_OFFSET, Long.reverseBytes(high));
        RawMemory.putLong(address + IN6_ADDRESS_OFFSET + Long.BYTES, Long.reverseBytes(low));
        RawMemory.putInt(address + IN6_SCOPE_OFFSET, scope);
        return IN6_BYTES;
    }

    /** The address that the kernel wrote at {@code address}; IPv4-mapped ones come as IPv4. */
    public static InetSocketAddress read(long address) {
        int family = RawMemory.getShort(address) & PORT_MASK;
        int port = Short.reverseBytes(RawMemory.getShort(address + PORT_OFFSET)) & PORT_MASK;
        boolean six = family == AF_INET6;
        byte[] bytes = new byte[six ? IN6_ADDRESS_BYTES : IN_ADDRESS_BYTES];
        RawMemory.copyOut(
                address + (six ? IN6_ADDRESS_OFFSET : IN_ADDRESS_OFFSET), bytes, 0, bytes.length);
        try {
            if (six && RawMemory.getInt(address + IN6_SCOPE_OFFSET) != 0) {
                int scope = RawMemory.getInt(address + IN6_SCOPE_OFFSET);
                return new InetSocketAddress(Inet6Address.getByAddress(null, bytes, scope), port);
            }
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + bytes.length + " bytes", e);
        }
    }
}
