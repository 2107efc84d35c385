package io.byssus.stack;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.FaultyDevice;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpUser;
import io.byssus.stack.wire.Ipv4Address;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Two hosts on a wire with faults, in virtual time: both do what there is to do, then the clock
 * goes to whatever is due next. Everything follows from the seed, bit for bit; {@link #traceHash}
 * stands for all that both have seen and done.
 *
 * <p>Both share a pool, as they share a carrier.
 */
final class SimulatedNetwork extends VirtualTime implements Simulation, AutoCloseable {
    static final int PORT = 7;
    static final int MTU = 1500;
    static final IpAddress LEFT = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1"));
    static final IpAddress RIGHT = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.2"));

    static final long LEFT_MAC = 0x0200_0000_0001L;
    static final long RIGHT_MAC = 0x0200_0000_0002L;
    private static final int FRAMES_MAX = 1 << 16;

    private final BufferPool pool;
    private final Host left;
    private final Host right;
    private final HashingDevice leftDevice;
    private final HashingDevice rightDevice;
    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final Appointments appointments = new Appointments();

    /** What a simulation starts with. */
    record Setup(
            long seed,
            Faults toRight,
            Faults toLeft,
            TcpLimits limits,
            BufferPool.Mode pool,
            Offloads offloads,
            BiFunction<BufferPool, LinkDevice, LinkDevice> around) {
        /** What the hosts leave to each other. */
        enum Offloads {
            NONE,
            ALL
        }

        static Setup of(long seed, Faults faults) {
            return new Setup(
                    seed,
                    faults,
                    faults,
                    TcpLimits.DEFAULTS,
                    BufferPool.Mode.RECYCLING,
                    Offloads.NONE,
                    (pool, device) -> device);
        }

        Setup toLeft(Faults faults) {
            return new Setup(seed, toRight, faults, limits, pool, offloads, around);
        }

        Setup limits(TcpLimits newLimits) {
            return new Setup(seed, toRight, toLeft, newLimits, pool, offloads, around);
        }

        /** Each buffer's allocation is known, and its memory is gone when it is closed. */
        Setup tracking() {
            return new Setup(
                    seed, toRight, toLeft, limits, BufferPool.Mode.TRACKING, offloads, around);
        }

        /** Checksums and segmentation are left to the devices. */
        Setup offloading() {
            return new Setup(seed, toRight, toLeft, limits, pool, Offloads.ALL, around);
        }

        /** Something between the left host and its wire. */
        Setup around(BiFunction<BufferPool, LinkDevice, LinkDevice> decorator) {
            return new Setup(seed, toRight, toLeft, limits, pool, offloads, decorator);
        }
    }

    SimulatedNetwork(Setup setup) {
        SplittableRandom random = new SplittableRandom(setup.seed());
        pool = new BufferPool(new Here(), setup.pool());
        InMemoryLink link =
                setup.offloads() == Setup.Offloads.NONE
                        ? new InMemoryLink(LEFT_MAC, RIGHT_MAC, MTU, FRAMES_MAX)
                        : InMemoryLink.withOffloads(LEFT_MAC, RIGHT_MAC, MTU, FRAMES_MAX);
        LinkDevice wire = link.left();
        if (!setup.toRight().equals(Faults.NONE) || !setup.toLeft().equals(Faults.NONE)) {
            wire = new FaultyDevice(wire, clock, setup.toRight(), setup.toLeft(), random.split());
        }
        leftDevice = new HashingDevice(setup.around().apply(pool, wire), clock);
        rightDevice = new HashingDevice(link.right(), clock);
        left = host("10.0.0.1", leftDevice, setup.limits(), random.split());
        right = host("10.0.0.2", rightDevice, setup.limits(), random.split());
    }

    private Host host(
            String address, LinkDevice device, TcpLimits limits, SplittableRandom random) {
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(Ipv4Subnet.parse(address, "255.255.255.0")),
                        Ipv4Configuration.NO_GATEWAY,
                        MTU,
                        device.macAddress());
        return new Host(
                now(),
                configuration,
                limits,
                device,
                pool,
                random,
                Steering.single(random.split()));
    }

    @Override
    public BufferPool pool() {
        return pool;
    }

    Host left() {
        return left;
    }

    Host right() {
        return right;
    }

    /** Of every frame that a host has sent or received, and when. */
    long traceHash() {
        return 31 * leftDevice.hash() + rightDevice.hash();
    }

    /** Hashing costs more than the hosts do, where that matters. */
    void withoutHash() {
        leftDevice.stop();
        rightDevice.stop();
    }

    /** The right host listens, and each connection goes to {@code acceptor}. */
    void listen(int backlog, TcpSettings settings, Consumer<TcpConnection> acceptor) {
        listen(PORT, backlog, settings, acceptor);
    }

    void listen(int port, int backlog, TcpSettings settings, Consumer<TcpConnection> acceptor) {
        TcpListener[] listener = new TcpListener[1];
        Runnable accept =
                () -> {
                    while (listener[0].hasAcceptable()) {
                        acceptor.accept(right.tcp().accept(listener[0]));
                    }
                };
        TcpListener.User user =
                new TcpListener.User() {
                    @Override
                    public void onOpened() {}

                    @Override
                    public void onAcceptable() {
                        ready(accept);
                    }

                    @Override
                    public void onGone() {}
                };
        listener[0] = right.tcp().listen(RIGHT, port, backlog, settings, user);
    }

    /** The left host opens a connection to the right one. */
    TcpConnection connect(TcpSettings settings, TcpUser user) {
        return connect(PORT, settings, user);
    }

    TcpConnection connect(int port, TcpSettings settings, TcpUser user) {
        return left.tcp().connect(now(), LEFT, 0, RIGHT, port, settings, user);
    }

    @Override
    public void ready(Runnable task) {
        ready.add(task);
    }

    @Override
    public void after(Duration wait, Runnable task) {
        appointments.add(now() + wait.toNanos(), task);
    }

    /** Until neither host has anything to do for TCP: TIME-WAIT is over too. */
    boolean runUntilQuiet(Duration limit) {
        return runUntil(this::isQuiet, limit);
    }

    boolean isQuiet() {
        return ready.isEmpty()
                && appointments.isEmpty()
                && isQuiet(left)
                && isQuiet(right)
                && leftDevice.deadlineNanos() == LinkDevice.NO_DEADLINE;
    }

    private static boolean isQuiet(Host host) {
        return host.tcp().deadline() == Long.MAX_VALUE && !host.tcp().hasOutput();
    }

    @Override
    boolean turn() {
        long now = now();
        boolean any = left.turn(now) > 0;
        any |= right.turn(now) > 0;
        Runnable due;
        while ((due = appointments.poll(now)) != null) {
            ready.add(due);
        }
        int count = ready.size();
        for (int i = 0; i < count; i++) {
            ready.poll().run();
        }
        return any || count > 0;
    }

    @Override
    long deadline() {
        return Math.min(Math.min(left.deadline(), right.deadline()), appointments.deadline());
    }

    @Override
    public void close() throws IOException {
        left.close();
        right.close();
        pool.close();
    }
}
