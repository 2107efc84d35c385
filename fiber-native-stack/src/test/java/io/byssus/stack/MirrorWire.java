package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A wire with a mirror at its end, so that one host can be both ends of a connection whose frames
 * leave it. A segment to the mirror's address comes back as one from there; since both addresses
 * only change places, its checksums stay right. The mirror answers ARP for its address.
 *
 * <p>What comes back is spread over the queues by a hash that the host knows nothing of, as the
 * kernel does it, so that about half of it is for another shard.
 *
 * <p><b>Ownership:</b> any shard; each end is confined to its own, but for what others put into its
 * queue.
 */
final class MirrorWire {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final long HOST_MAC = 0x0200_0000_0001L;
    private static final long MIRROR_MAC = 0x0200_0000_0002L;
    private static final int MTU = 1500;
    private static final int HASH_FACTOR = 0x9e37_79b1;

    /** Per queue; a TAP has half as much. */
    private static final int FRAMES_MAX = 1024;

    private final int mirror;
    private final List<End> ends = new ArrayList<>();

    /**
     * With an end for each shard.
     *
     * @param mirror its IPv4 address
     */
    MirrorWire(int mirror, int shards) {
        this.mirror = mirror;
        for (int shard = 0; shard < shards; shard++) {
            ends.add(new End(shard));
        }
    }

    /** The device of a shard, from now on. */
    LinkDevice end(Reactor reactor, BufferPool pool) {
        End end = ends.get(reactor.shard());
        end.pool = pool;
        end.reactor = reactor;
        return end;
    }

    private final class End implements LinkDevice {
        private final int shard;

        /** What has come back for this shard. */
        private final BlockingQueue<byte[]> arrived = new ArrayBlockingQueue<>(FRAMES_MAX);

        private BufferPool pool;
        private volatile Reactor reactor;
        private boolean closed;

        End(int shard) {
            this.shard = shard;
        }

        @Override
        public long macAddress() {
            return HOST_MAC;
        }

        @Override
        public int mtu() {
            return MTU;
        }

        @Override
        public Buffer receive() {
            byte[] bytes = arrived.poll();
            if (bytes == null) {
                return null;
            }
            Buffer frame = pool.allocate(bytes.length);
            frame.put(0, bytes, 0, bytes.length);
            return frame;
        }

        @Override
        public boolean hasRoom() {
            return !closed;
        }

        @Override
        public void send(Buffer frame, long offload) {
            assert offload == Offload.NONE : "no offloads here";
            assert frame.length() <= MTU + EthernetHeader.BYTES : frame;
            long address = frame.address();
            switch (EthernetHeader.type(MEMORY, address)) {
                case EthernetHeader.TYPE_ARP -> answer(frame, address + EthernetHeader.BYTES);
                case EthernetHeader.TYPE_IPV4 -> reflect(frame, address + EthernetHeader.BYTES);
                default -> throw new AssertionError("a frame of an unknown type: " + frame);
            }
        }

        private void answer(Buffer frame, long arp) {
            if (ArpPacket.operation(MEMORY, arp) != ArpPacket.REQUEST
                    || ArpPacket.targetIp(MEMORY, arp) != mirror) {
                frame.close();
                return;
            }
            int host = ArpPacket.senderIp(MEMORY, arp);
            ArpFrame.writeReply(MEMORY, frame.address(), MIRROR_MAC, mirror, host, HOST_MAC);
            ends.get((shard + 1) % ends.size()).put(frame);
        }

        private void reflect(Buffer frame, long packet) {
            int host = Ipv4Header.source(MEMORY, packet);
            assert EthernetHeader.destination(MEMORY, frame.address()) == MIRROR_MAC;
            assert Ipv4Header.destination(MEMORY, packet) == mirror;
            assert Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_TCP;
            Ipv4Header.source(MEMORY, packet, mirror);
            Ipv4Header.destination(MEMORY, packet, host);
            EthernetHeader.source(MEMORY, frame.address(), MIRROR_MAC);
            EthernetHeader.destination(MEMORY, frame.address(), HOST_MAC);
            ends.get(queue(packet + Ipv4Header.BYTES_MIN)).put(frame);
        }

        private int queue(long segment) {
            int ports =
                    (TcpHeader.sourcePort(MEMORY, segment) << Short.SIZE)
                            | TcpHeader.destinationPort(MEMORY, segment);
            return Integer.remainderUnsigned((ports * HASH_FACTOR) >>> Short.SIZE, ends.size());
        }

        /** From any shard, whose frame it is. A queue that is full drops. */
        private void put(Buffer frame) {
            boolean taken = arrived.offer(frame.toByteArray());
            frame.close();
            Reactor sleeper = reactor;
            if (taken && sleeper != null) {
                sleeper.wakeIfAsleep();
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
