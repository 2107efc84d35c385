package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The header of an ICMP message (RFC 792; RFC 1191 for the next hop's MTU):
 *
 * <pre>
 *  0      1      2           4                       8
 * +------+------+-----------+-----------------------+------
 * | type | code | checksum  | by type               | data
 * +------+------+-----------+-----------------------+------
 *  echo:                      id (2), sequence (2)    any
 *  unreachable, code 4:       0 (2), next MTU (2)     the packet's beginning
 * </pre>
 */
public final class Icmpv4Header {
    public static final int BYTES = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /** Codes of {@link #DESTINATION_UNREACHABLE}. */
    public static final int CODE_NETWORK = 0;

    public static final int CODE_HOST = 1;
    public static final int CODE_PROTOCOL = 2;
    public static final int CODE_PORT = 3;
    public static final int CODE_FRAGMENTATION_NEEDED = 4;
    public static final int CODE_SOURCE_ROUTE_FAILED = 5;

    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int SECOND_HALF = 6;

    private Icmpv4Header() {}

    /** Whether {@code length} bytes, all there is after the IP header, are a message. */
    public static Defect check(MemorySegment frame, long offset, int length) {
        if (length < BYTES) {
            return Defect.TRUNCATED;
        }
        return InternetChecksum.isRight(InternetChecksum.sum(frame, offset, length))
                ? Defect.NONE
                : Defect.BAD_CHECKSUM;
    }

    public static int type(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset);
    }

    public static int code(MemorySegment frame, long offset) {
        return BigEndian.unsignedByte(frame, offset + CODE);
    }

    /** Of an echo. */
    public static int identifier(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + REST);
    }

    /** Of an echo. */
    public static int sequence(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + SECOND_HALF);
    }

    /** Of {@link #CODE_FRAGMENTATION_NEEDED}; 0 from a router that is older than RFC 1191. */
    public static int nextHopMtu(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + SECOND_HALF);
    }

    /** Whether the message reports an error, and so must not be answered by one. */
    public static boolean isError(int type) {
        return switch (type) {
            case DESTINATION_UNREACHABLE,
                    SOURCE_QUENCH,
                    REDIRECT,
                    TIME_EXCEEDED,
                    PARAMETER_PROBLEM ->
                    true;
            default -> false;
        };
    }

    /** Writes type and code, and zeros for the rest of the header. */
    public static void begin(MemorySegment frame, long offset, int type, int code) {
        BigEndian.putByte(frame, offset, type);
        BigEndian.putByte(frame, offset + CODE, code);
        BigEndian.putShort(frame, offset + CHECKSUM, 0);
        BigEndian.putInt(frame, offset + REST, 0);
    }

    public static void echo(MemorySegment frame, long offset, int identifier, int sequence) {
        BigEndian.putShort(frame, offset + REST, identifier);
        BigEndian.putShort(frame, offset + SECOND_HALF, sequence);
    }

    public static void nextHopMtu(MemorySegment frame, long offset, int mtu) {
        BigEndian.putShort(frame, offset + SECOND_HALF, mtu);
    }

    /**
     * Writes the checksum; when all else is written.
     *
     * @param length of header and data
     */
    public static void complete(MemorySegment frame, long offset, int length) {
        BigEndian.putShort(frame, offset + CHECKSUM, 0);
        long sum = InternetChecksum.sum(frame, offset, length);
        BigEndian.putShort(frame, offset + CHECKSUM, InternetChecksum.checksum(sum));
    }
}
