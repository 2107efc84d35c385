package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/** Packets from the test's end of a {@link TapHost} to the kernel's, built by hand. */
final class TapPackets {
    static final int IP_AT = EthernetHeader.BYTES;
    static final int TCP_AT = IP_AT + Ipv4Header.BYTES_MIN;
    static final int TCP_PAYLOAD_AT = TCP_AT + TcpHeader.BYTES_MIN;

    private static final MemorySegment MEMORY = RawMemory.all();

    private final Frames frames;
    private final long ourMac;

    TapPackets(Frames frames, long ourMac) {
        this.frames = frames;
        this.ourMac = ourMac;
    }

    Buffer arpReply(long kernelMac) {
        Buffer frame = ethernet(kernelMac, EthernetHeader.TYPE_ARP, ArpPacket.BYTES);
        long arp = frame.address() + EthernetHeader.BYTES;
        ArpPacket.begin(MEMORY, arp, ArpPacket.REPLY);
        ArpPacket.sender(MEMORY, arp, ourMac, TapHost.OUR_IP);
        ArpPacket.target(MEMORY, arp, kernelMac, TapHost.KERNEL_IP);
        return frame;
    }

    Buffer arpRequest() {
        Buffer frame = ethernet(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP, ArpPacket.BYTES);
        long arp = frame.address() + EthernetHeader.BYTES;
        ArpPacket.begin(MEMORY, arp, ArpPacket.REQUEST);
        ArpPacket.sender(MEMORY, arp, ourMac, TapHost.OUR_IP);
        ArpPacket.target(MEMORY, arp, 0, TapHost.KERNEL_IP);
        return frame;
    }

    /** The answer to a SYN, which offers nothing but an MSS. */
    Buffer synAck(Buffer syn, int sequence, int mss) {
        int headerLength = TcpHeader.BYTES_MIN + TcpOptions.MSS_BYTES;
        Buffer frame = answer(syn, headerLength, new byte[0]);
        long tcp = frame.address() + TCP_AT;
        TcpHeader.sequence(MEMORY, tcp, sequence);
        TcpHeader.acknowledgment(MEMORY, tcp, tcpSequence(syn) + 1);
        TcpHeader.flags(MEMORY, tcp, TcpHeader.SYN | TcpHeader.ACK);
        TcpOptions.writeMss(MEMORY, tcp + TcpHeader.BYTES_MIN, mss);
        TcpHeader.complete(MEMORY, tcp, headerLength, pseudoHeader(headerLength));
        return frame;
    }

    /** Data on the connection of {@code segment}, its checksum left to the device. */
    Buffer data(Buffer segment, int sequence, byte[] payload) {
        Buffer frame = answer(segment, TcpHeader.BYTES_MIN, payload);
        long tcp = frame.address() + TCP_AT;
        TcpHeader.sequence(MEMORY, tcp, sequence);
        TcpHeader.acknowledgment(MEMORY, tcp, tcpSequence(segment));
        TcpHeader.flags(MEMORY, tcp, TcpHeader.ACK | TcpHeader.PSH);
        int length = TcpHeader.BYTES_MIN + payload.length;
        TcpHeader.completePartially(MEMORY, tcp, pseudoHeader(length));
        return frame;
    }

    static int tcpSequence(Buffer frame) {
        return TcpHeader.sequence(MEMORY, frame.address() + TCP_AT);
    }

    static int tcpFlags(Buffer frame) {
        return TcpHeader.flags(MEMORY, frame.address() + TCP_AT);
    }

    private Buffer answer(Buffer segment, int headerLength, byte[] payload) {
        long asked = segment.address() + TCP_AT;
        int length = headerLength + payload.length;
        Buffer frame =
                ethernet(
                        EthernetHeader.source(MEMORY, segment.address()),
                        EthernetHeader.TYPE_IPV4,
                        Ipv4Header.BYTES_MIN + length);
        long ip = frame.address() + IP_AT;
        Ipv4Header.begin(MEMORY, ip);
        Ipv4Header.totalLength(MEMORY, ip, Ipv4Header.BYTES_MIN + length);
        Ipv4Header.setDontFragment(MEMORY, ip);
        Ipv4Header.timeToLive(MEMORY, ip, 64);
        Ipv4Header.protocol(MEMORY, ip, Ipv4Header.PROTOCOL_TCP);
        Ipv4Header.source(MEMORY, ip, TapHost.OUR_IP);
        Ipv4Header.destination(MEMORY, ip, TapHost.KERNEL_IP);
        Ipv4Header.complete(MEMORY, ip);
        long tcp = frame.address() + TCP_AT;
        TcpHeader.sourcePort(MEMORY, tcp, TcpHeader.destinationPort(MEMORY, asked));
        TcpHeader.destinationPort(MEMORY, tcp, TcpHeader.sourcePort(MEMORY, asked));
        TcpHeader.headerLength(MEMORY, tcp, headerLength);
        TcpHeader.window(MEMORY, tcp, 0xffff);
        TcpHeader.urgentPointer(MEMORY, tcp, 0);
        frame.put(TCP_AT + headerLength, payload, 0, payload.length);
        return frame;
    }

    private static long pseudoHeader(int length) {
        return InternetChecksum.pseudoHeader(
                TapHost.OUR_IP, TapHost.KERNEL_IP, Ipv4Header.PROTOCOL_TCP, length);
    }

    private Buffer ethernet(long destination, int type, int payloadLength) {
        Buffer frame = frames.pool().allocate(EthernetHeader.BYTES + payloadLength);
        EthernetHeader.destination(MEMORY, frame.address(), destination);
        EthernetHeader.source(MEMORY, frame.address(), ourMac);
        EthernetHeader.type(MEMORY, frame.address(), type);
        return frame;
    }
}
