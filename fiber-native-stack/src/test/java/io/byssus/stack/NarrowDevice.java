package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Header;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A path whose MTU can shrink. What does not fit is dropped: with an answer, as a router gives it
 * (RFC 1191), or without, which is a black hole.
 */
final class NarrowDevice extends DeviceDecorator {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int QUOTED_BYTES = Ipv4Header.BYTES_MIN + 8;
    private static final int MESSAGE_BYTES = Icmpv4Header.BYTES + QUOTED_BYTES;

    private final BufferPool pool;
    private final ArrayDeque<Buffer> answers = new ArrayDeque<>();
    private int pathMtu;
    private boolean answering;
    private int dropped;

    NarrowDevice(BufferPool pool, LinkDevice device) {
        super(device);
        this.pool = pool;
        this.pathMtu = device.mtu();
    }

    void shrinkTo(int mtu, boolean thenAnswers) {
        pathMtu = mtu;
        answering = thenAnswers;
    }

    /** Packets that did not fit. */
    int dropped() {
        return dropped;
    }

    @Override
    public Buffer receive() {
        Buffer answer = answers.poll();
        return answer == null ? device.receive() : answer;
    }

    @Override
    public void send(Buffer frame, long offload) {
        if (frame.length() - EthernetHeader.BYTES <= pathMtu) {
            device.send(frame, offload);
            return;
        }
        dropped++;
        if (answering) {
            answers.add(answer(frame));
        }
        frame.close();
    }

    private Buffer answer(Buffer frame) {
        Buffer answer = pool.allocate(EthernetHeader.BYTES + Ipv4Header.BYTES_MIN + MESSAGE_BYTES);
        PacketHeaders.ethernet(
                answer.address(),
                EthernetHeader.destination(MEMORY, frame.address()),
                device.macAddress());
        long refused = frame.address() + EthernetHeader.BYTES;
        long packet = answer.address() + EthernetHeader.BYTES;
        PacketHeaders.ipv4(
                packet,
                Ipv4Header.PROTOCOL_ICMP,
                Ipv4Header.destination(MEMORY, refused),
                Ipv4Header.source(MEMORY, refused),
                MESSAGE_BYTES);
        long message = packet + Ipv4Header.BYTES_MIN;
        Icmpv4Header.begin(
                MEMORY,
                message,
                Icmpv4Header.DESTINATION_UNREACHABLE,
                Icmpv4Header.CODE_FRAGMENTATION_NEEDED);
        Icmpv4Header.nextHopMtu(MEMORY, message, pathMtu);
        RawMemory.copy(refused, message + Icmpv4Header.BYTES, QUOTED_BYTES);
        Icmpv4Header.complete(MEMORY, message, MESSAGE_BYTES);
        return answer;
    }

    @Override
    public long deadlineNanos() {
        return answers.isEmpty() ? device.deadlineNanos() : Long.MIN_VALUE;
    }

    @Override
    public void close() throws IOException {
        answers.forEach(Buffer::close);
        device.close();
    }
}
