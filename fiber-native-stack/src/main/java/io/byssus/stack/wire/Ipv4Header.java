package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The header of an IPv4 packet (RFC 791, 3.1; RFC 2474 and 3168 for the second byte):
 *
 * <pre>
 *  0       4       8               16                              31
 * +-------+-------+-----------+---+-------------------------------+
 * |version|  IHL  |   DSCP    |ECN|          total length         |   0
 * +-------+-------+-----------+---+-----+-------------------------+
 * |        identification         |0|D|M|     fragment offset     |   4
 * +---------------+---------------+-----+-------------------------+
 * |      TTL      |   protocol    |        header checksum        |   8
 * +---------------+---------------+-------------------------------+
 * |                            source                             |  12
 * +---------------------------------------------------------------+
 * |                          destination                          |  16
 * +---------------------------------------------------------------+
 * |                 options, (IHL - 5) * 4 bytes                  |  20
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4Header {
    public static final int BYTES_MIN = 20;
    public static final int BYTES_MAX = 60;

    public static final int PROTOCOL_ICMP = 1;
    public static final int PROTOCOL_TCP = 6;
    public static final int PROTOCOL_UDP = 17;

    /** The unit of fragment offsets. */
    public static final int FRAGMENT_UNIT_BYTES = 8;

    private static final int VERSION = 4;
    private static final int VERSION_AND_LENGTH = (VERSION << 4) | (BYTES_MIN / Integer.BYTES);
    private static final int NIBBLE_BITS = 4;
    private static final int NIBBLE = 0xf;

    private static final int TRAFFIC_CLASS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_LOOSE_SOURCE_ROUTE = 131;
    private static final int OPTION_STRICT_SOURCE_ROUTE = 137;
    private static final int OPTION_BYTES_MIN = 2;

    private Ipv4Header() {}

    /**
     * Whether {@code length} bytes hold a whole packet; there may be padding behind it. Says
     * nothing of the options.
     */
    public static Defect check(MemorySegment frame, long offset, int length) {
        if (length < BYTES_MIN) {
            return Defect.TRUNCATED;
        }
        if (BigEndian.unsignedByte(frame, offset) >>> NIBBLE_BITS != VERSION) {
            return Defect.WRONG_VERSION;
        }
        int headerLength = headerLength(frame, offset);
        int totalLength = totalLength(frame, offset);
        if (headerLength < BYTES_MIN || totalLength < headerLength) {
            return Defect.BAD_LENGTH;
        }
        if (length < totalLength) {
            return Defect.TRUNCATED;
        }
        return InternetChecksum.isRight(InternetChecksum.sum(frame, offset, headerLength))
                ? Defect.NONE
                : Defect.BAD_CHECKSUM;
    }

    /** Whether the options' lengths make sense. After {@link #check}. */
    public static Defect checkOptions(MemorySegment frame, long offset) {
        return scanOptions(frame, offset) == BAD ? Defect.BAD_OPTION : Defect.NONE;
    }

    /** Whether the sender chose the route (RFC 7126 advises to drop these). */
    public static boolean isSourceRouted(MemorySegment frame, long offset) {
        return scanOptions(frame, offset) == SOURCE_ROUTED;
    }

    /** Options included, in bytes. */
    public static int headerLength(MemorySegment frame, long offset) {
        return (BigEndian.unsignedByte(frame, offset) & NIBBLE) * Integer.BYTES;
    }

    /** Of the differentiated service, 6 bits, and explicit congestion notification, 2. */
    public static int trafficClass(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset + TRAFFIC_CLASS);
    }

    /** Of header and payload, in bytes. */
    public static int totalLength(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + TOTAL_LENGTH);
    }

    public static int identification(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + IDENTIFICATION);
    }

    public static boolean dontFragment(MemorySegment frame, long offset) {
        return (BigEndian.unsignedShort(frame, offset + FRAGMENT) & DONT_FRAGMENT) != 0;
    }

    public static boolean moreFragments(MemorySegment frame, long offset) {
        return (BigEndian.unsignedShort(frame, offset + FRAGMENT) & MORE_FRAGMENTS) != 0;
    }

    /** Where the payload belongs in the whole, in bytes. */
    public static int fragmentOffset(MemorySegment frame, long offset) {
        return (BigEndian.unsignedShort(frame, offset + FRAGMENT) & FRAGMENT_OFFSET)
                * FRAGMENT_UNIT_BYTES;
    }

    public static int timeToLive(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset + TIME_TO_LIVE);
    }

    public static int protocol(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset + PROTOCOL);
    }

    public static int source(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + SOURCE);
    }

    public static int destination(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + DESTINATION);
    }

    /** Writes a header without options: all fields zero but the version and its own length. */
    public static void begin(MemorySegment frame, long offset) {
        for (int at = 0; at < BYTES_MIN; at += Integer.BYTES) {
            BigEndian.putInt(frame, offset + at, 0);
        }
        BigEndian.putByte(frame, offset, VERSION_AND_LENGTH);
    }

    public static void trafficClass(MemorySegment frame, long offset, int value) {
        BigEndian.putByte(frame, offset + TRAFFIC_CLASS, value);
    }

    public static void totalLength(MemorySegment frame, long offset, int bytes) {
        BigEndian.putShort(frame, offset + TOTAL_LENGTH, bytes);
    }

    public static void identification(MemorySegment frame, long offset, int value) {
        BigEndian.putShort(frame, offset + IDENTIFICATION, value);
    }

    /** Forbids routers to fragment it. */
    public static void setDontFragment(MemorySegment frame, long offset) {
        BigEndian.putShort(frame, offset + FRAGMENT, DONT_FRAGMENT);
    }

    /** What part of a larger packet this is. */
    public enum Part {
        LAST,
        NOT_LAST
    }

    /** Makes it a fragment that belongs {@code bytes} into the whole: a multiple of 8. */
    public static void fragment(MemorySegment frame, long offset, int bytes, Part part) {
        assert bytes % FRAGMENT_UNIT_BYTES == 0 : "bytes=" + bytes;
        BigEndian.putShort(
                frame,
                offset + FRAGMENT,
                (bytes / FRAGMENT_UNIT_BYTES) | (part == Part.NOT_LAST ? MORE_FRAGMENTS : 0));
    }

    public static void timeToLive(MemorySegment frame, long offset, int hops) {
        BigEndian.putByte(frame, offset + TIME_TO_LIVE, hops);
    }

    public static void protocol(MemorySegment frame, long offset, int protocol) {
        BigEndian.putByte(frame, offset + PROTOCOL, protocol);
    }

    public static void source(MemorySegment frame, long offset, int address) {
        BigEndian.putInt(frame, offset + SOURCE, address);
    }

    public static void destination(MemorySegment frame, long offset, int address) {
        BigEndian.putInt(frame, offset + DESTINATION, address);
    }

    /** Writes the checksum; when all else is written. */
    public static void complete(MemorySegment frame, long offset) {
        BigEndian.putShort(frame, offset + CHECKSUM, 0);
        long sum = InternetChecksum.sum(frame, offset, headerLength(frame, offset));
        BigEndian.putShort(frame, offset + CHECKSUM, InternetChecksum.checksum(sum));
    }

    private static final int PLAIN = 0;
    private static final int SOURCE_ROUTED = 1;
    private static final int BAD = 2;

    /** {@link #BAD} counts more than {@link #SOURCE_ROUTED}. */
    private static int scanOptions(MemorySegment frame, long offset) {
        long end = offset + headerLength(frame, offset);
        long at = offset + BYTES_MIN;
        int found = PLAIN;
        while (at < end) {
            int type = BigEndian.unsignedByte(frame, at);
            if (type == OPTION_END) {
                return found;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            int optionLength = at + 1 < end ? BigEndian.unsignedByte(frame, at + 1) : 0;
            if (optionLength < OPTION_BYTES_MIN || optionLength > end - at) {
                return BAD;
            }
            if (type == OPTION_LOOSE_SOURCE_ROUTE || type == OPTION_STRICT_SOURCE_ROUTE) {
                found = SOURCE_ROUTED;
            }
            at += optionLength;
        }
        return found;
    }
}
