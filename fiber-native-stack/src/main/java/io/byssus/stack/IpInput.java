package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Filter;
import io.byssus.stack.ip.NeighbourCache;
import io.byssus.stack.ip.Reassembler;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * The way in: from a frame to the protocol that its packet is for. Nothing that a frame says is
 * believed before it was checked against what arrived.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class IpInput {
    private static final MemorySegment MEMORY = RawMemory.all();

    private final Ipv4Configuration configuration;
    private final NeighbourCache neighbours;
    private final IpOutput output;
    private final Reassembler reassembler;
    private final Ipv4Filter filter;
    private final Transports transports;
    private final Steering steering;
    private final IpCounters counters;

    IpInput(
            Ipv4Configuration configuration,
            NeighbourCache neighbours,
            IpOutput output,
            Reassembler reassembler,
            Transports transports,
            Steering steering,
            IpCounters counters) {
        this.configuration = configuration;
        this.neighbours = neighbours;
        this.output = output;
        this.reassembler = reassembler;
        this.filter = new Ipv4Filter(configuration);
        this.transports = transports;
        this.steering = steering;
        this.counters = counters;
    }

    Ipv4Filter filter() {
        return filter;
    }

    /** Takes a frame from the device. */
    void onFrame(long now, Buffer frame, long offload) {
        if (EthernetHeader.check(frame.length()) != Defect.NONE || !isForUs(frame)) {
            counters.inOtherFrames++;
            frame.close();
            return;
        }
        switch (EthernetHeader.type(MEMORY, frame.address())) {
            case EthernetHeader.TYPE_IPV4 -> onPacket(now, frame, offload, false);
            case EthernetHeader.TYPE_ARP -> {
                neighbours.onArp(
                        now,
                        MEMORY,
                        frame.address() + EthernetHeader.BYTES,
                        frame.length() - EthernetHeader.BYTES,
                        output);
                passOnArp(frame);
                frame.close();
            }
            default -> {
                counters.inOtherFrames++;
                frame.close();
            }
        }
    }

    /** Takes a packet that this host has sent to itself. */
    void onLoopback(long now, Buffer frame) {
        onPacket(now, frame, Offload.VERIFIED, true);
    }

    private boolean isForUs(Buffer frame) {
        long destination = EthernetHeader.destination(MEMORY, frame.address());
        return destination == configuration.macAddress() || MacAddress.isGroup(destination);
    }

    private void onPacket(long now, Buffer frame, long offload, boolean fromUs) {
        counters.inReceives++;
        long packet = frame.address() + EthernetHeader.BYTES;
        int length = frame.length() - EthernetHeader.BYTES;
        if (!fromUs && !isRight(frame, packet, length)) {
            frame.close();
            return;
        }
        if (Reassembler.isFragment(MEMORY, packet)) {
            onFragment(now, frame);
        } else {
            deliver(now, frame, offload);
        }
    }

    private boolean isRight(Buffer frame, long packet, int length) {
        long frameDestination = EthernetHeader.destination(MEMORY, frame.address());
        switch (filter.check(MEMORY, packet, length, frameDestination)) {
            case NONE -> {
                // Broadcasts are for datagrams (MUST-57).
                boolean isRight =
                        Ipv4Header.protocol(MEMORY, packet) != Ipv4Header.PROTOCOL_TCP
                                || configuration.isOwn(Ipv4Header.destination(MEMORY, packet));
                counters.inAddressErrors += isRight ? 0 : 1;
                return isRight;
            }
            case BAD_HEADER, BAD_OPTION, SOURCE_ROUTED -> counters.inHeaderErrors++;
            case MARTIAN -> counters.inAddressErrors++;
        }
        return false;
    }

    /** Takes a frame that another shard has passed on, having checked its IP header. */
    void onForwarded(long now, Steering.Stage stage, Buffer frame, boolean trusted) {
        long offload = trusted ? Offload.VERIFIED : Offload.NONE;
        switch (stage) {
            case HOME -> transports.deliver(now, frame, configuration.macAddress(), offload);
            case OWNER -> transports.deliverToOwner(now, frame, offload);
            case FRAGMENT -> reassemble(now, frame);
            case ARP -> {
                neighbours.onForwardedArp(
                        now,
                        MEMORY,
                        frame.address() + EthernetHeader.BYTES,
                        frame.length() - EthernetHeader.BYTES,
                        output);
                frame.close();
            }
        }
    }

    private void onFragment(long now, Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int assembler =
                steering.assembler(
                        Ipv4Header.source(MEMORY, packet),
                        Ipv4Header.destination(MEMORY, packet),
                        Ipv4Header.protocol(MEMORY, packet),
                        Ipv4Header.identification(MEMORY, packet));
        if (assembler == steering.shard()) {
            reassemble(now, frame);
        } else {
            steering.forward(assembler, Steering.Stage.FRAGMENT, frame, false);
        }
    }

    private void reassemble(long now, Buffer frame) {
        frame.trimFront(EthernetHeader.BYTES);
        Buffer datagram = reassembler.add(now, frame);
        if (datagram == null) {
            return;
        }
        // Transports want room for an Ethernet header before every packet.
        Buffer whole = output.newFrame(datagram.length());
        if (whole == null) {
            counters.inDiscards++;
            datagram.close();
            return;
        }
        whole.put(EthernetHeader.BYTES, datagram);
        datagram.close();
        transports.deliver(now, whole, configuration.macAddress(), Offload.NONE);
    }

    /** Every shard learns what an answer says. */
    private void passOnArp(Buffer frame) {
        for (int other = 0; other < steering.shards(); other++) {
            if (other != steering.shard()) {
                Buffer copy = frame.copyReserved();
                if (copy == null) {
                    counters.inDiscards++;
                    return;
                }
                steering.forward(other, Steering.Stage.ARP, copy, false);
            }
        }
    }

    private void deliver(long now, Buffer frame, long offload) {
        counters.inDelivers++;
        long destination = EthernetHeader.destination(MEMORY, frame.address());
        transports.deliver(now, frame, destination, offload);
    }
}
