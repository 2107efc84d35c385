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
 */
public final class ControlMessage {
    /** Room for one with up to eight bytes of data: CMSG_SPACE. */
    public static final int BYTES = 24;

    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private static final int LEVEL_OFFSET = 8;
    private static final int TYPE_OFFSET = 12;
    private static final int DATA_OFFSET = 16;

    private ControlMessage() {}

    /** Has the kernel cut the message into datagrams of so many bytes; the last may be shorter. */
    public static void segment(long control, int bytes) {
        RawMemory.putLong(control, DATA_OFFSET + Short.BYTES);
        RawMemory.putInt(control + LEVEL_OFFSET, SOL_UDP);
        RawMemory.putInt(control + TYPE_OFFSET, UDP_SEGMENT);
        RawMemory.putLong(control + DATA_OFFSET, bytes);
    }

    /** Bytes of each datagram in a message that the kernel has put together; 0 if it has not. */
    public static int coalescedSegment(long control) {
        return RawMemory.getInt(control + LEVEL_OFFSET) == SOL_UDP
                        && RawMemory.getInt(control + TYPE_OFFSET) == UDP_GRO
                ? RawMemory.getInt(control + DATA_OFFSET)
                : 0;
    }
}
