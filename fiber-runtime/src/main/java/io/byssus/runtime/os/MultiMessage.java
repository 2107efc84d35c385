package io.byssus.runtime.os;

/**
 * {@code struct mmsghdr}, of which {@code recvmmsg} and {@code sendmmsg} take an array:
 *
 * <pre>{@code
 * struct mmsghdr {
 *   0  struct msghdr msg_hdr;   // a MessageHeader
 *  56  unsigned int  msg_len;   // set by the kernel
 * };                            // 64 bytes on 64-bit Linux
 * }</pre>
 */
public final class MultiMessage {
    public static final int BYTES = 64;

    private static final int LENGTH_OFFSET = MessageHeader.HEADER_BYTES;

    private MultiMessage() {}

    /** The {@code index}-th of an array; it is the address of a {@link MessageHeader} too. */
    public static long at(long messages, int index) {
        return messages + (long) index * BYTES;
    }

    /** Bytes that were received or sent. */
    public static int length(long message) {
        return RawMemory.getInt(message + LENGTH_OFFSET);
    }

    /** Clears it. */
    public static void clear(long message) {
        RawMemory.fill(message, BYTES, (byte) 0);
    }
}
