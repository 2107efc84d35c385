package io.byssus.stack;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.ip.ArpSink;
import io.byssus.stack.ip.FragmentSink;
import io.byssus.stack.ip.Fragmenter;
import io.byssus.stack.ip.IdentificationSource;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.NeighbourCache;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.SegmentSink;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.UdpHeader;
import java.lang.foreign.MemorySegment;

/**
 * The way out: puts IP and Ethernet headers in front of what transports have written, finds the
 * neighbour, and gives the frame to the device; or back to ourselves, if it is for us.
 *
 * <p>Every frame has room for an Ethernet header, those of the loopback too.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class IpOutput implements SegmentSink, ArpSink {
    static final int HEADERS_BYTES = EthernetHeader.BYTES + Ipv4Header.BYTES_MIN;

    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int FRAME_BYTES_MIN = 60;

    private final Ipv4Configuration configuration;
    private final LinkDevice device;
    private final BufferPool pool;
    private final NeighbourCache neighbours;
    private final IdentificationSource identifications;
    private final Loopback loopback;
    private final IpCounters counters;

    /** The longest that a segment can be in. */
    private final int frameBytesMax;

    /** Told of neighbours that do not answer. */
    private UnreachableSink unreachable = (address, frame) -> frame.close();

    private long now;

    // The segment that is being written.
    private Buffer segmentFrame;
    private Flow segmentFlow;
    private int segmentLength;

    /** Who learns that a neighbour does not answer. */
    @FunctionalInterface
    interface UnreachableSink {
        /** The frame, which belongs to the sink now, could not be sent. */
        void unreachable(int address, Buffer frame);
    }

    IpOutput(
            Ipv4Configuration configuration,
            LinkDevice device,
            BufferPool pool,
            NeighbourCache neighbours,
            IdentificationSource identifications,
            Loopback loopback,
            IpCounters counters) {
        this.configuration = configuration;
        this.device = device;
        this.pool = pool;
        this.neighbours = neighbours;
        this.identifications = identifications;
        this.loopback = loopback;
        this.counters = counters;
        this.frameBytesMax =
                EthernetHeader.BYTES + Math.max(configuration.mtu(), device.segmentationBytesMax());
    }

    void onUnreachable(UnreachableSink sink) {
        unreachable = sink;
    }

    /** The time of what follows. */
    void now(long nanos) {
        now = nanos;
    }

    @Override
    public boolean hasRoom() {
        return device.hasRoom() && loopback.hasRoom() && pool.hasReserve(frameBytesMax);
    }

    @Override
    public int cutTextMax() {
        return Math.max(
                0, device.segmentationBytesMax() - Ipv4Header.BYTES_MIN - TcpHeader.BYTES_MAX);
    }

    @Override
    public long begin(Flow flow, int length) {
        assert segmentFrame == null : "a segment was not ended";
        segmentFlow = flow;
        segmentLength = length;
        segmentFrame = pool.allocateScratch(HEADERS_BYTES + length); // hasRoom() has looked
        return segmentFrame.address() + HEADERS_BYTES;
    }

    @Override
    public void end(int trafficClass, int segmentBytes) {
        Buffer frame = segmentFrame;
        segmentFrame = null;
        int source = (int) segmentFlow.localLow();
        int destination = (int) segmentFlow.remoteLow();
        long packet = frame.address() + EthernetHeader.BYTES;
        int length = Ipv4Header.BYTES_MIN + segmentLength;
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.trafficClass(MEMORY, packet, trafficClass);
        Ipv4Header.totalLength(MEMORY, packet, length);
        Ipv4Header.identification(MEMORY, packet, IdentificationSource.ATOMIC);
        Ipv4Header.setDontFragment(MEMORY, packet);
        Ipv4Header.timeToLive(MEMORY, packet, configuration.timeToLive());
        Ipv4Header.protocol(MEMORY, packet, Ipv4Header.PROTOCOL_TCP);
        Ipv4Header.source(MEMORY, packet, source);
        Ipv4Header.destination(MEMORY, packet, destination);
        Ipv4Header.complete(MEMORY, packet);
        int nextHop = configuration.nextHop(destination);
        long offload = completeTcp(frame, source, destination, nextHop, segmentBytes);
        transmit(frame, destination, nextHop, offload);
    }

    /** What nobody will ever see on a wire needs no checksum. */
    private long completeTcp(
            Buffer frame, int source, int destination, int nextHop, int segmentBytes) {
        if (nextHop == Ipv4Configuration.LOOPBACK) {
            return Offload.VERIFIED;
        }
        long segment = frame.address() + HEADERS_BYTES;
        long pseudoHeader =
                InternetChecksum.pseudoHeader(
                        source, destination, Ipv4Header.PROTOCOL_TCP, segmentLength);
        if (device.completesChecksums()) {
            TcpHeader.completePartially(MEMORY, segment, pseudoHeader);
            long offload = Offload.checksum(HEADERS_BYTES, TcpHeader.CHECKSUM_OFFSET);
            return cut(offload, segment, segmentBytes);
        }
        TcpHeader.complete(MEMORY, segment, segmentLength, pseudoHeader);
        return Offload.NONE;
    }

    /** Leaves the cutting to the device, if there is more than one segment in it. */
    private long cut(long offload, long segment, int segmentBytes) {
        int headerLength = TcpHeader.headerLength(MEMORY, segment);
        if (segmentBytes == 0 || segmentLength - headerLength <= segmentBytes) {
            return offload;
        }
        long cut = Offload.tcpSegments(offload, HEADERS_BYTES + headerLength, segmentBytes);
        return (TcpHeader.flags(MEMORY, segment) & TcpHeader.CWR) == 0
                ? cut
                : Offload.congestionWindowReduced(cut);
    }

    /**
     * A frame with room for an Ethernet header and an IP packet of {@code length} bytes; null if
     * there is no memory.
     */
    Buffer newFrame(int length) {
        return pool.allocateReserved(EthernetHeader.BYTES + length);
    }

    /**
     * Puts IP and Ethernet headers before a datagram and sends it; the frame belongs to this.
     *
     * @param frame with a UDP header, complete but for its checksum, behind the room for the others
     */
    void sendDatagram(Buffer frame, int source, int destination) {
        long packet = frame.address() + EthernetHeader.BYTES;
        long header = frame.address() + HEADERS_BYTES;
        int length = frame.length() - EthernetHeader.BYTES;
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.totalLength(MEMORY, packet, length);
        // It may be cut on its way, so the parts must be known by it (RFC 6864, 4.1).
        Ipv4Header.identification(MEMORY, packet, identifications.next());
        Ipv4Header.timeToLive(MEMORY, packet, configuration.timeToLive());
        Ipv4Header.protocol(MEMORY, packet, Ipv4Header.PROTOCOL_UDP);
        Ipv4Header.source(MEMORY, packet, source);
        Ipv4Header.destination(MEMORY, packet, destination);
        Ipv4Header.complete(MEMORY, packet);
        UdpHeader.complete(
                MEMORY,
                header,
                InternetChecksum.pseudoHeader(
                        source,
                        destination,
                        Ipv4Header.PROTOCOL_UDP,
                        UdpHeader.length(MEMORY, header)));
        // What never leaves the host is answered as if it had come to this station alone.
        EthernetHeader.destination(MEMORY, frame.address(), configuration.macAddress());
        send(frame);
    }

    /** Sends a whole packet, in fragments if it is larger than the device's; takes the frame. */
    void send(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int destination = Ipv4Header.destination(MEMORY, packet);
        int nextHop = configuration.nextHop(destination);
        if (frame.length() - EthernetHeader.BYTES <= configuration.mtu()
                || nextHop == Ipv4Configuration.LOOPBACK) {
            transmit(frame, destination, nextHop, Offload.NONE);
            return;
        }
        Ipv4Header.identification(MEMORY, packet, identifications.next());
        Fragmenter.fragment(
                MEMORY,
                packet,
                configuration.mtu(),
                new FragmentSink() {
                    private Buffer fragment;

                    @Override
                    public long begin(int length) {
                        fragment = newFrame(length);
                        if (fragment == null) {
                            counters.outDiscards++;
                            return NO_ROOM;
                        }
                        return fragment.address() + EthernetHeader.BYTES;
                    }

                    @Override
                    public void end(long address, int length) {
                        transmit(fragment, destination, nextHop, Offload.NONE);
                    }
                });
        frame.close();
    }

    private void transmit(Buffer frame, int destination, int nextHop, long offload) {
        counters.outRequests++;
        if (nextHop == Ipv4Configuration.LOOPBACK) {
            counters.loopbackPackets++;
            loopback.add(frame);
            return;
        }
        if (nextHop == Ipv4Configuration.UNREACHABLE) {
            counters.outNoRoutes++;
            frame.close();
            return;
        }
        EthernetHeader.source(MEMORY, frame.address(), configuration.macAddress());
        EthernetHeader.type(MEMORY, frame.address(), EthernetHeader.TYPE_IPV4);
        if (configuration.isBroadcast(destination)) {
            give(frame, MacAddress.BROADCAST, offload);
            return;
        }
        long mac = neighbours.lookup(now, nextHop);
        if (mac == NeighbourCache.UNKNOWN) {
            await(nextHop, frame, offload);
        } else {
            give(frame, mac, offload);
        }
    }

    /**
     * What waits for a neighbour is complete, since nothing is kept beside it. Several segments in
     * one do not wait: they are lost, and sent again.
     */
    private void await(int nextHop, Buffer frame, long offload) {
        if (Offload.isTcpSegments(offload)) {
            counters.outDiscards++;
            frame.close();
            return;
        }
        if (Offload.needsChecksum(offload)) {
            Offload.complete(offload, frame);
        }
        neighbours.resolve(now, nextHop, frame, this);
    }

    private void give(Buffer frame, long mac, long offload) {
        if (!device.hasRoom()) {
            counters.outDiscards++;
            frame.close();
            return;
        }
        EthernetHeader.destination(MEMORY, frame.address(), mac);
        device.send(frame, offload);
    }

    @Override
    public void request(int senderIp, int targetIp, long destination) {
        Buffer frame = newArpFrame();
        if (frame == null) {
            return;
        }
        ArpFrame.writeRequest(
                MEMORY,
                frame.address(),
                configuration.macAddress(),
                senderIp,
                targetIp,
                destination);
        give(frame, destination, Offload.NONE);
    }

    @Override
    public void reply(int senderIp, int targetIp, long targetMac) {
        Buffer frame = newArpFrame();
        if (frame == null) {
            return;
        }
        ArpFrame.writeReply(
                MEMORY, frame.address(), configuration.macAddress(), senderIp, targetIp, targetMac);
        give(frame, targetMac, Offload.NONE);
    }

    @Override
    public void resolved(Buffer frame, long mac) {
        give(frame, mac, Offload.NONE);
    }

    @Override
    public void unreachable(int address, Buffer frame) {
        unreachable.unreachable(address, frame);
    }

    @Override
    public void conflict(int address, long mac) {
        ShardLog.warning(
                "address "
                        + Ipv4Address.format(address)
                        + " is in use by "
                        + MacAddress.format(mac)
                        + " too");
    }

    /** As long as Ethernet wants frames to be, the rest zeros; null if there is no memory. */
    private Buffer newArpFrame() {
        Buffer frame = pool.allocateReserved(FRAME_BYTES_MIN);
        if (frame == null) {
            counters.outDiscards++;
            return null;
        }
        RawMemory.fill(frame.address(), FRAME_BYTES_MIN, (byte) 0);
        return frame;
    }
}
