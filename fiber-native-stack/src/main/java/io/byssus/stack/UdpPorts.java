package io.byssus.stack;

import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.UdpBindings.Binding;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.ToeplitzHash;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A shard's UDP sockets (RFC 768): who gets a datagram, on this shard or another. The sockets that
 * several shards have on one port share the senders by the symmetric hash that steers TCP, so that
 * a sender's datagrams come to one of them.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class UdpPorts {
    private static final MemorySegment MEMORY = RawMemory.all();

    /** A socket. */
    interface Receiver {
        /**
         * A datagram whose lengths and checksum are right.
         *
         * @param frame stays the caller's
         * @param at where the text begins in it
         */
        void onDatagram(
                Buffer frame, int at, int length, int source, int sourcePort, int destination);

        /** The peer of a connected socket says that nobody listens. */
        void onRefused();

        /** The shard ends: gives back what it holds. */
        void abandon();
    }

    private final UdpBindings bindings;
    private final int shard;
    private final Map<Binding, Receiver> receivers = new IdentityHashMap<>();

    /** Fibers that wait for room in the device. */
    private final List<WaitPoint> senders = new ArrayList<>();

    UdpPorts(UdpBindings bindings, int shard) {
        this.bindings = bindings;
        this.shard = shard;
    }

    /** Takes a local end for this shard; see {@link UdpBindings#bind}. */
    Binding bind(int local, int port) {
        return bindings.bind(shard, local, port);
    }

    /** As {@link #bind}, for a socket that is connected. */
    Binding connect(int local, int remote, int remotePort) {
        return bindings.connect(shard, local, remote, remotePort);
    }

    /** From now on {@code receiver} gets what is for {@code binding}. */
    void add(Binding binding, Receiver receiver) {
        Receiver other = receivers.put(binding, receiver);
        assert other == null : "bound twice";
    }

    /** The socket is closed. */
    void remove(Binding binding) {
        receivers.remove(binding);
        bindings.release(shard, binding);
    }

    /** What a datagram is for, or null; the header is checked as far as its length goes. */
    Binding find(long packet, int headerLength) {
        long header = packet + headerLength;
        return bindings.find(
                Ipv4Header.destination(MEMORY, packet),
                UdpHeader.destinationPort(MEMORY, header),
                Ipv4Header.source(MEMORY, packet),
                UdpHeader.sourcePort(MEMORY, header));
    }

    /** Whose datagram it was that somebody refuses, or null. */
    Binding find(int local, int port, int remote, int remotePort) {
        return bindings.find(local, port, remote, remotePort);
    }

    /** The shard that a sender's datagrams for {@code binding} belong to. */
    int owner(Binding binding, int local, int remote, int remotePort) {
        int[] shards = binding.shards();
        return switch (shards.length) {
            case 0 -> shard; // closed a moment ago: it finds nobody
            case 1 -> shards[0];
            default ->
                    shards[
                            ToeplitzHash.shard(
                                    ToeplitzHash.SYMMETRIC.ofFlow(
                                            0,
                                            IpAddress.lowOfIpv4(local),
                                            0,
                                            IpAddress.lowOfIpv4(remote),
                                            Flow.ports(binding.port, remotePort)),
                                    shards.length)];
        };
    }

    /** As {@link #owner}, of a packet. */
    int owner(Binding binding, long packet, int headerLength) {
        return owner(
                binding,
                Ipv4Header.destination(MEMORY, packet),
                Ipv4Header.source(MEMORY, packet),
                UdpHeader.sourcePort(MEMORY, packet + headerLength));
    }

    /**
     * Gives a datagram, which has been checked, to this shard's socket.
     *
     * @param frame with the packet behind the room for an Ethernet header; stays the caller's
     * @return false if there is none
     */
    boolean deliver(Binding binding, Buffer frame, int headerLength) {
        Receiver receiver = receivers.get(binding);
        if (receiver == null) {
            return false;
        }
        long packet = frame.address() + EthernetHeader.BYTES;
        long header = packet + headerLength;
        receiver.onDatagram(
                frame,
                EthernetHeader.BYTES + headerLength + UdpHeader.BYTES,
                UdpHeader.length(MEMORY, header) - UdpHeader.BYTES,
                Ipv4Header.source(MEMORY, packet),
                UdpHeader.sourcePort(MEMORY, header),
                Ipv4Header.destination(MEMORY, packet));
        return true;
    }

    /** Somebody says that nobody listens; what is no connected socket's is nobody's business. */
    void refused(Binding binding) {
        Receiver receiver = receivers.get(binding);
        if (receiver != null && binding.isConnected()) {
            receiver.onRefused();
        }
    }

    /** Has {@code point} signalled when there is room. */
    void awaitRoom(WaitPoint point) {
        senders.add(point);
    }

    void forget(WaitPoint point) {
        senders.remove(point);
    }

    boolean hasWaiting() {
        return !senders.isEmpty();
    }

    /** There is room: all who wait look again. */
    void wakeSenders() {
        for (int i = 0; i < senders.size(); i++) {
            senders.get(i).signal();
        }
    }

    void close() {
        receivers.values().forEach(Receiver::abandon);
        receivers.clear();
    }
}
