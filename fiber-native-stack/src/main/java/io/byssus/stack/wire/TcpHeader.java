package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The header of a TCP segment (RFC 9293, 3.1):
 *
 * <pre>
 *  0       4       8               16                              31
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |   0
 * +-------------------------------+-------------------------------+
 * |                        sequence number                        |   4
 * +---------------------------------------------------------------+
 * |                    acknowledgment number                      |   8
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * | data  |       |C|E|U|A|P|R|S|F|                               |
 * | offset| zero  |W|C|R|C|S|S|Y|I|            window             |  12
 * |       |       |R|E|G|K|H|T|N|N|                               |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * |           checksum            |        urgent pointer         |  16
 * +-------------------------------+-------------------------------+
 * |          options, (data offset - 5) * 4 bytes                 |  20
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class TcpHeader {
    public static final int BYTES_MIN = 20;
    public static final int BYTES_MAX = 60;
    public static final int OPTION_BYTES_MAX = BYTES_MAX - BYTES_MIN;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;

    /** Explicit congestion notification: congestion was experienced (RFC 3168). */
    public static final int ECE = 0x40;

    /** The sender has reduced its congestion window (RFC 3168). */
    public static final int CWR = 0x80;

    /** For a device that is told where to write the checksum. */
    public static final int CHECKSUM_OFFSET = 16;

    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int URGENT = 18;
    private static final int NIBBLE_BITS = 4;

    private TcpHeader() {}

    /**
     * Whether {@code length} bytes, all there is after the IP header, begin with one.
     *
     * @param pseudoHeader its sum, over {@code length}
     */
    public static Defect check(MemorySegment frame, long offset, int length, long pseudoHeader) {
        Defect lengths = checkLengths(frame, offset, length);
        if (lengths != Defect.NONE) {
            return lengths;
        }
        long sum = pseudoHeader + InternetChecksum.sum(frame, offset, length);
        return InternetChecksum.isRight(sum) ? Defect.NONE : Defect.BAD_CHECKSUM;
    }

    /** As {@link #check} without the checksum, for a device that has looked at that. */
    public static Defect checkLengths(MemorySegment frame, long offset, int length) {
        if (length < BYTES_MIN) {
            return Defect.TRUNCATED;
        }
        int headerLength = headerLength(frame, offset);
        if (headerLength < BYTES_MIN) {
            return Defect.BAD_LENGTH;
        }
        return headerLength > length ? Defect.TRUNCATED : Defect.NONE;
    }

    public static int sourcePort(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset);
    }

    public static int destinationPort(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + DESTINATION_PORT);
    }

    public static int sequence(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + SEQUENCE);
    }

    /** Means something only with {@link #ACK}. */
    public static int acknowledgment(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + ACKNOWLEDGMENT);
    }

    /** Options included, in bytes. */
    public static int headerLength(MemorySegment frame, long offset) {
        return (BigEndian.unsignedByte(frame, offset + DATA_OFFSET) >>> NIBBLE_BITS)
                * Integer.BYTES;
    }

    /** {@link #FIN} to {@link #CWR}. */
    public static int flags(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset + FLAGS);
    }

    /** As it stands there, not scaled. */
    public static int window(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + WINDOW);
    }

    /** Means something only with {@link #URG}: counted from the sequence number. */
    public static int urgentPointer(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + URGENT);
    }

    public static void sourcePort(MemorySegment frame, long offset, int port) {
        BigEndian.putShort(frame, offset, port);
    }

    public static void destinationPort(MemorySegment frame, long offset, int port) {
        BigEndian.putShort(frame, offset + DESTINATION_PORT, port);
    }

    public static void sequence(MemorySegment frame, long offset, int number) {
        BigEndian.putInt(frame, offset + SEQUENCE, number);
    }

    public static void acknowledgment(MemorySegment frame, long offset, int number) {
        BigEndian.putInt(frame, offset + ACKNOWLEDGMENT, number);
    }

    /** Options included: a multiple of 4. */
    public static void headerLength(MemorySegment frame, long offset, int bytes) {
        assert bytes % Integer.BYTES == 0 && bytes >= BYTES_MIN && bytes <= BYTES_MAX
                : "bytes=" + bytes;
        BigEndian.putByte(frame, offset + DATA_OFFSET, (bytes / Integer.BYTES) << NIBBLE_BITS);
    }

    public static void flags(MemorySegment frame, long offset, int flags) {
        BigEndian.putByte(frame, offset + FLAGS, flags);
    }

    public static void window(MemorySegment frame, long offset, int window) {
        BigEndian.putShort(frame, offset + WINDOW, window);
    }

    public static void urgentPointer(MemorySegment frame, long offset, int pointer) {
        BigEndian.putShort(frame, offset + URGENT, pointer);
    }

    /**
     * Writes the checksum of a segment of {@code length} bytes; when all else is written.
     *
     * @param pseudoHeader its sum, over {@code length}
     */
    public static void complete(MemorySegment frame, long offset, int length, long pseudoHeader) {
        BigEndian.putShort(frame, offset + CHECKSUM_OFFSET, 0);
        long sum = pseudoHeader + InternetChecksum.sum(frame, offset, length);
        BigEndian.putShort(frame, offset + CHECKSUM_OFFSET, InternetChecksum.checksum(sum));
    }

    /**
     * Leaves the sum over header and payload to the device: only the pseudo-header's is written.
     */
    public static void completePartially(MemorySegment frame, long offset, long pseudoHeader) {
        BigEndian.putShort(frame, offset + CHECKSUM_OFFSET, InternetChecksum.partial(pseudoHeader));
    }
}
