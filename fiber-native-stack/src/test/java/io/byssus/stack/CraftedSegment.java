package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.lang.foreign.MemorySegment;

/** A segment as an attacker writes it: every field is free, the checksums are right. */
final class CraftedSegment {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int WINDOW = 0xffff;

    private int source;
    private int destination;
    private int sourcePort;
    private int destinationPort;
    private int sequence;
    private int acknowledgment;
    private int flags;
    private int window = WINDOW;
    private byte[] options = {};
    private byte[] text = {};

    private CraftedSegment() {}

    static CraftedSegment between(
            int source, int sourcePort, int destination, int destinationPort) {
        CraftedSegment crafted = new CraftedSegment();
        crafted.source = source;
        crafted.sourcePort = sourcePort;
        crafted.destination = destination;
        crafted.destinationPort = destinationPort;
        return crafted;
    }

    CraftedSegment flags(int newFlags) {
        flags = newFlags;
        return this;
    }

    CraftedSegment sequence(int number) {
        sequence = number;
        return this;
    }

    CraftedSegment acknowledgment(int number) {
        acknowledgment = number;
        return this;
    }

    CraftedSegment window(int bytes) {
        window = bytes;
        return this;
    }

    /** A multiple of 4 bytes, 40 at most. */
    CraftedSegment options(byte... bytes) {
        options = bytes.clone();
        return this;
    }

    CraftedSegment text(byte... bytes) {
        text = bytes.clone();
        return this;
    }

    /** The whole frame. */
    Buffer frame(BufferPool pool) {
        int headerLength = TcpHeader.BYTES_MIN + options.length;
        int length = headerLength + text.length;
        Buffer frame = pool.allocate(IpOutput.HEADERS_BYTES + length);
        long packet = frame.address() + EthernetHeader.BYTES;
        PacketHeaders.ethernet(frame.address(), AttackedHost.NEIGHBOUR_MAC, AttackedHost.MAC);
        PacketHeaders.ipv4(packet, Ipv4Header.PROTOCOL_TCP, source, destination, length);
        long segment = packet + Ipv4Header.BYTES_MIN;
        TcpHeader.sourcePort(MEMORY, segment, sourcePort);
        TcpHeader.destinationPort(MEMORY, segment, destinationPort);
        TcpHeader.sequence(MEMORY, segment, sequence);
        TcpHeader.acknowledgment(MEMORY, segment, acknowledgment);
        TcpHeader.headerLength(MEMORY, segment, headerLength);
        TcpHeader.flags(MEMORY, segment, flags);
        TcpHeader.window(MEMORY, segment, window);
        TcpHeader.urgentPointer(MEMORY, segment, 0);
        int at = IpOutput.HEADERS_BYTES + TcpHeader.BYTES_MIN;
        frame.put(at, options, 0, options.length);
        frame.put(at + options.length, text, 0, text.length);
        TcpHeader.complete(
                MEMORY,
                segment,
                length,
                InternetChecksum.pseudoHeader(
                        source, destination, Ipv4Header.PROTOCOL_TCP, length));
        return frame;
    }
}
