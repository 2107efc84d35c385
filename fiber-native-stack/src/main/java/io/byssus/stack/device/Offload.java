package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.InternetChecksum;

/**
 * What is left to do in a frame, packed into a {@code long} that travels beside it: on the way out
 * a request to the device, on the way in what nobody has done yet, because the frame has never been
 * on a wire.
 *
 * <pre>
 *  56         48            32            16          8        4    3      2      1      0
 * +----------+-------------+-------------+-----------+--------+----+------+------+------+
 * |  header  |   segment   |  checksum   | checksum  |segmen- |    | CWR  |veri- |needs |
 * |  length  |    bytes    |   start     |  offset   |tation  |    |      |fied  |check |
 * +----------+-------------+-------------+-----------+--------+----+------+------+------+
 * </pre>
 *
 * <p>The numbers are those of virtio-net (virtio 1.2, 5.1.6), counted from the frame's first byte.
 */
public final class Offload {
    /** The frame is complete, and its checksum was not looked at. */
    public static final long NONE = 0;

    /** Received: the transport's checksum is known to be right. */
    public static final long VERIFIED = 1L << 1;

    /** The largest {@link #checksumOffset}: the field is within the transport's first bytes. */
    public static final int CHECKSUM_OFFSET_MAX = 0xff;

    /** The largest IP packet there is, and so the largest that can be cut into segments. */
    static final int PACKET_BYTES_MAX = 0xffff;

    private static final long NEEDS_CHECKSUM = 1;
    private static final long CONGESTION_WINDOW_REDUCED = 1L << 2;
    private static final long TCP_OVER_IPV4 = 1L << 4;

    private static final int CHECKSUM_OFFSET_SHIFT = 8;
    private static final int CHECKSUM_START_SHIFT = 16;
    private static final int SEGMENT_BYTES_SHIFT = 32;
    private static final int HEADER_LENGTH_SHIFT = 48;
    private static final int BYTE = 0xff;
    private static final int SHORT = 0xffff;
    private static final long CHECKSUM_BITS =
            ((1L << SEGMENT_BYTES_SHIFT) - (1L << CHECKSUM_OFFSET_SHIFT))
                    | NEEDS_CHECKSUM
                    | VERIFIED;

    private Offload() {}

    /**
     * The checksum is to be completed: over everything from {@code start} to the frame's end, into
     * the field that is {@code offset} bytes behind {@code start} and holds the pseudo-header's sum
     * ({@link InternetChecksum#partial}).
     */
    public static long checksum(int start, int offset) {
        assert start == (start & SHORT) && offset == (offset & BYTE)
                : "start=" + start + " offset=" + offset;
        return NEEDS_CHECKSUM
                | ((long) start << CHECKSUM_START_SHIFT)
                | ((long) offset << CHECKSUM_OFFSET_SHIFT);
    }

    /**
     * The frame is one TCP segment over IPv4, to be cut into several. The pseudo-header's sum is
     * over the length of the whole.
     *
     * @param offload what there is to do besides, such as the checksum
     * @param headerLength of Ethernet, IP and TCP with its options; 0 if that is for the reader to
     *     find out
     * @param segmentBytes the payload of each segment: the MSS less TCP's options
     */
    public static long tcpSegments(long offload, int headerLength, int segmentBytes) {
        assert headerLength == (headerLength & BYTE) : "headerLength=" + headerLength;
        assert segmentBytes > 0 && segmentBytes == (segmentBytes & SHORT)
                : "segmentBytes=" + segmentBytes;
        return offload
                | TCP_OVER_IPV4
                | ((long) segmentBytes << SEGMENT_BYTES_SHIFT)
                | ((long) headerLength << HEADER_LENGTH_SHIFT);
    }

    /** CWR is set, which must be so in the first segment only (RFC 3168, 6.1.2). */
    public static long congestionWindowReduced(long offload) {
        return offload | CONGESTION_WINDOW_REDUCED;
    }

    public static boolean needsChecksum(long offload) {
        return (offload & NEEDS_CHECKSUM) != 0;
    }

    /** Whether the checksum is known to be right. */
    public static boolean isVerified(long offload) {
        return (offload & VERIFIED) != 0;
    }

    public static boolean isTcpSegments(long offload) {
        return (offload & TCP_OVER_IPV4) != 0;
    }

    public static boolean isCongestionWindowReduced(long offload) {
        return (offload & CONGESTION_WINDOW_REDUCED) != 0;
    }

    /** Where the bytes begin that the checksum covers. */
    public static int checksumStart(long offload) {
        return (int) (offload >>> CHECKSUM_START_SHIFT) & SHORT;
    }

    /** Where the checksum's field is, from {@link #checksumStart} on. */
    public static int checksumOffset(long offload) {
        return (int) (offload >>> CHECKSUM_OFFSET_SHIFT) & BYTE;
    }

    /** The payload of each segment; 0 for a frame that stays as it is. */
    public static int segmentBytes(long offload) {
        return (int) (offload >>> SEGMENT_BYTES_SHIFT) & SHORT;
    }

    /** Of all headers together; 0 if unknown. */
    public static int headerLength(long offload) {
        return (int) (offload >>> HEADER_LENGTH_SHIFT) & BYTE;
    }

    /** The same of a frame whose checksum is what it is, and unknown to be right. */
    public static long withoutChecksum(long offload) {
        return offload & ~CHECKSUM_BITS;
    }

    /** Whether what it says lies within a frame of so many bytes. */
    public static boolean fits(long offload, int frameLength) {
        int checksumEnd = checksumStart(offload) + checksumOffset(offload) + Short.BYTES;
        return (!needsChecksum(offload) || checksumEnd <= frameLength)
                && headerLength(offload) <= frameLength;
    }

    /** Where the checksum's field is in the frame. */
    static int checksumAt(long offload) {
        return checksumStart(offload) + checksumOffset(offload);
    }

    /**
     * The checksum that completes a frame which needs one. Never 0, which UDP reserves, and which
     * means the same as all ones.
     */
    static int completeChecksum(long offload, Buffer frame) {
        assert needsChecksum(offload) && fits(offload, frame.length()) : frame;
        int start = checksumStart(offload);
        long sum =
                InternetChecksum.sum(
                        RawMemory.all(), frame.address() + start, frame.length() - start);
        int checksum = InternetChecksum.checksum(sum);
        return checksum == 0 ? SHORT : checksum;
    }

    /** Writes that checksum into the frame. */
    public static void complete(long offload, Buffer frame) {
        int checksum = completeChecksum(offload, frame);
        int at = checksumAt(offload);
        frame.put(at, (byte) (checksum >>> Byte.SIZE));
        frame.put(at + 1, (byte) checksum);
    }
}
