package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The header of an Ethernet II frame (RFC 894):
 *
 * <pre>
 *  0            6            12      14
 * +------------+------------+-------+----------
 * | destination|   source   | type  | payload
 * +------------+------------+-------+----------
 * </pre>
 */
public final class EthernetHeader {
    public static final int BYTES = 14;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_IPV6 = 0x86dd;

    private static final int SOURCE = 6;
    private static final int TYPE = 12;

    private EthernetHeader() {}

    /** Whether {@code length} bytes can begin with one. */
    public static Defect check(int length) {
        return length < BYTES ? Defect.TRUNCATED : Defect.NONE;
    }

    public static long destination(MemorySegment frame, long offset) {
        return BigEndian.int48(frame, offset);
    }

    public static long source(MemorySegment frame, long offset) {
        return BigEndian.int48(frame, offset + SOURCE);
    }

    /** Of the payload; below 1536 it is an IEEE 802.3 length, which nobody here speaks. */
    public static int type(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + TYPE);
    }

    public static void destination(MemorySegment frame, long offset, long address) {
        BigEndian.putInt48(frame, offset, address);
    }

    public static void source(MemorySegment frame, long offset, long address) {
        BigEndian.putInt48(frame, offset + SOURCE, address);
    }

    public static void type(MemorySegment frame, long offset, int type) {
        BigEndian.putShort(frame, offset + TYPE, type);
    }
}
