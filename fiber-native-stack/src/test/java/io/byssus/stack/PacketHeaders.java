package io.byssus.stack;

import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;

/** The headers of packets that tests write by hand. */
final class PacketHeaders {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int TIME_TO_LIVE = 64;

    private PacketHeaders() {}

    /** Of a frame with IPv4. */
    static void ethernet(long frame, long source, long destination) {
        EthernetHeader.destination(MEMORY, frame, destination);
        EthernetHeader.source(MEMORY, frame, source);
        EthernetHeader.type(MEMORY, frame, EthernetHeader.TYPE_IPV4);
    }

    /** Without options and whole, with the right checksum, before {@code length} bytes. */
    static void ipv4(long packet, int protocol, int source, int destination, int length) {
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.totalLength(MEMORY, packet, Ipv4Header.BYTES_MIN + length);
        Ipv4Header.timeToLive(MEMORY, packet, TIME_TO_LIVE);
        Ipv4Header.protocol(MEMORY, packet, protocol);
        Ipv4Header.source(MEMORY, packet, source);
        Ipv4Header.destination(MEMORY, packet, destination);
        Ipv4Header.complete(MEMORY, packet);
    }
}
