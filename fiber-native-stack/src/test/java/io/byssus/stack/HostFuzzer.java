package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Writes any frames at all to a host with a connection in each state, and checks that nothing is
 * thrown, nothing loops, nothing leaks, and one honest connection goes on as if nothing were.
 *
 * <p>What it writes follows from the random generator alone, which may be the input of a fuzzer.
 */
final class HostFuzzer {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int HOSTILE = Ipv4Address.parse("10.0.0.66");
    private static final int HONEST = Ipv4Address.parse("10.0.0.2");
    private static final int HOSTILE_PORT = 4000;

    /** So many frames come between two of the honest peer. */
    private static final int FRAMES_PER_ROUND = 16;

    private static final byte[] ALL_OPTIONS = {
        2, 4, 0x05, (byte) 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7
    };

    private final RandomGenerator random;
    private final AttackedHost host;
    private final TcpListener listener;
    private final List<RawPeer> peers = new ArrayList<>();
    private final List<TcpConnection> connections = new ArrayList<>();
    private RawPeer honest;
    private TcpConnection honestConnection;
    private byte honestNext;
    private byte[] lastFrame = {};

    private HostFuzzer(RandomGenerator random, BufferPool.Mode mode) {
        this.random = random;
        host = new AttackedHost(1, TcpLimits.DEFAULTS, mode);
        listener = host.listen(1000);
    }

    /** Plays so many rounds. */
    static void run(RandomGenerator random, int rounds, BufferPool.Mode mode) throws IOException {
        HostFuzzer fuzzer = new HostFuzzer(random, mode);
        fuzzer.setUp();
        for (int i = 0; i < rounds; i++) {
            fuzzer.round();
        }
        fuzzer.tearDown();
    }

    private void setUp() {
        honest = new RawPeer(host, HONEST, 5000, -10_000).synOptions(ALL_OPTIONS);
        SentSegment answer = honest.open();
        assertThat(answer).isNotNull();
        host.deliver(honestSegment(TcpHeader.ACK));
        honestConnection = host.accepted(listener);
        for (TcpState state : TcpState.values()) {
            host.sent.clear();
            bring(state);
        }
        host.sent.clear();
    }

    /** A connection of the hostile peer in a state, as far as it is one of the wire. */
    private void bring(TcpState state) {
        RawPeer peer = new RawPeer(host, HOSTILE, HOSTILE_PORT + peers.size(), random.nextInt());
        peers.add(peer);
        if (random.nextBoolean()) {
            peer.synOptions(
                    (byte) 2,
                    (byte) 4,
                    (byte) 0,
                    (byte) random.nextInt(256),
                    (byte) 4,
                    (byte) 2,
                    (byte) 1,
                    (byte) 1);
        }
        if (state == TcpState.CLOSED) {
            return;
        }
        if (state == TcpState.SYN_SENT) {
            connections.add(
                    host.tcp()
                            .connect(
                                    host.now,
                                    IpAddress.ofIpv4(AttackedHost.ADDRESS),
                                    AttackedHost.PORT,
                                    IpAddress.ofIpv4(HOSTILE),
                                    peer.port,
                                    TcpSettings.DEFAULTS,
                                    events -> {}));
            host.settle();
            peer.expected = peer.mine().sequence() + 1;
            return;
        }
        if (state == TcpState.SYN_RECEIVED) {
            peer.open();
            return;
        }
        TcpConnection connection = peer.connect(listener);
        connections.add(connection);
        if (random.nextBoolean()) {
            connection.send(text(5000));
            host.settle();
        }
        if (random.nextBoolean()) {
            host.deliver(peer.segment(TcpHeader.ACK).sequence(peer.next + 100).text(new byte[200]));
        }
        boolean peerCloses = state == TcpState.CLOSE_WAIT || state == TcpState.LAST_ACK;
        if (peerCloses) {
            host.deliver(peer.segment(TcpHeader.FIN | TcpHeader.ACK));
            peer.next++;
        }
        if (state != TcpState.ESTABLISHED && state != TcpState.CLOSE_WAIT) {
            connection.closeOutput();
            host.settle();
        }
        SentSegment last = peer.mine();
        if (last != null && (state == TcpState.FIN_WAIT_2 || state == TcpState.TIME_WAIT)) {
            peer.expected = last.end();
            host.deliver(peer.segment(TcpHeader.ACK));
        }
        if (state == TcpState.CLOSING || state == TcpState.TIME_WAIT) {
            host.deliver(peer.segment(TcpHeader.FIN | TcpHeader.ACK));
            peer.next++;
        }
    }

    private Buffer text(int length) {
        Buffer text = host.pool.allocate(length);
        RawMemory.fill(text.address(), length, (byte) 7);
        return text;
    }

    private void round() {
        int frames = 1 + random.nextInt(FRAMES_PER_ROUND);
        for (int i = 0; i < frames; i++) {
            host.put(frame());
        }
        host.settle();
        act();
        if (random.nextInt(4) == 0) {
            host.pass(random.nextLong(TimeUnit.MILLISECONDS.toNanos(300)));
        }
        learn();
        exchange();
    }

    /** What the applications of the hostile connections do. */
    private void act() {
        if (connections.isEmpty() || random.nextInt(4) != 0) {
            return;
        }
        TcpConnection connection = connections.get(random.nextInt(connections.size()));
        switch (random.nextInt(6)) {
            case 0, 1 -> read(connection);
            case 2 -> {
                if (connection.canSend() && connection.sendSpace() > 0) {
                    connection.send(text(1 + random.nextInt(10_000)));
                }
            }
            case 3 -> connection.closeOutput();
            case 4 -> {
                if (connection.canSend()) {
                    connection.markUrgent();
                }
            }
            default -> {
                connections.remove(connection);
                if (random.nextBoolean()) {
                    connection.close();
                } else {
                    connection.abort();
                }
            }
        }
        TcpConnection next = host.tcp().accept(listener);
        if (next != null) {
            connections.add(next);
        }
    }

    private static void read(TcpConnection connection) {
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            text.close();
        }
        assertThat(connection.receivable()).isZero();
    }

    /** The attacker sees what is sent to him, and mostly goes on from there. */
    private void learn() {
        for (RawPeer peer : peers) {
            SentSegment last = peer.mine();
            if (last == null || random.nextInt(4) == 0) {
                continue;
            }
            if (last.has(TcpHeader.ACK)) {
                peer.next = last.acknowledgment();
            }
            peer.expected = last.end();
        }
    }

    /** The honest peer sends some bytes, and must get them back. */
    private void exchange() {
        host.sent.clear();
        byte[] bytes = new byte[1 + random.nextInt(100)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = honestNext++;
        }
        host.put(honestSegment(TcpHeader.ACK | TcpHeader.PSH).text(bytes));
        honest.next += bytes.length;
        host.settle();
        assertThat(honestConnection.state()).isEqualTo(TcpState.ESTABLISHED);
        int received = 0;
        for (Buffer text = honestConnection.receive();
                text != null;
                text = honestConnection.receive()) {
            received += text.length();
            honestConnection.send(text);
        }
        assertThat(received).as("what the honest peer has sent").isEqualTo(bytes.length);
        host.settle();
        byte[] echoed = {};
        for (SentSegment segment : host.takeSent()) {
            if (segment.destination() == HONEST) {
                assertThat(segment.has(TcpHeader.RST)).isFalse();
                if (segment.sequence() == honest.expected && segment.text().length > 0) {
                    int at = echoed.length;
                    echoed = Arrays.copyOf(echoed, at + segment.text().length);
                    System.arraycopy(segment.text(), 0, echoed, at, segment.text().length);
                    honest.expected = segment.end();
                }
            }
        }
        assertThat(echoed).as("the echo").isEqualTo(bytes);
        host.deliver(honestSegment(TcpHeader.ACK));
        host.dropOthers();
    }

    private CraftedSegment honestSegment(int flags) {
        byte[] timestamps = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0};
        return honest.segment(flags).options(timestamps);
    }

    private Buffer frame() {
        Buffer frame =
                switch (random.nextInt(16)) {
                    case 0 -> noise();
                    case 1 -> arp();
                    case 2 -> icmpError();
                    case 3 -> fragment(segment());
                    case 4 -> again();
                    default -> segment();
                };
        if (random.nextInt(4) == 0) {
            frame = mutated(frame);
        }
        lastFrame = frame.toByteArray();
        return frame;
    }

    private Buffer noise() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        Buffer frame = host.pool.allocate(bytes.length);
        frame.put(0, bytes, 0, bytes.length);
        if (bytes.length >= EthernetHeader.BYTES) {
            EthernetHeader.destination(MEMORY, frame.address(), AttackedHost.MAC);
            if (random.nextBoolean()) {
                EthernetHeader.type(
                        MEMORY,
                        frame.address(),
                        random.nextBoolean() ? EthernetHeader.TYPE_IPV4 : EthernetHeader.TYPE_ARP);
            }
        }
        return frame;
    }

    private Buffer again() {
        if (lastFrame.length == 0) {
            return noise();
        }
        Buffer frame = host.pool.allocate(lastFrame.length);
        frame.put(0, lastFrame, 0, lastFrame.length);
        return frame;
    }

    private Buffer arp() {
        byte[] bytes = new byte[60];
        random.nextBytes(bytes);
        Buffer frame = host.pool.allocate(bytes.length);
        frame.put(0, bytes, 0, bytes.length);
        EthernetHeader.destination(MEMORY, frame.address(), AttackedHost.MAC);
        EthernetHeader.type(MEMORY, frame.address(), EthernetHeader.TYPE_ARP);
        byte[] head = {0, 1, 8, 0, 6, 4, 0, (byte) (1 + random.nextInt(2))};
        frame.put(EthernetHeader.BYTES, head, 0, head.length);
        if (random.nextBoolean()) {
            // Its sender is the attacker, so that the honest neighbours keep their address.
            byte[] sender = {10, 0, 0, 66};
            frame.put(EthernetHeader.BYTES + 14, sender, 0, sender.length);
        }
        return frame;
    }

    /** About a segment of ours that might be in flight. */
    private Buffer icmpError() {
        RawPeer peer = peers.get(random.nextInt(peers.size()));
        int quoted = Ipv4Header.BYTES_MIN + 8;
        int length = Icmpv4Header.BYTES + quoted;
        Buffer frame = host.pool.allocate(IpOutput.HEADERS_BYTES + length);
        long packet = frame.address() + EthernetHeader.BYTES;
        PacketHeaders.ethernet(frame.address(), AttackedHost.NEIGHBOUR_MAC, AttackedHost.MAC);
        PacketHeaders.ipv4(packet, Ipv4Header.PROTOCOL_ICMP, HOSTILE, AttackedHost.ADDRESS, length);
        long message = packet + Ipv4Header.BYTES_MIN;
        int[] types = {3, 3, 3, 4, 5, 11, 12};
        Icmpv4Header.begin(
                MEMORY, message, types[random.nextInt(types.length)], random.nextInt(16));
        Icmpv4Header.nextHopMtu(MEMORY, message, random.nextInt(2000));
        long inner = message + Icmpv4Header.BYTES;
        PacketHeaders.ipv4(
                inner,
                Ipv4Header.PROTOCOL_TCP,
                AttackedHost.ADDRESS,
                peer.address,
                8 + random.nextInt(1500));
        long segment = inner + Ipv4Header.BYTES_MIN;
        TcpHeader.sourcePort(MEMORY, segment, AttackedHost.PORT);
        TcpHeader.destinationPort(MEMORY, segment, peer.port);
        TcpHeader.sequence(MEMORY, segment, near(peer.expected));
        Icmpv4Header.complete(MEMORY, message, length);
        return frame;
    }

    private Buffer segment() {
        RawPeer peer = peers.get(random.nextInt(peers.size()));
        byte[] options = new byte[4 * random.nextInt(11)];
        random.nextBytes(options);
        if (options.length >= 12 && random.nextBoolean()) {
            options[0] = 1;
            options[1] = 1;
            options[2] = 8;
            options[3] = 10;
        } else if (options.length >= 28 && random.nextBoolean()) {
            sack(options, peer);
        }
        byte[] text = new byte[random.nextBoolean() ? 0 : random.nextInt(1200)];
        int flags =
                random.nextInt(3) == 0
                        ? random.nextInt(256)
                        : TcpHeader.ACK | (random.nextInt(8) == 0 ? TcpHeader.FIN : 0);
        if (random.nextInt(8) != 0) {
            flags &= ~TcpHeader.RST; // else few connections live long
        }
        return peer.segment(flags)
                .sequence(near(peer.next))
                .acknowledgment(near(peer.expected))
                .window(random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(1 << 16))
                .options(options)
                .text(text)
                .frame(host.pool);
    }

    private void sack(byte[] options, RawPeer peer) {
        Arrays.fill(options, (byte) 1);
        options[0] = 5;
        options[1] = 26;
        for (int i = 0; i < 6; i++) {
            int edge = near(peer.expected);
            for (int j = 0; j < 4; j++) {
                options[2 + 4 * i + j] = (byte) (edge >>> (24 - 8 * j));
            }
        }
    }

    private int near(int number) {
        return switch (random.nextInt(8)) {
            case 0 -> number + random.nextInt(-3, 4);
            case 1 -> number + random.nextInt(-3000, 3000);
            case 2 -> number + 0xffff + random.nextInt(-2, 3);
            case 3 -> number + random.nextInt(-70_000, 70_000);
            case 4 -> random.nextBoolean() ? random.nextInt() : number + Integer.MIN_VALUE;
            default -> number;
        };
    }

    /** The segment's packet as one fragment of a datagram. */
    private Buffer fragment(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        Ipv4Header.identification(MEMORY, packet, random.nextInt(3));
        Ipv4Header.fragment(
                MEMORY,
                packet,
                8 * random.nextInt(random.nextBoolean() ? 4 : 8192),
                random.nextBoolean() ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
        Ipv4Header.complete(MEMORY, packet);
        return frame;
    }

    /** Other bytes, another length; the checksums are made right again, mostly. */
    private Buffer mutated(Buffer frame) {
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && frame.length() > EthernetHeader.BYTES; i++) {
            int at =
                    EthernetHeader.BYTES
                            + random.nextInt(Math.min(frame.length() - EthernetHeader.BYTES, 60));
            frame.put(at, (byte) random.nextInt(256));
        }
        if (random.nextInt(3) == 0) {
            frame.trim(random.nextInt(frame.length() + 1));
        }
        if (frame.length() >= IpOutput.HEADERS_BYTES && random.nextInt(4) != 0) {
            complete(frame);
        }
        keepFromHonest(frame);
        return frame;
    }

    private static void complete(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int room = frame.length() - EthernetHeader.BYTES;
        int headerLength = Ipv4Header.headerLength(MEMORY, packet);
        int length = Ipv4Header.totalLength(MEMORY, packet) - headerLength;
        if (headerLength < Ipv4Header.BYTES_MIN || headerLength > room) {
            return;
        }
        Ipv4Header.complete(MEMORY, packet);
        if (length >= TcpHeader.BYTES_MIN && headerLength + length <= room) {
            TcpHeader.complete(
                    MEMORY,
                    packet + headerLength,
                    length,
                    InternetChecksum.pseudoHeader(
                            Ipv4Header.source(MEMORY, packet),
                            Ipv4Header.destination(MEMORY, packet),
                            Ipv4Header.protocol(MEMORY, packet),
                            length));
        }
    }

    /** Chance must not write what the honest peer might have: that would be no bug. */
    private static void keepFromHonest(Buffer frame) {
        if (frame.length() < IpOutput.HEADERS_BYTES) {
            return;
        }
        long packet = frame.address() + EthernetHeader.BYTES;
        if (Ipv4Header.source(MEMORY, packet) == HONEST) {
            Ipv4Header.source(MEMORY, packet, HOSTILE);
        }
    }

    private void tearDown() throws IOException {
        for (TcpConnection connection : connections) {
            connection.abort();
        }
        for (TcpConnection next = host.tcp().accept(listener);
                next != null;
                next = host.tcp().accept(listener)) {
            next.abort();
        }
        honestConnection.abort();
        host.settle();
        host.pass(TimeUnit.SECONDS.toNanos(400));
        assertThat(host.tcp().connections()).isEmpty();
        assertThat(host.tcp().timeWaitCount()).isZero();
        host.close();
    }
}
