package io.byssus.stack;

import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.net.spi.ListenGroups;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.FaultyDevice;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.HostSecrets;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpUser;
import io.byssus.stack.wire.Ipv4Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;

/**
 * A host with several shards and a peer with one, on a wire with faults, in virtual time. One
 * thread plays all of them, in turn; each has buffers of its own, which notice who touches them. A
 * shard can be stalled: it has no turns, while the others have theirs.
 */
final class ShardedNetwork extends VirtualTime implements AutoCloseable {
    static final IpAddress ADDRESS = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1"));
    static final IpAddress PEER = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.2"));

    private static final int MTU = 1500;
    private static final int WIRE_FRAMES_MAX = 1 << 16;

    /** As a TAP's transmit queue is by default, and a bit more. */
    private static final int QUEUE_FRAMES_MAX = 1024;

    private static final int OWNERS_MAX = 1 << 12;

    /** What a simulation starts with. */
    record Setup(
            long seed,
            int shards,
            Faults toShards,
            Faults toPeer,
            TcpLimits limits,
            BufferPool.Mode pool,
            ManyQueues.Choice choice,
            int ringFrames,
            int ownersMax) {
        Setup(
                long seed,
                int shards,
                Faults toShards,
                Faults toPeer,
                TcpLimits limits,
                BufferPool.Mode pool,
                ManyQueues.Choice choice) {
            this(
                    seed,
                    shards,
                    toShards,
                    toPeer,
                    limits,
                    pool,
                    choice,
                    ForwardRings.CAPACITY,
                    OWNERS_MAX);
        }

        /** With rings and a table of flows that are soon full. */
        Setup narrow(int newRingFrames, int newOwnersMax) {
            return new Setup(
                    seed,
                    shards,
                    toShards,
                    toPeer,
                    limits,
                    pool,
                    choice,
                    newRingFrames,
                    newOwnersMax);
        }
    }

    /** Whoever has buffers: a shard, the peer, or the wire. */
    private final class Owner implements Home {
        private final int id;

        Owner(int id) {
            this.id = id;
        }

        @Override
        public boolean isCurrent() {
            return id == WIRE || current == id;
        }

        @Override
        public void execute(Runnable task) {
            foreignTasks++;
            as(id, task);
        }
    }

    /** A host, or a shard of one, and the applications there. */
    final class Party implements Simulation {
        final int id;
        final BufferPool pool;
        final Host host;
        final Steering steering;
        private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
        private final Appointments appointments = new Appointments();
        private boolean stalled;

        private Party(
                int id,
                BufferPool pool,
                String address,
                LinkDevice device,
                Steering steering,
                SplittableRandom random) {
            this.id = id;
            this.pool = pool;
            this.steering = steering;
            Ipv4Configuration configuration =
                    new Ipv4Configuration(
                            List.of(Ipv4Subnet.parse(address, "255.255.255.0")),
                            Ipv4Configuration.NO_GATEWAY,
                            MTU,
                            device.macAddress());
            host =
                    new Host(
                            ShardedNetwork.this.now(),
                            configuration,
                            setup.limits(),
                            device,
                            pool,
                            random,
                            steering);
        }

        @Override
        public long now() {
            return ShardedNetwork.this.now();
        }

        @Override
        public BufferPool pool() {
            return pool;
        }

        @Override
        public void ready(Runnable task) {
            ready.add(task);
        }

        @Override
        public void after(Duration wait, Runnable task) {
            appointments.add(now() + wait.toNanos(), task);
        }

        private boolean turn() {
            boolean any = host.turn(now()) > 0;
            Runnable due;
            while ((due = appointments.poll(now())) != null) {
                ready.add(due);
            }
            int tasks = ready.size();
            for (int i = 0; i < tasks; i++) {
                ready.poll().run();
            }
            return any || tasks > 0;
        }

        private long deadline() {
            return Math.min(host.deadline(), appointments.deadline());
        }

        private boolean isQuiet() {
            return ready.isEmpty()
                    && appointments.isEmpty()
                    && host.tcp().deadline() == Long.MAX_VALUE
                    && host.reassembler().deadline() == Long.MAX_VALUE
                    && !host.tcp().hasOutput();
        }
    }

    private static final int WIRE = -1;
    private static final int NOBODY = -2;

    private final Setup setup;
    private final SharedState shared;
    private final ManyQueues queues;
    private final List<BufferPool> pools = new ArrayList<>();
    private final List<Party> shards = new ArrayList<>();
    private final Party peer;
    private final ListenGroups<SimulatedListener> groups;
    private final Appointments appointments = new Appointments();
    private int current = NOBODY;
    private long foreignTasks;

    ShardedNetwork(Setup setup) {
        this.setup = setup;
        SplittableRandom random = new SplittableRandom(setup.seed());
        shared =
                new SharedState(
                        new AtomicReferenceArray<>(setup.shards()),
                        new ForwardRings(setup.shards(), setup.ringFrames()),
                        new FlowOwners(new SipHash(random), setup.ownersMax()),
                        new ListenGroups<>(setup.shards()),
                        new ListenPorts(random.nextInt()),
                        new HostSecrets(random),
                        new UdpBindings(0));
        groups = new ListenGroups<>(setup.shards());
        InMemoryLink link =
                new InMemoryLink(0x020000000001L, 0x020000000002L, MTU, WIRE_FRAMES_MAX);
        LinkDevice near =
                new FaultyDevice(
                        link.left(), clock, setup.toPeer(), setup.toShards(), random.split());
        queues = new ManyQueues(near, setup.shards(), QUEUE_FRAMES_MAX, setup.choice());
        BufferPool wire = newPool(WIRE);
        for (int shard = 0; shard < setup.shards(); shard++) {
            BufferPool pool = newPool(shard);
            int id = shard;
            as(
                    shard,
                    () ->
                            shards.add(
                                    new Party(
                                            id,
                                            pool,
                                            "10.0.0.1",
                                            new Importing(queues.queue(id), pool, wire),
                                            new Steering(id, shared),
                                            random.split())));
        }
        BufferPool pool = newPool(setup.shards());
        Party[] made = new Party[1];
        as(
                setup.shards(),
                () ->
                        made[0] =
                                new Party(
                                        setup.shards(),
                                        pool,
                                        "10.0.0.2",
                                        new Importing(link.right(), pool, wire),
                                        Steering.single(random.split()),
                                        random.split()));
        peer = made[0];
    }

    private BufferPool newPool(int id) {
        BufferPool pool = new BufferPool(new Owner(id), setup.pool());
        pools.add(pool);
        return pool;
    }

    Party peer() {
        return peer;
    }

    List<Party> shards() {
        return shards;
    }

    SharedState shared() {
        return shared;
    }

    ManyQueues queues() {
        return queues;
    }

    /** Tasks that were sent to another shard: such as a buffer that was closed elsewhere. */
    long foreignTasks() {
        return foreignTasks;
    }

    /** Everything that anybody holds. */
    List<Throwable> liveSites() {
        return pools.stream().flatMap(pool -> pool.liveSites().stream()).toList();
    }

    /** How much that is. */
    int liveBlocks() {
        return pools.stream().mapToInt(BufferPool::liveBlocks).sum();
    }

    BufferPool wirePool() {
        return pools.getFirst();
    }

    /** All shards listen; each connection goes to {@code acceptor}, on the shard that has it. */
    void listen(
            int port,
            Distribution distribution,
            TcpSettings settings,
            BiConsumer<Party, TcpConnection> acceptor) {
        shards.forEach(shard -> listen(shard, port, distribution, settings, acceptor));
    }

    void listen(
            Party shard,
            int port,
            Distribution distribution,
            TcpSettings settings,
            BiConsumer<Party, TcpConnection> acceptor) {
        InetSocketAddress address = new InetSocketAddress(ADDRESS.toInetAddress(), port);
        ListenOptions options = ListenOptions.defaults().withDistribution(distribution);
        as(
                shard.id,
                () -> {
                    try {
                        groups.listen(
                                shard.id,
                                address,
                                options,
                                group -> {
                                    if (group.bound() == null) {
                                        group.bound(shared.ports().take(address, group));
                                    }
                                    return new SimulatedListener(shard, group, acceptor)
                                            .listen(ADDRESS, port, settings);
                                });
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /** The peer listens. */
    void peerListens(int port, TcpSettings settings, BiConsumer<Party, TcpConnection> acceptor) {
        ListenGroups<SimulatedListener> alone = new ListenGroups<>(setup.shards() + 1);
        try {
            alone.listen(
                    peer.id,
                    new InetSocketAddress(PEER.toInetAddress(), port),
                    ListenOptions.defaults(),
                    group ->
                            new SimulatedListener(peer, group, acceptor)
                                    .listen(PEER, port, settings));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The peer opens a connection to the shards. */
    TcpConnection connectIn(int localPort, int port, TcpSettings settings, TcpUser user) {
        TcpConnection[] made = new TcpConnection[1];
        as(
                peer.id,
                () ->
                        made[0] =
                                peer.host
                                        .tcp()
                                        .connect(
                                                now(), PEER, localPort, ADDRESS, port, settings,
                                                user));
        return made[0];
    }

    /** A shard opens a connection to the peer; null if somebody has it. */
    TcpConnection connectOut(
            Party shard, int localPort, int port, TcpSettings settings, TcpUser user) {
        if (localPort != 0 && !borrow(shard, localPort, port)) {
            return null;
        }
        TcpConnection[] made = new TcpConnection[1];
        as(
                shard.id,
                () ->
                        made[0] =
                                shard.host
                                        .tcp()
                                        .connect(
                                                now(), ADDRESS, localPort, PEER, port, settings,
                                                user));
        return made[0];
    }

    /** As the stack does it, with a call between shards. */
    private boolean borrow(Party shard, int localPort, int port) {
        Ends flow = new Ends(ADDRESS, PEER, Flow.ports(localPort, port));
        int home = shard.steering.home(flow);
        boolean[] lent = {true};
        if (home != shard.id) {
            as(home, () -> lent[0] = shards.get(home).host.lend(flow, shard.id));
        }
        return lent[0];
    }

    void stall(Party shard) {
        shard.stalled = true;
    }

    void resume(Party shard) {
        shard.stalled = false;
    }

    /** Runs between all turns. */
    void after(Duration wait, Runnable task) {
        appointments.add(now() + wait.toNanos(), task);
    }

    /** Runs {@code task} as this party. */
    void as(int id, Runnable task) {
        int before = current;
        current = id;
        try {
            task.run();
        } finally {
            current = before;
        }
    }

    /** Until nobody has anything to do for TCP: TIME-WAIT is over too. */
    boolean runUntilQuiet(Duration limit) {
        return runUntil(
                () ->
                        appointments.isEmpty()
                                && peer.isQuiet()
                                && shards.stream().allMatch(Party::isQuiet)
                                && queues.queue(0).deadlineNanos() == LinkDevice.NO_DEADLINE,
                limit);
    }

    @Override
    boolean turn() {
        boolean[] any = {false};
        Runnable due;
        while ((due = appointments.poll(now())) != null) {
            any[0] = true;
            due.run();
        }
        for (Party shard : shards) {
            if (!shard.stalled) {
                as(shard.id, () -> any[0] |= shard.turn());
            }
        }
        as(peer.id, () -> any[0] |= peer.turn());
        return any[0];
    }

    @Override
    long deadline() {
        long next = Math.min(appointments.deadline(), peer.deadline());
        for (Party shard : shards) {
            next = shard.stalled ? next : Math.min(next, shard.deadline());
        }
        return next;
    }

    @Override
    public void close() {
        shards.forEach(this::close);
        close(peer);
        // What was given back after its owner had closed.
        shards.forEach(shard -> as(shard.id, shard.steering::close));
        pools.forEach(BufferPool::close);
    }

    private void close(Party party) {
        as(
                party.id,
                () -> {
                    try {
                        party.host.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }
}
