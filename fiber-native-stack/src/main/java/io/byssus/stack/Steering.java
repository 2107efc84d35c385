package io.byssus.stack;

import io.byssus.net.spi.ListenGroup;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.ToeplitzHash;
import java.net.InetSocketAddress;

/**
 * Which shard a packet belongs to, as one shard sees it. A flow's home is the shard that its
 * symmetric hash picks; it also is the flow's owner, unless a listen policy, or a port that the
 * application chose, made another one so, which the home knows from {@link FlowOwners}. So a frame
 * is passed on twice at most: to the home, and from there to the owner.
 *
 * <p>What must be known of a frame that is passed on stands in the first bytes of its Ethernet
 * header, which nobody needs any more.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Steering {
    /** Why a frame is passed on: the receiver goes on from there. */
    enum Stage {
        /** The receiver is the flow's home. */
        HOME,
        /** The receiver is the flow's owner. */
        OWNER,
        /** A fragment, for the shard that puts its datagram together. */
        FRAGMENT,
        /** A copy of an ARP packet, for what it says of its sender. */
        ARP
    }

    private static final Stage[] STAGES = Stage.values();

    /** Frames that one shard takes from another in one turn. */
    private static final int FRAMES_PER_TURN = 64;

    private static final int STAGE_AT = 0;
    private static final int TRUSTED_AT = 1;

    private final int shard;
    private final SharedState shared;
    private long forwarded;
    private long dropped;
    private boolean disconnected;

    Steering(int shard, SharedState shared) {
        this.shard = shard;
        this.shared = shared;
    }

    /** Of the only shard. */
    static Steering single() {
        return new Steering(0, new SharedState(1, new java.util.SplittableRandom(0)));
    }

    int shard() {
        return shard;
    }

    int shards() {
        return shared.rings().shards();
    }

    /** Frames that were passed on. */
    long forwarded() {
        return forwarded;
    }

    /** Frames that found the other shard's ring full. */
    long dropped() {
        return dropped;
    }

    boolean isHome(IpAddress local, IpAddress remote, int ports) {
        return shards() == 1
                || home(local.high(), local.low(), remote.high(), remote.low(), ports) == shard;
    }

    int home(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return ToeplitzHash.shard(
                ToeplitzHash.SYMMETRIC.ofFlow(localHigh, localLow, remoteHigh, remoteLow, ports),
                shards());
    }

    /** The shard that puts a fragmented datagram together. */
    int assembler(int source, int destination, int protocol, int identification) {
        return ToeplitzHash.shard(
                ToeplitzHash.SYMMETRIC.ofFragment(
                        0,
                        IpAddress.lowOfIpv4(source),
                        0,
                        IpAddress.lowOfIpv4(destination),
                        protocol,
                        identification),
                shards());
    }

    /**
     * Who owns a flow whose home is here, but of which this shard's TCP knows nothing.
     *
     * @param begins the segment is a SYN: a listener of any shard may take it
     */
    int owner(
            long now,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            boolean begins) {
        int owner = shared.owners().find(now, localHigh, localLow, remoteHigh, remoteLow, ports);
        if (owner != FlowOwners.NONE || !begins) {
            return owner == FlowOwners.NONE ? shard : owner;
        }
        return place(now, localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /** The shard whose listener gets a new connection; this one if nobody listens. */
    private int place(
            long now, long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        ListenGroup<NativeListener> group =
                shared.ports().find(localHigh, localLow, Flow.localPort(ports));
        if (group == null) {
            return shard;
        }
        NativeListener chosen =
                group.choose(
                        group.member(shard),
                        new InetSocketAddress(
                                new IpAddress(remoteHigh, remoteLow).toInetAddress(),
                                Flow.remotePort(ports)));
        if (chosen == null) {
            chosen = group.any();
        }
        if (chosen == null || chosen.shard() == shard) {
            return shard;
        }
        boolean entered =
                shared.owners()
                        .put(
                                now,
                                localHigh,
                                localLow,
                                remoteHigh,
                                remoteLow,
                                ports,
                                chosen.shard());
        return entered ? chosen.shard() : shard;
    }

    /**
     * Makes this shard the owner of a flow whose home is elsewhere.
     *
     * @return false if there is no room
     */
    boolean own(long now, Flow flow) {
        return home(
                                flow.localHigh(),
                                flow.localLow(),
                                flow.remoteHigh(),
                                flow.remoteLow(),
                                flow.ports())
                        == shard
                || shared.owners()
                        .put(
                                now,
                                flow.localHigh(),
                                flow.localLow(),
                                flow.remoteHigh(),
                                flow.remoteLow(),
                                flow.ports(),
                                shard);
    }

    /** A flow of this shard is over; what is late for it still comes here until then. */
    void ended(long now, Flow flow, long untilNanos) {
        if (shards() > 1) {
            shared.owners().ended(now, flow, untilNanos);
        }
    }

    /** Passes a frame on; it belongs to the other shard, or is dropped and counted. */
    void forward(int to, Stage stage, Buffer frame, boolean trusted) {
        frame.put(STAGE_AT, (byte) stage.ordinal());
        frame.put(TRUSTED_AT, (byte) (trusted ? 1 : 0));
        forwarded++;
        if (disconnected || !shared.rings().offer(shard, to, frame)) {
            dropped++;
            frame.close();
        }
    }

    /**
     * Passes nothing on any more, and drops what others have passed on: the frames belong to shards
     * that will not be there to take them back later.
     */
    void disconnect() {
        disconnected = true;
        for (int from = 0; from < shards(); from++) {
            Buffer foreign;
            while (from != shard && (foreign = shared.rings().poll(from, shard)) != null) {
                foreign.close();
            }
        }
    }

    /** Takes what other shards have passed on to this one; how many frames that were. */
    int take(long now, BufferPool pool, IpInput input) {
        int count = 0;
        for (int from = 0; from < shards(); from++) {
            if (from != shard) {
                count += take(now, from, pool, input);
            }
        }
        return count;
    }

    private int take(long now, int from, BufferPool pool, IpInput input) {
        int count = 0;
        Buffer foreign;
        while (count < FRAMES_PER_TURN && (foreign = shared.rings().poll(from, shard)) != null) {
            count++;
            // Shares are counted on the shard that a buffer came from, so it becomes ours first.
            Buffer frame = pool.allocate(foreign.length());
            frame.put(0, foreign);
            foreign.close();
            input.onForwarded(now, STAGES[frame.get(STAGE_AT)], frame, frame.get(TRUSTED_AT) != 0);
        }
        return count;
    }
}
