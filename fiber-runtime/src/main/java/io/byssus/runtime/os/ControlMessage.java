package io.byssus.runtime.os;

/**
 * {@code struct cmsghdr} with its data, of the kinds that go with datagrams:
 *
 * <pre>{@code
 * struct cmsghdr {
 *   0  size_t cmsg_len;     // header and data
 *   8  int    cmsg_level;
 *  12  int    cmsg_type;
 * };                        // 16 bytes on 64-bit Linux; the data follows
 * }</pre>
 *
 * <p>A message may have several, each at a multiple of eight bytes.
 */
public final class ControlMessage {
    /** Room for a {@link #segment}, or for what tells that datagrams were put together. */
    public static final int SEGMENT_BYTES = 24;

    /** Room for a {@link PacketInfo} of either family. */
    public static final int PACKET_INFO_BYTES = 40;

    /** Room for a {@link PeerCredentialsStruct}. */
    public static final int CREDENTIALS_BYTES = 32;

    /** What a received one is about. */
    public enum Kind {
        /** {@link #coalescedSegment} */
        COALESCED,
        /** {@link #data} is a {@link PacketInfo} for IPv4. */
        PACKET_INFO_4,
        /** As {@link #PACKET_INFO_4}, for IPv6. */
        PACKET_INFO_6,
        /** {@link #data} is a {@link PeerCredentialsStruct}. */
        CREDENTIALS,
        OTHER
    }

    static final int SOL_IP = 0;
    static final int SOL_SOCKET = 1;
    static final int SOL_UDP = 17;
    static final int SOL_IPV6 = 41;
    static final int SCM_CREDENTIALS = 2;
    static final int IP_PKTINFO = 8;
    static final int IPV6_PKTINFO = 50;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private static final int LEVEL_OFFSET = 8;
    private static final int TYPE_OFFSET = 12;
    private static final int DATA_OFFSET = 16;
    private static final int ALIGNMENT = Long.BYTES;

    private ControlMessage() {}

    /**
     * Has the kernel cut the message into datagrams of so many bytes; the last may be shorter.
     *
     * @return the bytes that it takes
     */
    public static int segment(long control, int bytes) {
        begin(control, SOL_UDP, UDP_SEGMENT, Short.BYTES);
        RawMemory.putLong(control + DATA_OFFSET, bytes);
        return SEGMENT_BYTES;
    }

    /**
     * Has the kernel send the message from an address of this host, with octets as {@link
     * SocketAddresses} has them.
     *
     * @param family of the socket
     * @return the bytes that it takes
     */
    public static int source(long control, int family, long high, long low) {
        boolean six = family == SocketAddresses.AF_INET6;
        int length = PacketInfo.writeSource(control + DATA_OFFSET, six, high, low);
        begin(control, six ? SOL_IPV6 : SOL_IP, six ? IPV6_PKTINFO : IP_PKTINFO, length);
        return aligned(DATA_OFFSET + length);
    }

    /** What the control message at {@code control} is about. */
    public static Kind kind(long control) {
        int type = RawMemory.getInt(control + TYPE_OFFSET);
        switch (RawMemory.getInt(control + LEVEL_OFFSET)) {
            case SOL_UDP -> {
                return type == UDP_GRO ? Kind.COALESCED : Kind.OTHER;
            }
            case SOL_IP -> {
                return type == IP_PKTINFO ? Kind.PACKET_INFO_4 : Kind.OTHER;
            }
            case SOL_IPV6 -> {
                return type == IPV6_PKTINFO ? Kind.PACKET_INFO_6 : Kind.OTHER;
            }
            case SOL_SOCKET -> {
                return type == SCM_CREDENTIALS ? Kind.CREDENTIALS : Kind.OTHER;
            }
            default -> {
                return Kind.OTHER;
            }
        }
    }

    /** Address of what is in it. */
    public static long data(long control) {
        return control + DATA_OFFSET;
    }

    /** Bytes from here to the next one; never so few that a loop would not come to its end. */
    public static int step(long control) {
        return aligned(Math.clamp(RawMemory.getLong(control), DATA_OFFSET, Short.MAX_VALUE));
    }

    /** Bytes of each datagram in a message that the kernel has put together. */
    public static int coalescedSegment(long control) {
        return RawMemory.getInt(control + DATA_OFFSET);
    }

    private static void begin(long control, int level, int type, int dataBytes) {
        RawMemory.putLong(control, DATA_OFFSET + (long) dataBytes);
        RawMemory.putInt(control + LEVEL_OFFSET, level);
        RawMemory.putInt(control + TYPE_OFFSET, type);
    }

    private static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
