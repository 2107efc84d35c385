package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.lang.foreign.MemorySegment;

/**
 * A way around a network with faults for resets, which nobody sends again: who only waits to hear
 * of one that was lost waits for ever, over any TCP.
 */
final class SparingResets extends DeviceDecorator {
    private static final MemorySegment MEMORY = RawMemory.all();

    private final LinkDevice beyond;

    /**
     * A way around a network.
     *
     * @param network is owned
     * @param beyond where the network ends
     */
    SparingResets(LinkDevice network, LinkDevice beyond) {
        super(network);
        this.beyond = beyond;
    }

    @Override
    public void send(Buffer frame, long offload) {
        if (isReset(frame) && beyond.hasRoom()) {
            beyond.send(frame, offload);
        } else {
            super.send(frame, offload);
        }
    }

    private static boolean isReset(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        return EthernetHeader.type(MEMORY, frame.address()) == EthernetHeader.TYPE_IPV4
                && Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_TCP
                && (TcpHeader.flags(MEMORY, packet + Ipv4Header.BYTES_MIN) & TcpHeader.RST) != 0;
    }
}
