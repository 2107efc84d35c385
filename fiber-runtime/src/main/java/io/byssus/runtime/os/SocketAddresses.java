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
