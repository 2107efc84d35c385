package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/** A segment that the host under attack has sent. */
record SentSegment(
        int destination,
        int sourcePort,
        int destinationPort,
        int sequence,
        int acknowledgment,
        int flags,
        int window,
        int mss,
        boolean hasTimestamps,
        int timestampValue,
        byte[] text) {
    private static final MemorySegment MEMORY = RawMemory.all();

    /** Of a frame with a TCP segment. */
    static SentSegment of(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        long at = packet + Ipv4Header.headerLength(MEMORY, packet);
        TcpOptions options = new TcpOptions();
        options.parse(MEMORY, at);
        int textOffset = (int) (at - frame.address()) + TcpHeader.headerLength(MEMORY, at);
        byte[] text =
                new byte
                        [EthernetHeader.BYTES
                                + Ipv4Header.totalLength(MEMORY, packet)
                                - textOffset];
        frame.get(textOffset, text, 0, text.length);
        return new SentSegment(
                Ipv4Header.destination(MEMORY, packet),
                TcpHeader.sourcePort(MEMORY, at),
                TcpHeader.destinationPort(MEMORY, at),
                TcpHeader.sequence(MEMORY, at),
                TcpHeader.acknowledgment(MEMORY, at),
                TcpHeader.flags(MEMORY, at),
                TcpHeader.window(MEMORY, at),
                options.mss(),
                options.hasTimestamps(),
                options.timestampValue(),
                text);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The number after its last. */
    int end() {
        return sequence + text.length + (has(TcpHeader.SYN) ? 1 : 0) + (has(TcpHeader.FIN) ? 1 : 0);
    }
}
