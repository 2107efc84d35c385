package io.byssus.net.tls;

import java.nio.ByteBuffer;

/**
 * Where a record ends (RFC 8446, 5.1; RFC 5246, 6.2.3).
 *
 * <pre>
 *  0      1             3             5
 * | type | version     | length      | length bytes ...
 * </pre>
 */
final class Records {
    static final int HEADER_BYTES = 5;

    /** 2^14 bytes of text, and what a cipher may add. */
    static final int BYTES_MAX = HEADER_BYTES + (1 << 14) + 2048;

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final int VERSION_MAJOR = 3;
    private static final int BYTE_MASK = 0xff;

    private Records() {}

    /**
     * Bytes of the record at the beginning of {@code bytes}; 0 if they do not reach to its end. For
     * what is no record at all, all bytes that there are: the engine will say what is wrong.
     */
    static int length(ByteBuffer bytes) {
        int available = bytes.remaining();
        if (available < HEADER_BYTES) {
            return available > 0 && !mayBegin(bytes.get(bytes.position())) ? available : 0;
        }
        int at = bytes.position();
        int total =
                lengthOf(bytes.get(at), bytes.get(at + 1), bytes.get(at + 3), bytes.get(at + 4));
        if (total < 0) {
            return available;
        }
        return total <= available ? total : 0;
    }

    /** Bytes of the record with this header, the header included; -1 if it is none. */
    static int lengthOf(byte type, byte major, byte lengthHigh, byte lengthLow) {
        int total =
                HEADER_BYTES + ((lengthHigh & BYTE_MASK) << Byte.SIZE) + (lengthLow & BYTE_MASK);
        return mayBegin(type) && major == VERSION_MAJOR && total <= BYTES_MAX ? total : -1;
    }

    private static boolean mayBegin(byte type) {
        return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA;
    }
}
