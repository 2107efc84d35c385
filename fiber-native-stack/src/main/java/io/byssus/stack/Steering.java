package io.byssus.stack;

import io.byssus.net.Distribution;
import io.byssus.net.spi.ListenGroup;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.HostSecrets;
import io.byssus.stack.tcp.ToeplitzHash;
import io.byssus.stack.wire.TcpHeader;
import java.util.random.RandomGenerator;

/**
 * Which shard a packet belongs to, as one shard sees it. A flow's home is the shard that its
 * symmetric hash picks; it also is the flow's owner, unless a listen policy, or a port that the
 * application chose, made another one so, which every shard knows from {@link FlowOwners}. What is
 * no flow yet goes to the home, which finds the listener for it. So a frame is passed on twice at
 * most: to the home, and from there to a listener, or to an owner that was entered meanwhile.
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

    private final long[] forwarded = new long[STAGES.length];
    private final long[] taken = new long[STAGES.length];
    private final long[] dropped = new long[STAGES.length];
    private boolean disconnected;

    Steering(int shard, SharedState shared) {
        this.shard = shard;
        this.shared = shared;
    }

    /**
     * Of the only shard.
     *
     * @param random for secrets: unpredictable, but in a simulation
     */
    static Steering single(RandomGenerator random) {
        return new Steering(0, new SharedState(1, random));
    }

    int shard() {
        return shard;
    }

    int shards() {
        return shared.rings().shards();
    }

    /** Frames that were passed on to others. */
    long forwarded(Stage stage) {
        return forwarded[stage.ordinal()];
    }

    /** Frames that others have passed on to this shard. */
    long taken(Stage stage) {
        return taken[stage.ordinal()];
    }

    /** Frames that found the other shard's ring full. */
    long dropped(Stage stage) {
        return dropped[stage.ordinal()];
    }

    /** Whether a flow that nobody has yet would be this shard's. */
    boolean isHome(IpAddress local, IpAddress remote, int ports) {
        return shards() == 1
                || (home(local.high(), local.low(), remote.high(), remote.low(), ports) == shard
                        && entered(local.high(), local.low(), remote.high(), remote.low(), ports)
                                == FlowOwners.NONE);
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

    /** The shard that has a flow though it is not its home, or {@link FlowOwners#NONE}. */
    int entered(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return shared.owners().find(localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /** The shard that has a flow, as far as is known here. */
    int owner(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int entered = entered(localHigh, localLow, remoteHigh, remoteLow, ports);
        return entered == FlowOwners.NONE
                ? home(localHigh, localLow, remoteHigh, remoteLow, ports)
                : entered;
    }

    /**
     * Whether a segment may be the first that a listener is to see: a SYN, or a cookie's answer.
     */
    static boolean mayBegin(int flags) {
        int kind = flags & (TcpHeader.SYN | TcpHeader.ACK | TcpHeader.RST);
        return kind == TcpHeader.SYN || kind == TcpHeader.ACK;
    }

    /**
     * The shard whose listener gets a segment of a flow that is at home here, and that nobody has;
     * this one if nobody listens. Nothing is remembered of it: anyone can send SYNs. The shard that
     * makes a connection of it enters the flow; if two do, because a SYN came twice, one is
     * refused.
     *
     * <p>Acknowledgments of cookies find the listener by what does not change from one segment to
     * the next: the policy if it goes by that, else this shard's own.
     *
     * @param flags of which {@link #mayBegin} is true
     */
    int place(long localHigh, long localLow, int ports, int flags) {
        ListenGroup<? extends ShardListener> group = group(localHigh, localLow, ports);
        return group == null ? shard : place(group, ports, (flags & TcpHeader.SYN) != 0);
    }

    private <L extends ShardListener> int place(ListenGroup<L> group, int ports, boolean begins) {
        L own = group.member(shard);
        L chosen =
                (goesAnywhere(group) && !begins) || shared.owners().isFull()
                        ? own
                        : group.choose(own, Flow.remotePort(ports));
        if (chosen == null) {
            chosen = group.any();
        }
        return chosen == null ? shard : chosen.shard();
    }

    private ListenGroup<? extends ShardListener> group(long localHigh, long localLow, int ports) {
        return shared.ports().find(localHigh, localLow, Flow.localPort(ports));
    }

    /** Whether a SYN that comes again may be placed elsewhere than the first. */
    private static boolean goesAnywhere(ListenGroup<?> group) {
        return group != null
                && group.options().distribution().policy() == Distribution.Policy.LEAST_CONNECTIONS;
    }

    /**
     * Makes this shard the owner of a flow.
     *
     * @return false if another shard has it, or if there is no room
     */
    boolean own(Flow flow) {
        if (shards() == 1) {
            return true;
        }
        if (home(flow) != shard) {
            return shared.owners().put(flow, shard);
        }
        // At home, only what another shard may be about to take has to be entered; and if the table
        // is full, nothing.
        if (goesAnywhere(group(flow.localHigh(), flow.localLow(), flow.ports()))
                && shared.owners().put(flow, shard)) {
            return true;
        }
        int entered =
                entered(
                        flow.localHigh(),
                        flow.localLow(),
                        flow.remoteHigh(),
                        flow.remoteLow(),
                        flow.ports());
        return entered == FlowOwners.NONE || entered == shard;
    }

    /**
     * Makes another shard the owner of a flow that is at home here and that this shard does not
     * know.
     *
     * @return false if a third one has it, or if there is no room
     */
    boolean lend(Flow flow, int to) {
        assert home(flow) == shard : flow;
        return shared.owners().put(flow, to);
    }

    /** This shard knows a flow no more. */
    void disown(Flow flow) {
        if (shards() > 1) {
            shared.owners().remove(flow, shard);
        }
    }

    int home(Flow flow) {
        return home(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    UdpBindings datagrams() {
        return shared.datagrams();
    }

    HostSecrets secrets() {
        return shared.secrets();
    }

    /** Passes a frame on; it belongs to the other shard, or is dropped and counted. */
    void forward(int to, Stage stage, Buffer frame, boolean trusted) {
        assert to != shard : "to=" + to;
        frame.put(STAGE_AT, (byte) stage.ordinal());
        frame.put(TRUSTED_AT, (byte) (trusted ? 1 : 0));
        if (!disconnected && shared.rings().offer(shard, to, frame)) {
            forwarded[stage.ordinal()]++;
        } else {
            dropped[stage.ordinal()]++;
            frame.close();
        }
    }

    /**
     * Passes nothing on any more, and gives back what others have passed on: they will not be there
     * to take it back later.
     */
    void disconnect() {
        disconnected = true;
        giveBack();
    }

    /** Takes what other shards have passed on to this one; how many frames that were. */
    int take(long now, BufferPool pool, IpInput input) {
        int count = 0;
        for (int other = 0; other < shards(); other++) {
            if (other != shard) {
                shared.rings().reclaim(shard, other);
                count += take(now, other, pool, input);
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
            Buffer frame = pool.allocateReserved(foreign.length());
            Stage stage = STAGES[foreign.get(STAGE_AT)];
            if (frame == null) {
                dropped[stage.ordinal()]++;
                shared.rings().giveBack(from, shard, foreign);
                continue;
            }
            frame.put(0, foreign);
            shared.rings().giveBack(from, shard, foreign);
            taken[stage.ordinal()]++;
            input.onForwarded(now, stage, frame, frame.get(TRUSTED_AT) != 0);
        }
        return count;
    }

    /** Gives everything back, and takes nothing any more, as the shard ends. */
    void close() {
        giveBack();
        shared.rings().leave(shard);
        for (int other = 0; other < shards(); other++) {
            if (other != shard) {
                shared.rings().reclaim(shard, other);
            }
        }
    }

    private void giveBack() {
        for (int other = 0; other < shards(); other++) {
            if (other != shard) {
                Buffer foreign;
                while ((foreign = shared.rings().poll(other, shard)) != null) {
                    shared.rings().giveBack(other, shard, foreign);
                }
            }
        }
    }
}
