package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * An ARP packet for IPv4 over Ethernet (RFC 826):
 *
 * <pre>
 *  0        2        4    5    6         8
 * +--------+--------+----+----+---------+
 * | hw = 1 |pr=0800 | 6  | 4  |operation|
 * +--------+--------+----+----+---------+
 *  8          14         18         24         28
 * +----------+----------+----------+----------+
 * |sender MAC| sender IP|target MAC| target IP|
 * +----------+----------+----------+----------+
 * </pre>
 */
public final class ArpPacket {
    public static final int BYTES = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    private static final int HARDWARE_ETHERNET = 1;
    private static final int MAC_BYTES = 6;
    private static final int IP_BYTES = 4;

    private static final int PROTOCOL = 2;
    private static final int MAC_LENGTH = 4;
    private static final int IP_LENGTH = 5;
    private static final int OPERATION = 6;
    private static final int SENDER_MAC = 8;
    private static final int SENDER_IP = 14;
    private static final int TARGET_MAC = 18;
    private static final int TARGET_IP = 24;

    private ArpPacket() {}

    /** Whether {@code length} bytes hold one of this kind; there may be padding behind it. */
    public static Defect check(MemorySegment frame, long offset, int length) {
        if (length < BYTES) {
            return Defect.TRUNCATED;
        }
        if (BigEndian.unsignedShort(frame, offset) != HARDWARE_ETHERNET
                || BigEndian.unsignedShort(frame, offset + PROTOCOL) != EthernetHeader.TYPE_IPV4) {
            return Defect.WRONG_VERSION;
        }
        if (BigEndian.unsignedByte(frame, offset + MAC_LENGTH) != MAC_BYTES
                || BigEndian.unsignedByte(frame, offset + IP_LENGTH) != IP_BYTES) {
            return Defect.BAD_LENGTH;
        }
        return Defect.NONE;
    }

    public static int operation(MemorySegment frame, long offset) {
        return BigEndian.unsignedShort(frame, offset + OPERATION);
    }

    public static long senderMac(MemorySegment frame, long offset) {
        return BigEndian.int48(frame, offset + SENDER_MAC);
    }

    public static int senderIp(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + SENDER_IP);
    }

    public static long targetMac(MemorySegment frame, long offset) {
        return BigEndian.int48(frame, offset + TARGET_MAC);
    }

    public static int targetIp(MemorySegment frame, long offset) {
        return BigEndian.int32(frame, offset + TARGET_IP);
    }

    /** Writes the fixed part and the operation; the four addresses are for the caller. */
    public static void begin(MemorySegment frame, long offset, int operation) {
        BigEndian.putShort(frame, offset, HARDWARE_ETHERNET);
        BigEndian.putShort(frame, offset + PROTOCOL, EthernetHeader.TYPE_IPV4);
        BigEndian.putByte(frame, offset + MAC_LENGTH, MAC_BYTES);
        BigEndian.putByte(frame, offset + IP_LENGTH, IP_BYTES);
        BigEndian.putShort(frame, offset + OPERATION, operation);
    }

    public static void sender(MemorySegment frame, long offset, long mac, int ip) {
        BigEndian.putInt48(frame, offset + SENDER_MAC, mac);
        BigEndian.putInt(frame, offset + SENDER_IP, ip);
    }

    public static void target(MemorySegment frame, long offset, long mac, int ip) {
        BigEndian.putInt48(frame, offset + TARGET_MAC, mac);
        BigEndian.putInt(frame, offset + TARGET_IP, ip);
    }
}
