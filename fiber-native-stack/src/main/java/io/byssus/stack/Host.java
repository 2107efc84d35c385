package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IcmpLimiter;
import io.byssus.stack.ip.IcmpOutput;
import io.byssus.stack.ip.IdentificationSource;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.NeighbourCache;
import io.byssus.stack.ip.PathMtuCache;
import io.byssus.stack.ip.Reassembler;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.HostSecrets;
import io.byssus.stack.tcp.TcpHost;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpStack;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * One shard's protocols over one queue of a device, put together: frames and the time go in, frames
 * come out. It knows no thread and no fiber, so that a simulation can drive two of them by hand.
 *
 * <p>A turn is: what the application has left to send; at most 64 frames; then the timers, so that
 * a pause of the whole process, in which acknowledgments have arrived, makes nothing time out.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Host implements TcpHost {
    static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Frames taken in before timers and fibers have their turn. */
    private static final int FRAMES_PER_TURN = 64;

    private static final int NEIGHBOURS_MAX = 1024;
    private static final long PENDING_BYTES_MAX = 4L << 20;
    private static final int FRAGMENTED_MAX = 256;
    private static final long FRAGMENT_BYTES_MAX = 4L << 20;
    private static final int PATHS_MAX = 4096;

    private final Ipv4Configuration configuration;
    private final LinkDevice device;
    private final BufferPool pool;
    private final NeighbourCache neighbours;
    private final Reassembler reassembler;
    private final PathMtuCache pathMtus;
    private final Loopback loopback = new Loopback();
    private final Undelivered undelivered = new Undelivered();
    private final IpCounters counters = new IpCounters();
    private final UdpPorts udp;
    private final IpOutput output;
    private final IpInput input;
    private final Transports transports;
    private final TcpStack tcp;
    private final Steering steering;

    Host(
            long now,
            Ipv4Configuration configuration,
            TcpLimits limits,
            LinkDevice device,
            BufferPool pool,
            RandomGenerator random,
            Steering steering) {
        this.configuration = configuration;
        this.device = device;
        this.pool = pool;
        this.steering = steering;
        udp = new UdpPorts(steering.datagrams(), steering.shard());
        neighbours =
                new NeighbourCache(
                        configuration, NEIGHBOURS_MAX, PENDING_BYTES_MAX, random.nextLong());
        reassembler = new Reassembler(pool, FRAGMENTED_MAX, FRAGMENT_BYTES_MAX, random.nextLong());
        pathMtus = new PathMtuCache(configuration.mtu(), PATHS_MAX, random.nextLong());
        IdentificationSource identifications =
                new IdentificationSource(steering.shard(), steering.shards(), random);
        output =
                new IpOutput(
                        configuration,
                        device,
                        pool,
                        neighbours,
                        identifications,
                        loopback,
                        counters);
        tcp = new TcpStack(now, this, limits, pool, random);
        IcmpOutput icmp = new IcmpOutput(configuration, new IcmpLimiter(random), identifications);
        transports = new Transports(tcp, udp, icmp, pathMtus, output, steering, counters);
        input =
                new IpInput(
                        configuration,
                        neighbours,
                        output,
                        reassembler,
                        transports,
                        steering,
                        counters);
        output.onUnreachable(undelivered);
        output.now(now);
        neighbours.announce(now, output);
    }

    Ipv4Configuration configuration() {
        return configuration;
    }

    TcpStack tcp() {
        return tcp;
    }

    UdpPorts udp() {
        return udp;
    }

    /** For packets that are no segments. */
    IpOutput output() {
        return output;
    }

    IpCounters counters() {
        return counters;
    }

    NeighbourCache neighbours() {
        return neighbours;
    }

    Reassembler reassembler() {
        return reassembler;
    }

    LinkDevice device() {
        return device;
    }

    /**
     * Does all there is to do now.
     *
     * @return how many frames, timers and bursts that was; 0 if nothing
     */
    int turn(long now) {
        output.now(now);
        int done = tcp.emit(now, output) ? 1 : 0;
        done += takeFrames(now);
        done += takeLoopback(now);
        done += steering.take(now, pool, input);
        if (now >= protocolDeadline()) {
            tcp.onDeadline(now);
            neighbours.onDeadline(now, output);
            reassembler.onDeadline(
                    now,
                    first ->
                            transports.onReassemblyExpired(now, first, configuration.macAddress()));
            done++;
        }
        done += takeUndelivered(now);
        if (udp.hasWaiting() && output.hasRoom()) {
            udp.wakeSenders();
        }
        return done;
    }

    private int takeUndelivered(long now) {
        int count = 0;
        for (Buffer frame = undelivered.poll(); frame != null; frame = undelivered.poll()) {
            transports.onUndelivered(now, frame);
            count++;
        }
        return count;
    }

    private int takeFrames(long now) {
        int count = 0;
        while (count < FRAMES_PER_TURN) {
            Buffer frame = device.receive();
            if (frame == null) {
                break;
            }
            input.onFrame(now, frame, device.receivedOffload());
            count++;
        }
        return count;
    }

    private int takeLoopback(long now) {
        int count = 0;
        while (count < FRAMES_PER_TURN) {
            Buffer frame = loopback.poll();
            if (frame == null) {
                break;
            }
            input.onLoopback(now, frame);
            count++;
        }
        return count;
    }

    /** When {@link #turn} has something to do though nothing arrives; what has passed means now. */
    long deadline() {
        if (!loopback.isEmpty()
                || !undelivered.isEmpty()
                || ((tcp.hasOutput() || udp.hasWaiting()) && output.hasRoom())) {
            return Long.MIN_VALUE;
        }
        return Math.min(protocolDeadline(), device.deadlineNanos());
    }

    private long protocolDeadline() {
        return Math.min(tcp.deadline(), Math.min(neighbours.deadline(), reassembler.deadline()));
    }

    @Override
    public int mtu() {
        return configuration.mtu();
    }

    @Override
    public int pathMtu(IpAddress remote) {
        return pathMtus.mtu(tcp == null ? 0 : tcp.now(), remote.ipv4());
    }

    @Override
    public long pathMtuRaisesAt(IpAddress remote) {
        return pathMtus.raisesAt(remote.ipv4());
    }

    @Override
    public boolean suspectPathMtu(IpAddress remote) {
        return pathMtus.onBlackHole(tcp.now(), remote.ipv4());
    }

    @Override
    public boolean hashesHome(IpAddress local, IpAddress remote, int ports) {
        // Packets to ourselves find their way from any port: both ends are looked up by themselves.
        return configuration.nextHop(remote.ipv4()) == Ipv4Configuration.LOOPBACK
                || steering.isHome(local, remote, ports);
    }

    /** Leaves a flow that is at home here to another shard; false if somebody has it. */
    boolean lend(Flow flow, int toShard) {
        return !tcp.knows(
                        flow.localHigh(),
                        flow.localLow(),
                        flow.remoteHigh(),
                        flow.remoteLow(),
                        flow.ports())
                && steering.lend(flow, toShard);
    }

    @Override
    public boolean begins(Flow flow) {
        return steering.own(flow);
    }

    @Override
    public void ended(Flow flow) {
        steering.disown(flow);
    }

    @Override
    public HostSecrets secrets() {
        return steering.secrets();
    }

    /** Gives everything up without a word. */
    void close() throws IOException {
        tcp.close();
        udp.close();
        steering.close();
        loopback.close();
        undelivered.close();
        neighbours.close();
        reassembler.close();
        device.close();
    }
}
