package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * UDP (RFC 768) for the stack's own use: datagrams in, to whoever has taken the port.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class UdpPorts {
    private static final MemorySegment MEMORY = RawMemory.all();

    /** What became of a datagram. */
    enum Outcome {
        DELIVERED,
        /** Its lengths or its checksum are wrong. */
        WRONG,
        NOBODY
    }

    /** Who has taken a port. */
    @FunctionalInterface
    interface Receiver {
        /** Takes the text of a datagram: a share that belongs to the receiver. */
        void onDatagram(long now, int source, int sourcePort, Buffer text);
    }

    private final Map<Integer, Receiver> receivers = new HashMap<>();

    UdpPorts() {}

    /**
     * Takes {@code port}.
     *
     * @return false if it is taken
     */
    boolean bind(int port, Receiver receiver) {
        return receivers.putIfAbsent(port, receiver) == null;
    }

    void unbind(int port) {
        receivers.remove(port);
    }

    /**
     * Gives a datagram to its port.
     *
     * @param at where the IP packet begins in the frame, which stays the caller's
     * @param trusted its checksum is known to be right
     */
    Outcome deliver(long now, Buffer frame, int at, int headerLength, int length, boolean trusted) {
        long packet = frame.address() + at;
        long header = packet + headerLength;
        int source = Ipv4Header.source(MEMORY, packet);
        if (UdpHeader.checkLengths(MEMORY, header, length) != Defect.NONE) {
            return Outcome.WRONG;
        }
        if (!trusted
                && UdpHeader.check(MEMORY, header, length, pseudoHeader(packet, header))
                        != Defect.NONE) {
            return Outcome.WRONG;
        }
        Receiver receiver = receivers.get(UdpHeader.destinationPort(MEMORY, header));
        if (receiver == null) {
            return Outcome.NOBODY;
        }
        int text = UdpHeader.length(MEMORY, header) - UdpHeader.BYTES;
        receiver.onDatagram(
                now,
                source,
                UdpHeader.sourcePort(MEMORY, header),
                frame.share(at + headerLength + UdpHeader.BYTES, text));
        return Outcome.DELIVERED;
    }

    private static long pseudoHeader(long packet, long header) {
        return InternetChecksum.pseudoHeader(
                Ipv4Header.source(MEMORY, packet),
                Ipv4Header.destination(MEMORY, packet),
                Ipv4Header.PROTOCOL_UDP,
                UdpHeader.length(MEMORY, header));
    }
}
