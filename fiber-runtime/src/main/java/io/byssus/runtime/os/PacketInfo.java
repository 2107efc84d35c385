package io.byssus.runtime.os;

/**
 * Which address of this host a datagram was sent to, or is to be sent from (ip(7), RFC 3542, 6):
 *
 * <pre>{@code
 * struct in_pktinfo {                                 struct in6_pktinfo {
 *   0  int     ipi_ifindex;                             0  in6_addr ipi6_addr;
 *   4  in_addr ipi_spec_dst; // of this host           16  unsigned ipi6_ifindex;
 *   8  in_addr ipi_addr;     // what the packet says  };
 * };
 * }</pre>
 *
 * <p>Octets are those of {@link SocketAddresses}: two longs, with IPv4 addresses IPv4-mapped.
 */
public final class PacketInfo {
    static final int BYTES_4 = 12;
    static final int BYTES_6 = 20;

    private static final int HOST_OFFSET_4 = 4;
    private static final int ADDRESS_OFFSET_4 = 8;
    private static final int INTERFACE_OFFSET_6 = 16;

    private PacketInfo() {}

    /** The first half of an IPv6 destination. */
    public static long high(long info) {
        return Long.reverseBytes(RawMemory.getLong(info));
    }

    /** The second half of an IPv6 destination. */
    public static long low(long info) {
        return Long.reverseBytes(RawMemory.getLong(info + Long.BYTES));
    }

    /** An IPv4 destination, perhaps a group or a broadcast address. */
    public static long destination4(long info) {
        return four(info + ADDRESS_OFFSET_4);
    }

    /** The address of this host that is right for an answer over IPv4. */
    public static long host4(long info) {
        return four(info + HOST_OFFSET_4);
    }

    /** Writes the address to send from; the bytes written. */
    static int writeSource(long info, boolean six, long high, long low) {
        if (six) {
            RawMemory.putLong(info, Long.reverseBytes(high));
            RawMemory.putLong(info + Long.BYTES, Long.reverseBytes(low));
            RawMemory.putInt(info + INTERFACE_OFFSET_6, 0);
            return BYTES_6;
        }
        RawMemory.putInt(info, 0);
        RawMemory.putInt(info + HOST_OFFSET_4, Integer.reverseBytes((int) low));
        RawMemory.putInt(info + ADDRESS_OFFSET_4, 0);
        return BYTES_4;
    }

    private static long four(long address) {
        return SocketAddresses.mapped(Integer.reverseBytes(RawMemory.getInt(address)));
    }
}
