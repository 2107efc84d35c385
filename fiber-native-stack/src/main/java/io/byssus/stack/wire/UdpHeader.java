package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The header of a UDP datagram (RFC 768):
 *
 * <pre>
 *  0        2             4        6          8
 * +--------+-------------+--------+----------+------
 * | source | destination | length | checksum | data
 * +--------+-------------+--------+----------+------
 * </pre>
 */
public final class UdpHeader {
    public static final int BYTES = 8;

    private static final int DESTINATION_PORT = 2;
    private static final int LENGTH = 4;
    private static final int CHECKSUM = 6;
    private static final int ALL_ONES = 0xffff;

    private UdpHeader() {}

    /**
     * Whether {@code length} bytes, all there is after the IP header, hold a datagram.
     *
     * @param pseudoHeader its sum, over the length that the datagram claims
     */
    public static Defect check(MemorySegment frame, long offset, int length, long pseudoHeader) {
        Defect lengths = checkLengths(frame, offset, length);
        if (lengths != Defect.NONE || BigEndian.unsignedShort(frame, offset + CHECKSUM) == 0) {
            return lengths; // zero: the sender made none (RFC 768)
        }
        long sum = pseudoHeader + InternetChecksum.sum(frame, offset, length(frame, offset));
        return InternetChecksum.isRight(sum) ? Defect.NONE : Defect.BAD_CHECKSUM;
    }

    /** As {@link #check} without the checksum. */
    public static Defect checkLengths(MemorySegment frame, long offset, int length) {
        if (length < BYTES) {
            return Defect.TRUNCATED;
        }
        int claimed = length(frame, offset);
        if (claimed < BYTES) {
            return Defect.BAD_LENGTH;
        }
        return claimed > length ? Defect.TRUNCATED : Defect.NONE;
    }

    public static int sourcePort(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset);
    }

    public static int destinationPort(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + DESTINATION_PORT);
    }

    /** Of header and data; the pseudo-header has it too. */
    public static int length(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + LENGTH);
    }

    public static void sourcePort(MemorySegment frame, long offset, int port) {
        BigEndian.putShort(frame, offset, port);
    }

    public static void destinationPort(MemorySegment frame, long offset, int port) {
        BigEndian.putShort(frame, offset + DESTINATION_PORT, port);
    }

    public static void length(MemorySegment frame, long offset, int bytes) {
        BigEndian.putShort(frame, offset + LENGTH, bytes);
    }

    /** Writes the checksum; when all else is written. */
    public static void complete(MemorySegment frame, long offset, long pseudoHeader) {
        BigEndian.putShort(frame, offset + CHECKSUM, 0);
        long sum = pseudoHeader + InternetChecksum.sum(frame, offset, length(frame, offset));
        int checksum = InternetChecksum.checksum(sum);
        // Zero means none, so a checksum of zero is sent as its other representation (RFC 768).
        BigEndian.putShort(frame, offset + CHECKSUM, checksum == 0 ? ALL_ONES : checksum);
    }
}
