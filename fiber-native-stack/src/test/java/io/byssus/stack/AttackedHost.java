package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpStack;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A whole host on a wire where tests write every frame. One neighbour, the gateway, has all other
 * addresses; it answers when it is asked for.
 */
final class AttackedHost implements AutoCloseable {
    static final long MAC = 0x02_00_00_00_00_aaL;
    static final long NEIGHBOUR_MAC = 0x02_00_00_00_00_bbL;
    static final int ADDRESS = Ipv4Address.parse("10.0.0.1");
    static final int GATEWAY = Ipv4Address.parse("10.0.0.254");
    static final int PORT = 80;

    /** Turns that one batch of frames may need; more is a loop. */
    private static final int TURNS_MAX = 100_000;

    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int MTU = 1500;

    final BufferPool pool;
    final Host host;
    final List<SentSegment> sent = new ArrayList<>();

    /** What was sent that is neither TCP nor ARP; owned here. */
    final ArrayDeque<Buffer> others = new ArrayDeque<>();

    long now = TimeUnit.SECONDS.toNanos(1000);

    /** Where frames go that are no segments; null to parse every one. */
    private final Wire wire = new Wire();

    AttackedHost(long seed) {
        this(seed, TcpLimits.DEFAULTS, BufferPool.Mode.TRACKING);
    }

    AttackedHost(long seed, TcpLimits limits, BufferPool.Mode mode) {
        pool = new BufferPool(new Here(), mode);
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(Ipv4Subnet.parse("10.0.0.1", "255.255.255.0")), GATEWAY, MTU, MAC);
        host =
                new Host(
                        now,
                        configuration,
                        limits,
                        wire,
                        pool,
                        new SplittableRandom(seed),
                        Steering.single(new SplittableRandom(seed)));
        settle();
    }

    /** The host's end of the wire. */
    private static final class Wire implements LinkDevice {
        final ArrayDeque<Buffer> incoming = new ArrayDeque<>();
        final ArrayDeque<Buffer> outgoing = new ArrayDeque<>();

        @Override
        public long macAddress() {
            return MAC;
        }

        @Override
        public int mtu() {
            return MTU;
        }

        @Override
        public Buffer receive() {
            return incoming.poll();
        }

        @Override
        public boolean hasRoom() {
            return outgoing.size() < 1024;
        }

        @Override
        public void send(Buffer frame, long offload) {
            assertThat(frame.length()).isBetween(EthernetHeader.BYTES, MTU + EthernetHeader.BYTES);
            outgoing.add(frame);
        }

        @Override
        public void close() {
            incoming.forEach(Buffer::close);
            incoming.clear();
            outgoing.forEach(Buffer::close);
            outgoing.clear();
        }
    }

    TcpStack tcp() {
        return host.tcp();
    }

    TcpListener listen(int backlog) {
        return listen(backlog, TcpSettings.DEFAULTS);
    }

    TcpListener listen(int backlog, TcpSettings settings) {
        return tcp().listen(
                        IpAddress.ofIpv4(ADDRESS), PORT, backlog, settings, new SilentListener());
    }

    /** Puts a frame on the wire, for the next turn. */
    void put(Buffer frame) {
        wire.incoming.add(frame);
    }

    void put(CraftedSegment segment) {
        put(segment.frame(pool));
    }

    /** A frame of these bytes, Ethernet header and all. */
    void put(byte... bytes) {
        Buffer frame = pool.allocate(bytes.length);
        frame.put(0, bytes, 0, bytes.length);
        put(frame);
    }

    /** Puts a segment on the wire and lets the host do all there is to do. */
    void deliver(CraftedSegment segment) {
        put(segment);
        settle();
    }

    /** Lets the host do all there is to do now. */
    void settle() {
        int turns = 0;
        do {
            host.turn(now);
            takeOutgoing();
            turns++;
            assertThat(turns).as("turns").isLessThan(TURNS_MAX);
        } while (!wire.incoming.isEmpty() || host.deadline() <= now);
    }

    /** Lets time pass, with every deadline on the way. */
    void pass(long nanos) {
        long end = now + nanos;
        long next = host.deadline();
        while (next <= end) {
            now = Math.max(now, next);
            settle();
            next = host.deadline();
        }
        now = end;
        settle();
    }

    private void takeOutgoing() {
        for (Buffer frame = wire.outgoing.poll(); frame != null; frame = wire.outgoing.poll()) {
            take(frame);
        }
    }

    private void take(Buffer frame) {
        long at = frame.address();
        if (EthernetHeader.type(MEMORY, at) == EthernetHeader.TYPE_ARP) {
            answerArp(at + EthernetHeader.BYTES);
            frame.close();
        } else if (Ipv4Header.protocol(MEMORY, at + EthernetHeader.BYTES)
                == Ipv4Header.PROTOCOL_TCP) {
            sent.add(SentSegment.of(frame));
            frame.close();
        } else {
            others.add(frame);
        }
    }

    private void answerArp(long packet) {
        int target = ArpPacket.targetIp(MEMORY, packet);
        if (ArpPacket.operation(MEMORY, packet) != ArpPacket.REQUEST || target == ADDRESS) {
            return;
        }
        Buffer answer = pool.allocate(ArpFrame.BYTES);
        ArpFrame.writeReply(MEMORY, answer.address(), NEIGHBOUR_MAC, target, ADDRESS, MAC);
        put(answer);
    }

    /** What was sent since the last call. */
    List<SentSegment> takeSent() {
        List<SentSegment> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /** How many of the last segments have a flag; forgets them. */
    int countSent(int flag) {
        int count = 0;
        for (SentSegment segment : sent) {
            count += segment.has(flag) ? 1 : 0;
        }
        sent.clear();
        return count;
    }

    void dropOthers() {
        others.forEach(Buffer::close);
        others.clear();
    }

    TcpConnection accepted(TcpListener listener) {
        TcpConnection connection = tcp().accept(listener);
        assertThat(connection).as("an accepted connection").isNotNull();
        return connection;
    }

    /** Everything is given back; nothing may be left. */
    @Override
    public void close() throws IOException {
        for (TcpConnection connection : tcp().connections()) {
            connection.abort();
        }
        host.close();
        assertThat(tcp().counters().memoryBytes).as("bytes charged at the end").isZero();
        dropOthers();
        assertThat(pool.liveSites()).isEmpty();
        assertThat(pool.liveBlocks()).isZero();
    }
}
