package io.byssus.stack.ip;

import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.EthernetHeader;
import java.lang.foreign.MemorySegment;

/** Writes ARP packets with their Ethernet headers. */
public final class ArpFrame {
    public static final int BYTES = EthernetHeader.BYTES + ArpPacket.BYTES;

    private static final long UNKNOWN_MAC = 0;

    private ArpFrame() {}

    /** Asks for {@code targetIp}; an announcement if that is {@code senderIp} (RFC 5227, 3). */
    public static void writeRequest(
            MemorySegment memory,
            long offset,
            long ownMac,
            int senderIp,
            int targetIp,
            long destination) {
        writeEthernet(memory, offset, ownMac, destination);
        long packet = offset + EthernetHeader.BYTES;
        ArpPacket.begin(memory, packet, ArpPacket.REQUEST);
        ArpPacket.sender(memory, packet, ownMac, senderIp);
        ArpPacket.target(memory, packet, UNKNOWN_MAC, targetIp);
    }

    /** Answers {@code targetIp} at {@code targetMac} that {@code senderIp} is at {@code ownMac}. */
    public static void writeReply(
            MemorySegment memory,
            long offset,
            long ownMac,
            int senderIp,
            int targetIp,
            long targetMac) {
        writeEthernet(memory, offset, ownMac, targetMac);
        long packet = offset + EthernetHeader.BYTES;
        ArpPacket.begin(memory, packet, ArpPacket.REPLY);
        ArpPacket.sender(memory, packet, ownMac, senderIp);
        ArpPacket.target(memory, packet, targetMac, targetIp);
    }

    private static void writeEthernet(
            MemorySegment memory, long offset, long source, long destination) {
        EthernetHeader.destination(memory, offset, destination);
        EthernetHeader.source(memory, offset, source);
        EthernetHeader.type(memory, offset, EthernetHeader.TYPE_ARP);
    }
}
