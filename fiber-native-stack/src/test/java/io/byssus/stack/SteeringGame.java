package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.Distribution;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.Faults;
import io.byssus.stack.ip.FragmentSink;
import io.byssus.stack.ip.Fragmenter;
import io.byssus.stack.ip.ReassemblyEvent;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Connections to and from a host with several shards, placed by all policies and from ports of all
 * kinds; frames that arrive on any queue, twice, late, damaged and in fragments; shards that stand
 * still; applications that give up. Whatever happens, the property is: a connection that nobody
 * gives up carries every byte; when all have ended nothing is left of them; and every packet that
 * came in is accounted for.
 */
final class SteeringGame {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PEER_PORT = 90;
    private static final int ONE_SHARD_PORT = 85;
    private static final int FIRST_PORT = 80;
    private static final int BYTES_MAX = 200_000;
    private static final int FRAGMENT_MTU = 600;
    private static final int QUOTED_BYTES = 28;

    /** A reset may get lost, and who only listens would never know. */
    private static final TcpSettings SETTINGS = withKeepalive();

    private static final Duration LIMIT = Duration.ofHours(2);

    /** A connection, from who opens it. */
    private static final class Pair {
        private final StreamEnd opener;
        private final int openerParty;
        private StreamEnd acceptor;
        private int acceptorParty;
        private boolean givenUp;

        Pair(StreamEnd opener, int openerParty) {
            this.opener = opener;
            this.openerParty = openerParty;
        }
    }

    private final SplittableRandom random;
    private final int shards;
    private final double strays;
    private final double fragments;
    private final double errors;
    private final boolean stalls;
    private final ShardedNetwork network;
    private final List<Pair> pairs = new ArrayList<>();

    /** By the port of the shards in the upper half, that of the peer in the lower. */
    private final Map<Integer, Pair> latest = new HashMap<>();

    private int identification;

    SteeringGame(SplittableRandom random, BufferPool.Mode mode) {
        this.random = random;
        shards = random.nextInt(2, 5);
        strays = random.nextBoolean() ? 1 : random.nextDouble(0.3);
        fragments = random.nextBoolean() ? 0 : random.nextDouble(0.2);
        errors = random.nextBoolean() ? 0 : random.nextDouble(0.02);
        stalls = random.nextBoolean();
        network =
                new ShardedNetwork(
                        new ShardedNetwork.Setup(
                                        random.nextLong(),
                                        shards,
                                        faults(),
                                        faults(),
                                        TcpLimits.DEFAULTS,
                                        mode,
                                        this::queue)
                                .narrow(
                                        random.nextBoolean()
                                                ? ForwardRings.CAPACITY
                                                : 1 << random.nextInt(3, 5),
                                        random.nextBoolean() ? 1 << 12 : random.nextInt(16, 32)));
        network.queues().passage(this::pass);
        network.queues().onSent(this::complain);
    }

    private Faults faults() {
        return Faults.NONE
                .withDelay(Duration.ofNanos(random.nextLong(1, 5_000_000)))
                .withLoss(random.nextDouble(0.03))
                .withDuplication(random.nextDouble(0.05))
                .withReordering(
                        random.nextDouble(0.1), Duration.ofNanos(random.nextLong(3_000_000)))
                .withCorruption(random.nextDouble(0.005));
    }

    private int queue(int ports, int last) {
        return last < 0 || random.nextDouble() < strays ? random.nextInt(shards) : last;
    }

    /** Cuts some packets into fragments, as a router could, were they not marked. */
    private void pass(Buffer frame, Consumer<Buffer> next) {
        if (ManyQueues.ports(frame, 2 * FRAGMENT_MTU, true) == ManyQueues.NO_FLOW
                || random.nextDouble() >= fragments) {
            next.accept(frame);
            return;
        }
        long packet = frame.address() + EthernetHeader.BYTES;
        Ipv4Header.fragment(MEMORY, packet, 0, Ipv4Header.Part.LAST);
        Ipv4Header.identification(MEMORY, packet, ++identification & 0xffff);
        Fragmenter.fragment(
                MEMORY,
                packet,
                FRAGMENT_MTU,
                new FragmentSink() {
                    private Buffer fragment;

                    @Override
                    public long begin(int length) {
                        fragment = network.wirePool().allocate(EthernetHeader.BYTES + length);
                        MemorySegment.copy(
                                MEMORY,
                                frame.address(),
                                MEMORY,
                                fragment.address(),
                                EthernetHeader.BYTES);
                        return fragment.address() + EthernetHeader.BYTES;
                    }

                    @Override
                    public void end(long address, int length) {
                        next.accept(fragment);
                    }
                });
        frame.close();
    }

    /** A router says that it could not deliver this just now. */
    private void complain(Buffer sent) {
        if (ManyQueues.ports(sent, 0, false) == ManyQueues.NO_FLOW
                || random.nextDouble() >= errors) {
            return;
        }
        int length = Icmpv4Header.BYTES + QUOTED_BYTES;
        Buffer frame = network.wirePool().allocate(IpOutput.HEADERS_BYTES + length);
        long packet = frame.address() + EthernetHeader.BYTES;
        EthernetHeader.destination(MEMORY, frame.address(), 0x020000000001L);
        EthernetHeader.source(MEMORY, frame.address(), 0x020000000002L);
        EthernetHeader.type(MEMORY, frame.address(), EthernetHeader.TYPE_IPV4);
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.totalLength(MEMORY, packet, Ipv4Header.BYTES_MIN + length);
        Ipv4Header.timeToLive(MEMORY, packet, 64);
        Ipv4Header.protocol(MEMORY, packet, Ipv4Header.PROTOCOL_ICMP);
        Ipv4Header.source(MEMORY, packet, ShardedNetwork.PEER.ipv4());
        Ipv4Header.destination(MEMORY, packet, ShardedNetwork.ADDRESS.ipv4());
        Ipv4Header.complete(MEMORY, packet);
        long message = packet + Ipv4Header.BYTES_MIN;
        Icmpv4Header.begin(
                MEMORY, message, Icmpv4Header.DESTINATION_UNREACHABLE, Icmpv4Header.CODE_HOST);
        RawMemory.fill(message + Integer.BYTES, Integer.BYTES, (byte) 0);
        MemorySegment.copy(
                MEMORY,
                sent.address() + EthernetHeader.BYTES,
                MEMORY,
                message + Icmpv4Header.BYTES,
                QUOTED_BYTES);
        Icmpv4Header.complete(MEMORY, message, length);
        network.queues().arrive(random.nextInt(shards), frame);
    }

    private static TcpSettings withKeepalive() {
        TcpSettings defaults = TcpSettings.DEFAULTS;
        return new TcpSettings(
                false,
                defaults.sendBytesMax(),
                defaults.receiveBytesMax(),
                TimeUnit.MINUTES.toNanos(1),
                TimeUnit.SECONDS.toNanos(10),
                4,
                defaults.userTimeoutNanos(),
                defaults.connectTimeoutNanos(),
                defaults.requestEcn());
    }

    void play() {
        listen();
        int connections = random.nextInt(20, 50);
        for (int i = 0; i < connections; i++) {
            network.after(Duration.ofMillis(random.nextInt(2000)), this::open);
        }
        if (stalls) {
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                ShardedNetwork.Party shard = network.shards().get(random.nextInt(shards));
                int begin = random.nextInt(2000);
                network.after(Duration.ofMillis(begin), () -> network.stall(shard));
                network.after(
                        Duration.ofMillis(begin + random.nextInt(1500)),
                        () -> network.resume(shard));
            }
        }
        assertThat(network.runUntilQuiet(LIMIT)).as("comes to an end").isTrue();
        network.shards().forEach(network::resume);
        assertThat(network.runUntilQuiet(LIMIT)).as("comes to an end").isTrue();
        network.run(Duration.ofMillis(1));
        assertThat(pairs).isNotEmpty();
        pairs.forEach(this::assertWhole);
        assertNothingIsLeft();
        assertAccounted();
        network.close();
        assertThat(network.liveBlocks()).isZero();
    }

    private void listen() {
        Distribution[] policies = {
            Distribution.KERNEL,
            Distribution.LEAST_CONNECTIONS,
            Distribution.CLIENT_PORT,
            Distribution.fixedShard(random.nextInt(shards))
        };
        for (int i = 0; i < policies.length; i++) {
            network.listen(FIRST_PORT + i, policies[i], SETTINGS, this::accepted);
        }
        network.listen(
                network.shards().get(random.nextInt(shards)),
                ONE_SHARD_PORT,
                Distribution.KERNEL,
                SETTINGS,
                this::accepted);
        network.peerListens(PEER_PORT, SETTINGS, this::accepted);
    }

    private void accepted(ShardedNetwork.Party party, TcpConnection connection) {
        boolean here = party != network.peer();
        int key =
                here
                        ? key(connection.localPort(), connection.remotePort())
                        : key(connection.remotePort(), connection.localPort());
        Pair pair = latest.get(key);
        assertThat(pair).as("somebody has opened it").isNotNull();
        assertThat(pair.acceptor).as("one shard makes a connection of it").isNull();
        pair.acceptorParty = party.id;
        pair.acceptor = new StreamEnd(party, plan());
        pair.acceptor.begin(connection);
    }

    private static int key(int shardsPort, int peerPort) {
        return (shardsPort << Short.SIZE) | peerPort;
    }

    private StreamEnd.Plan plan() {
        return StreamEnd.Plan.sending(random.nextInt(BYTES_MAX))
                .inWritesOf(random.nextInt(200, 20_000));
    }

    private void open() {
        boolean fromHere = random.nextInt(3) == 0;
        ShardedNetwork.Party party =
                fromHere ? network.shards().get(random.nextInt(shards)) : network.peer();
        StreamEnd end = new StreamEnd(party, plan());
        TcpConnection connection;
        if (fromHere) {
            // Few enough that some are wanted twice.
            int port = random.nextBoolean() ? 0 : 40_000 + random.nextInt(20);
            connection = network.connectOut(party, port, PEER_PORT, SETTINGS, end);
        } else {
            int port = random.nextInt(5);
            connection =
                    network.connectIn(
                            0, port == 4 ? ONE_SHARD_PORT : FIRST_PORT + port, SETTINGS, end);
        }
        if (connection == null) {
            assertThat(fromHere).isTrue(); // somebody has that port
            return;
        }
        Pair pair = new Pair(end, party.id);
        pairs.add(pair);
        latest.put(
                fromHere
                        ? key(connection.localPort(), connection.remotePort())
                        : key(connection.remotePort(), connection.localPort()),
                pair);
        network.as(party.id, () -> end.begin(connection));
        if (random.nextInt(8) == 0) {
            network.after(Duration.ofMillis(random.nextInt(300)), () -> giveUp(pair));
        }
    }

    private void giveUp(Pair pair) {
        boolean opener = pair.acceptor == null || random.nextBoolean();
        pair.givenUp = true;
        network.as(
                opener ? pair.openerParty : pair.acceptorParty,
                opener ? pair.opener::abort : pair.acceptor::abort);
    }

    private void assertWhole(Pair pair) {
        if (pair.givenUp) {
            return;
        }
        TcpConnection connection = pair.opener.connection();
        String name =
                "of party %d, from port %d to port %d"
                        .formatted(
                                pair.openerParty, connection.localPort(), connection.remotePort());
        assertThat(pair.opener.failure()).as(name).isEqualTo(TcpFailure.NONE);
        assertThat(pair.acceptor).as(name).isNotNull();
        assertThat(pair.acceptor.failure()).as(name).isEqualTo(TcpFailure.NONE);
        assertThat(pair.acceptor.isAtEnd() && pair.opener.isAtEnd()).isTrue();
        assertThat(pair.acceptor.received()).isEqualTo(pair.opener.sent());
        assertThat(pair.opener.received()).isEqualTo(pair.acceptor.sent());
    }

    private void assertNothingIsLeft() {
        assertThat(network.shared().owners().count()).isZero();
        for (ShardedNetwork.Party shard : network.shards()) {
            assertThat(shard.host.tcp().connections()).isEmpty();
            assertThat(shard.host.tcp().timeWaitCount()).isZero();
        }
        assertThat(network.liveSites()).isEmpty();
        assertThat(network.liveBlocks()).isZero();
        assertThat(network.foreignTasks()).isZero();
    }

    /** Each packet was handled, passed on or dropped, once. */
    private void assertAccounted() {
        long[] forwarded = new long[Steering.Stage.values().length];
        long[] taken = new long[forwarded.length];
        for (ShardedNetwork.Party shard : network.shards()) {
            Steering steering = shard.steering;
            IpCounters ip = shard.host.counters();
            long fragmentsHere =
                    shard.host.reassembler().counters().count(ReassemblyEvent.RECEIVED)
                            - steering.taken(Steering.Stage.FRAGMENT);
            assertThat(ip.inReceives)
                    .isEqualTo(
                            ip.inDelivers
                                    + ip.inHeaderErrors
                                    + ip.inAddressErrors
                                    + fragmentsHere
                                    + passed(steering, Steering.Stage.FRAGMENT));
            long wholes =
                    ip.inDelivers
                            + steering.taken(Steering.Stage.HOME)
                            + steering.taken(Steering.Stage.OWNER)
                            + shard.host
                                    .reassembler()
                                    .counters()
                                    .count(ReassemblyEvent.REASSEMBLED);
            assertThat(wholes)
                    .isEqualTo(
                            shard.host.tcp().counters().inSegments
                                    + ip.inChecksumErrors
                                    + ip.inIcmpMessages
                                    + ip.inUnknownProtocols
                                    + passed(steering, Steering.Stage.HOME)
                                    + passed(steering, Steering.Stage.OWNER));
            for (Steering.Stage stage : Steering.Stage.values()) {
                forwarded[stage.ordinal()] += steering.forwarded(stage);
                taken[stage.ordinal()] += steering.taken(stage);
            }
            // What was sent home is at home, and what was sent to its owner stays there.
            assertThat(passed(steering, Steering.Stage.HOME))
                    .isLessThanOrEqualTo(wholes - steering.taken(Steering.Stage.OWNER));
            assertThat(passed(steering, Steering.Stage.OWNER))
                    .isLessThanOrEqualTo(wholes - steering.taken(Steering.Stage.OWNER));
        }
        assertThat(taken).isEqualTo(forwarded);
    }

    private static long passed(Steering steering, Steering.Stage stage) {
        return steering.forwarded(stage) + steering.dropped(stage);
    }

    /** Frames that went from shard to shard. */
    long forwarded() {
        long count = 0;
        for (ShardedNetwork.Party shard : network.shards()) {
            for (Steering.Stage stage : Steering.Stage.values()) {
                count += shard.steering.forwarded(stage);
            }
        }
        return count;
    }

    /** Frames that found no room on their way. */
    long dropped() {
        long count = network.queues().dropped();
        for (ShardedNetwork.Party shard : network.shards()) {
            for (Steering.Stage stage : Steering.Stage.values()) {
                count += shard.steering.dropped(stage);
            }
        }
        return count;
    }
}
