package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of all 16-bit
 * words.
 *
 * <p>A <em>sum</em> is a {@code long} that is congruent to that sum modulo 65535, in little-endian
 * words: the sum does not depend on the byte order but for a final swap (RFC 1071, 2(B)), so the
 * loop adds 32 bits at a time in the machine's own order and the JIT vectorises it. Sums of parts
 * add up: {@code sum(header) + sum(payload)}, if every part but the last has an even length; {@link
 * #shifted} is for one that begins at an odd place.
 */
public final class InternetChecksum {
    private static final ValueLayout.OfInt WORD =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** What bytes with a right checksum among them add up to. */
    private static final int ALL_ONES = 0xffff;

    private InternetChecksum() {}

    /** The sum of {@code length} bytes. At most 2^31 of them, which cannot overflow. */
    public static long sum(MemorySegment frame, long offset, long length) {
        long sum = 0;
        long words = offset + (length & -Integer.BYTES);
        for (long i = offset; i < words; i += Integer.BYTES) {
            sum += Integer.toUnsignedLong(frame.get(WORD, i));
        }
        return sum + tail(frame, words, (int) (offset + length - words));
    }

    /**
     * The sum of TCP's and UDP's pseudo-header over IPv4 (RFC 9293 3.1).
     *
     * @param length of the transport's header and payload
     */
    public static long pseudoHeader(int source, int destination, int protocol, int length) {
        return Integer.toUnsignedLong(Integer.reverseBytes(source))
                + Integer.toUnsignedLong(Integer.reverseBytes(destination))
                + Integer.toUnsignedLong(Integer.reverseBytes(protocol))
                + Integer.toUnsignedLong(Integer.reverseBytes(length));
    }

    /** The sum of bytes that begin at an odd distance from the beginning of the whole. */
    public static long shifted(long sum) {
        return Short.toUnsignedLong(Short.reverseBytes((short) fold(sum)));
    }

    /** The checksum that makes bytes with this sum (their checksum field being zero) right. */
    public static int checksum(long sum) {
        return ~Short.reverseBytes((short) fold(sum)) & ALL_ONES;
    }

    /** Whether bytes with this sum, their checksum field included, are right. */
    public static boolean isRight(long sum) {
        return fold(sum) == ALL_ONES;
    }

    /**
     * The sum as a 16-bit field in network order, not complemented: what a device that completes
     * the checksum wants to find there.
     */
    public static int partial(long sum) {
        return Short.reverseBytes((short) fold(sum)) & ALL_ONES;
    }

    /**
     * The checksum after a 16-bit word that it covers has changed (RFC 1624, equation 3).
     *
     * @param checksum as it stands in the header
     */
    public static int updated(int checksum, int oldWord, int newWord) {
        int sum = (~checksum & ALL_ONES) + (~oldWord & ALL_ONES) + newWord;
        sum = (sum & ALL_ONES) + (sum >>> Short.SIZE);
        sum = (sum & ALL_ONES) + (sum >>> Short.SIZE);
        return ~sum & ALL_ONES;
    }

    /** The up to three bytes after the last whole word. */
    private static long tail(MemorySegment frame, long from, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum |=
                    Byte.toUnsignedLong(frame.get(ValueLayout.JAVA_BYTE, from + i))
                            << (i * Byte.SIZE);
        }
        return sum;
    }

    /** 0 only if every byte is. */
    private static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> Integer.SIZE);
        folded = (folded & ALL_ONES) + (folded >>> Short.SIZE);
        folded = (folded & ALL_ONES) + (folded >>> Short.SIZE);
        folded = (folded & ALL_ONES) + (folded >>> Short.SIZE);
        return (int) folded;
    }
}
