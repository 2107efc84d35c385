package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.UdpBindings.Binding;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.IcmpError;
import io.byssus.stack.ip.IcmpMessage;
import io.byssus.stack.ip.IcmpOutput;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.PathMtuCache;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.TcpStack;
import io.byssus.stack.tcp.Unreachable;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.UdpHeader;
import java.lang.foreign.MemorySegment;

/**
 * What is above IP: gives each packet to its protocol, and answers for those that nobody wants.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Transports {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int CONGESTION_BITS = 3;

    private final TcpStack tcp;
    private final UdpPorts udp;
    private final IcmpOutput icmp;
    private final PathMtuCache pathMtus;
    private final IpOutput output;
    private final Steering steering;
    private final IpCounters counters;
    private final IcmpError error = new IcmpError();

    Transports(
            TcpStack tcp,
            UdpPorts udp,
            IcmpOutput icmp,
            PathMtuCache pathMtus,
            IpOutput output,
            Steering steering,
            IpCounters counters) {
        this.tcp = tcp;
        this.udp = udp;
        this.icmp = icmp;
        this.pathMtus = pathMtus;
        this.output = output;
        this.steering = steering;
        this.counters = counters;
    }

    /**
     * Delivers a whole packet and releases it.
     *
     * @param frame with a packet behind the room for an Ethernet header, whose IP header was
     *     checked
     * @param frameDestination the Ethernet address that it was sent to
     */
    void deliver(long now, Buffer frame, long frameDestination, long offload) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int headerLength = Ipv4Header.headerLength(MEMORY, packet);
        int length = Ipv4Header.totalLength(MEMORY, packet) - headerLength;
        switch (Ipv4Header.protocol(MEMORY, packet)) {
            case Ipv4Header.PROTOCOL_TCP -> deliverTcp(now, frame, headerLength, length, offload);
            case Ipv4Header.PROTOCOL_UDP ->
                    deliverUdp(now, frame, headerLength, length, frameDestination, offload);
            case Ipv4Header.PROTOCOL_ICMP ->
                    deliverIcmp(now, frame, headerLength, length, frameDestination);
            default -> {
                counters.inUnknownProtocols++;
                completeQuoted(frame, offload);
                sendError(now, IcmpMessage.PROTOCOL_UNREACHABLE, packet, frameDestination);
                frame.close();
            }
        }
    }

    /** As {@link #deliver}, of a flow that this shard owns. */
    void deliverToOwner(long now, Buffer frame, long offload) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int headerLength = Ipv4Header.headerLength(MEMORY, packet);
        int length = Ipv4Header.totalLength(MEMORY, packet) - headerLength;
        switch (Ipv4Header.protocol(MEMORY, packet)) {
            case Ipv4Header.PROTOCOL_ICMP -> {
                if (isError(error.parse(MEMORY, packet + headerLength, length))) {
                    onError(now);
                }
            }
            case Ipv4Header.PROTOCOL_UDP -> {
                Binding binding = udp.find(packet, headerLength);
                if (binding == null || !toUdp(binding, frame, headerLength, length, offload)) {
                    counters.inUdpNoPorts++; // closed meanwhile
                }
            }
            default -> toTcp(now, frame, headerLength, length, offload);
        }
        frame.close();
    }

    /** Gives a segment to the shard that it belongs to, and the frame with it. */
    private void deliverTcp(long now, Buffer frame, int headerLength, int length, long offload) {
        boolean trusted = isTrusted(offload);
        if (steering.shards() > 1 && length >= TcpHeader.BYTES_MIN) {
            long packet = frame.address() + EthernetHeader.BYTES;
            long segment = packet + headerLength;
            long local = IpAddress.lowOfIpv4(Ipv4Header.destination(MEMORY, packet));
            long remote = IpAddress.lowOfIpv4(Ipv4Header.source(MEMORY, packet));
            int ports =
                    Flow.ports(
                            TcpHeader.destinationPort(MEMORY, segment),
                            TcpHeader.sourcePort(MEMORY, segment));
            int owner = steering.entered(0, local, 0, remote, ports);
            Steering.Stage stage = Steering.Stage.OWNER;
            if (owner == FlowOwners.NONE) {
                owner = steering.home(0, local, 0, remote, ports);
                stage = Steering.Stage.HOME;
                int flags = TcpHeader.flags(MEMORY, segment);
                if (owner == steering.shard()
                        && Steering.mayBegin(flags)
                        && !tcp.knows(0, local, 0, remote, ports)) {
                    owner = steering.place(0, local, ports, flags);
                    stage = Steering.Stage.OWNER;
                }
            }
            if (owner != steering.shard()) {
                steering.forward(owner, stage, frame, trusted);
                return;
            }
        }
        toTcp(now, frame, headerLength, length, offload);
        frame.close();
    }

    private void toTcp(long now, Buffer frame, int headerLength, int length, long offload) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int source = Ipv4Header.source(MEMORY, packet);
        int destination = Ipv4Header.destination(MEMORY, packet);
        if (!Offload.isVerified(offload)
                && !Offload.needsChecksum(offload)
                && !isRight(packet, headerLength, length, Ipv4Header.PROTOCOL_TCP)) {
            counters.inChecksumErrors++;
            tcp.counters().inChecksumErrors++;
            return;
        }
        tcp.onSegment(
                now,
                frame,
                EthernetHeader.BYTES + headerLength,
                length,
                0,
                IpAddress.lowOfIpv4(destination),
                0,
                IpAddress.lowOfIpv4(source),
                Ipv4Header.trafficClass(MEMORY, packet) & CONGESTION_BITS);
    }

    private static boolean isRight(long packet, int headerLength, int length, int protocol) {
        long sum =
                InternetChecksum.pseudoHeader(
                                Ipv4Header.source(MEMORY, packet),
                                Ipv4Header.destination(MEMORY, packet),
                                protocol,
                                length)
                        + InternetChecksum.sum(MEMORY, packet + headerLength, length);
        return InternetChecksum.isRight(sum);
    }

    private void deliverUdp(
            long now,
            Buffer frame,
            int headerLength,
            int length,
            long frameDestination,
            long offload) {
        long packet = frame.address() + EthernetHeader.BYTES;
        if (UdpHeader.checkLengths(MEMORY, packet + headerLength, length) != Defect.NONE) {
            counters.inUdpErrors++;
            frame.close();
            return;
        }
        Binding binding = udp.find(packet, headerLength);
        if (binding != null) {
            int owner = udp.owner(binding, packet, headerLength);
            if (owner != steering.shard()) {
                steering.forward(owner, Steering.Stage.OWNER, frame, isTrusted(offload));
                return;
            }
        }
        if (binding == null || !toUdp(binding, frame, headerLength, length, offload)) {
            onNoPort(now, frame, headerLength, length, frameDestination, offload);
        }
        frame.close();
    }

    private static boolean isTrusted(long offload) {
        return Offload.isVerified(offload) || Offload.needsChecksum(offload);
    }

    /** Gives a datagram whose lengths are right to this shard's socket; false if there is none. */
    private boolean toUdp(
            Binding binding, Buffer frame, int headerLength, int length, long offload) {
        if (!isTrusted(offload) && !isRightUdp(frame, headerLength, length)) {
            counters.inUdpErrors++;
            return true;
        }
        return udp.deliver(binding, frame, headerLength);
    }

    private static boolean isRightUdp(Buffer frame, int headerLength, int length) {
        long packet = frame.address() + EthernetHeader.BYTES;
        long header = packet + headerLength;
        long sum =
                InternetChecksum.pseudoHeader(
                        Ipv4Header.source(MEMORY, packet),
                        Ipv4Header.destination(MEMORY, packet),
                        Ipv4Header.PROTOCOL_UDP,
                        UdpHeader.length(MEMORY, header));
        return UdpHeader.check(MEMORY, header, length, sum) == Defect.NONE;
    }

    /** What is wrong is not answered: its sender may be another than it says. */
    private void onNoPort(
            long now,
            Buffer frame,
            int headerLength,
            int length,
            long frameDestination,
            long offload) {
        if (!isTrusted(offload) && !isRightUdp(frame, headerLength, length)) {
            counters.inUdpErrors++;
            return;
        }
        counters.inUdpNoPorts++;
        completeQuoted(frame, offload);
        long packet = frame.address() + EthernetHeader.BYTES;
        sendError(now, IcmpMessage.PORT_UNREACHABLE, packet, frameDestination);
    }

    private void deliverIcmp(
            long now, Buffer frame, int headerLength, int length, long frameDestination) {
        long packet = frame.address() + EthernetHeader.BYTES;
        long message = packet + headerLength;
        if (Icmpv4Header.check(MEMORY, message, length) != Defect.NONE) {
            counters.inIcmpErrors++;
        } else if (Icmpv4Header.type(MEMORY, message) == Icmpv4Header.ECHO_REQUEST) {
            answerEcho(now, packet, frameDestination);
        } else if (isError(error.parse(MEMORY, message, length))) {
            deliverError(now, frame);
            return;
        } else if (error.kind() == IcmpError.Kind.MALFORMED) {
            counters.inIcmpErrors++;
        }
        // Else an answer that nobody waits for, or what hosts do not act on (MUST-55).
        counters.inIcmpMessages++;
        frame.close();
    }

    /** Gives an error to the shard of the flow that it quotes, and the frame with it. */
    private void deliverError(long now, Buffer frame) {
        int owner = error.protocol() == Ipv4Header.PROTOCOL_UDP ? ownerOfDatagram() : ownerOfFlow();
        if (owner != steering.shard()) {
            steering.forward(owner, Steering.Stage.OWNER, frame, false);
            return;
        }
        onError(now);
        frame.close();
    }

    private int ownerOfFlow() {
        return steering.owner(
                0,
                IpAddress.lowOfIpv4(error.source()),
                0,
                IpAddress.lowOfIpv4(error.destination()),
                Flow.ports(error.sourcePort(), error.destinationPort()));
    }

    private int ownerOfDatagram() {
        Binding binding = refused();
        return binding == null
                ? steering.shard()
                : udp.owner(binding, error.source(), error.destination(), error.destinationPort());
    }

    /** What has sent the datagram that an error quotes; null if nobody has, or nobody can tell. */
    private Binding refused() {
        return error.hasPorts()
                ? udp.find(
                        error.source(),
                        error.sourcePort(),
                        error.destination(),
                        error.destinationPort())
                : null;
    }

    private static boolean isError(IcmpError.Kind kind) {
        return switch (kind) {
            case SOFT, HARD, FRAGMENTATION_NEEDED -> true;
            case NOT_AN_ERROR, MALFORMED, IGNORED -> false;
        };
    }

    private void answerEcho(long now, long packet, long frameDestination) {
        Buffer reply = output.newFrame(IcmpOutput.echoReplyLength(MEMORY, packet));
        if (reply == null) {
            counters.outDiscards++;
            return;
        }
        int length =
                icmp.writeEchoReply(
                        now,
                        MEMORY,
                        packet,
                        frameDestination,
                        reply.address() + EthernetHeader.BYTES);
        send(reply, length);
    }

    /** An error quotes a packet as it would have come over a wire. */
    private static void completeQuoted(Buffer frame, long offload) {
        if (Offload.needsChecksum(offload)) {
            Offload.complete(offload, frame);
        }
    }

    private void sendError(long now, IcmpMessage kind, long packet, long frameDestination) {
        Buffer frame = output.newFrame(IcmpOutput.errorLength(MEMORY, packet));
        if (frame == null) {
            counters.outDiscards++;
            return;
        }
        int length =
                icmp.writeError(
                        now,
                        kind,
                        MEMORY,
                        packet,
                        frameDestination,
                        frame.address() + EthernetHeader.BYTES);
        send(frame, length);
    }

    private void send(Buffer frame, int length) {
        if (length == 0) {
            frame.close();
            return;
        }
        frame.trim(EthernetHeader.BYTES + length);
        output.send(frame);
    }

    /** A fragment's time is over: its source learns of it, if the first part is there. */
    void onReassemblyExpired(long now, Buffer first, long ownMac) {
        sendError(now, IcmpMessage.REASSEMBLY_TIME_EXCEEDED, first.address(), ownMac);
        first.close();
    }

    /** A packet of ours came back: no neighbour takes it. Releases the frame. */
    void onUndelivered(long now, Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        if (Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_TCP) {
            long segment = packet + Ipv4Header.headerLength(MEMORY, packet);
            tcp.onUnreachable(
                    now,
                    Unreachable.NEIGHBOUR,
                    0,
                    IpAddress.lowOfIpv4(Ipv4Header.source(MEMORY, packet)),
                    0,
                    IpAddress.lowOfIpv4(Ipv4Header.destination(MEMORY, packet)),
                    Flow.ports(
                            TcpHeader.sourcePort(MEMORY, segment),
                            TcpHeader.destinationPort(MEMORY, segment)),
                    TcpHeader.sequence(MEMORY, segment));
        }
        frame.close();
    }

    /** An error about a segment of ours; TCP believes it only if that is in flight (RFC 5927). */
    private void onError(long now) {
        counters.inIcmpMessages++;
        if (error.protocol() == Ipv4Header.PROTOCOL_UDP) {
            Binding binding = refused();
            if (binding != null && error.kind() == IcmpError.Kind.HARD) {
                udp.refused(binding);
            }
            return;
        }
        if (error.protocol() != Ipv4Header.PROTOCOL_TCP || !error.hasPorts()) {
            return;
        }
        if (error.kind() == IcmpError.Kind.FRAGMENTATION_NEEDED) {
            if (!isInFlight()) {
                return;
            }
            pathMtus.onReport(now, error.destination(), error.mtu(), error.packetLength());
        }
        tcp.onUnreachable(
                now,
                switch (error.kind()) {
                    case FRAGMENTATION_NEEDED -> Unreachable.TOO_LARGE;
                    case HARD -> Unreachable.PORT;
                    case SOFT, NOT_AN_ERROR, MALFORMED, IGNORED -> Unreachable.FOR_NOW;
                },
                0,
                IpAddress.lowOfIpv4(error.source()),
                0,
                IpAddress.lowOfIpv4(error.destination()),
                Flow.ports(error.sourcePort(), error.destinationPort()),
                error.sequence());
    }

    private boolean isInFlight() {
        return tcp.isInFlight(
                0,
                IpAddress.lowOfIpv4(error.source()),
                0,
                IpAddress.lowOfIpv4(error.destination()),
                Flow.ports(error.sourcePort(), error.destinationPort()),
                error.sequence());
    }
}
