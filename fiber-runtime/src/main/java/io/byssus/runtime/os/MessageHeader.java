package io.byssus.runtime.os;

/**
 * {@code struct msghdr}; for a gathering send its {@code struct iovec}s ({@link IoVectors}) follow
 * it:
 *
 * <pre>{@code
 * struct msghdr {
 *   0  void         *msg_name;
 *   8  socklen_t     msg_namelen;
 *  16  struct iovec *msg_iov;
 *  24  size_t        msg_iovlen;
 *  32  void         *msg_control;
 *  40  size_t        msg_controllen;
 *  48  int           msg_flags;
 * };                  // 56 bytes on 64-bit Linux
 * }</pre>
 */
public final class MessageHeader {
    /** Without slices. */
    static final int HEADER_BYTES = 56;

    private static final int NAME_LENGTH_OFFSET = 8;
    private static final int IOVEC_OFFSET = 16;
    private static final int IOVEC_COUNT_OFFSET = 24;
    private static final int CONTROL_OFFSET = 32;
    private static final int CONTROL_LENGTH_OFFSET = 40;

    private MessageHeader() {}

    /** Bytes of a header with room for {@code slices} slices. */
    public static int bytes(int slices) {
        return HEADER_BYTES + IoVectors.bytes(slices);
    }

    /** Clears the header at {@code header} and points it at the slices that follow it. */
    public static void begin(long header) {
        RawMemory.fill(header, HEADER_BYTES, (byte) 0);
        RawMemory.putLong(header + IOVEC_OFFSET, header + HEADER_BYTES);
    }

    public static void slice(long header, int index, long address, long length) {
        IoVectors.slice(header + HEADER_BYTES, index, address, length);
    }

    public static void sliceCount(long header, int count) {
        RawMemory.putLong(header + IOVEC_COUNT_OFFSET, count);
    }

    /** Points the header at its slices, wherever they are. */
    public static void slices(long header, long vectors, int count) {
        RawMemory.putLong(header + IOVEC_OFFSET, vectors);
        RawMemory.putLong(header + IOVEC_COUNT_OFFSET, count);
    }

    /** Points the header at the room for the other end's address, or at that address. */
    public static void name(long header, long address, int length) {
        RawMemory.putLong(header, address);
        RawMemory.putLong(header + NAME_LENGTH_OFFSET, length);
    }

    /** Points the header at its {@link ControlMessage}s, or the room for them. */
    public static void control(long header, long address, int length) {
        RawMemory.putLong(header + CONTROL_OFFSET, address);
        RawMemory.putLong(header + CONTROL_LENGTH_OFFSET, length);
    }

    /** Bytes of the other end's address that the kernel has written. */
    public static int nameLength(long header) {
        return RawMemory.getInt(header + NAME_LENGTH_OFFSET);
    }

    /** Address of the control messages. */
    public static long control(long header) {
        return RawMemory.getLong(header + CONTROL_OFFSET);
    }

    /** Bytes of control messages that the kernel has left. */
    public static long controlLength(long header) {
        return RawMemory.getLong(header + CONTROL_LENGTH_OFFSET);
    }
}
