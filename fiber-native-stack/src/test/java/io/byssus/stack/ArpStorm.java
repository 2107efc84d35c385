package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.wire.Ipv4Address;

/** A device on which there is always one more ARP reply, of which every shard gets a copy. */
final class ArpStorm extends DeviceDecorator {
    private static final long NEIGHBOUR_MAC = 0x0200_0000_0003L;

    private final BufferPool pool;
    private final int neighbour;
    private final int host;

    ArpStorm(LinkDevice device, BufferPool pool, String neighbour, String host) {
        super(device);
        this.pool = pool;
        this.neighbour = Ipv4Address.parse(neighbour);
        this.host = Ipv4Address.parse(host);
    }

    @Override
    public Buffer receive() {
        Buffer frame = pool.allocate(ArpFrame.BYTES);
        ArpFrame.writeReply(
                RawMemory.all(), frame.address(), NEIGHBOUR_MAC, neighbour, host, macAddress());
        return frame;
    }
}
