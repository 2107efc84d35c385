package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Which Ethernet address a neighbour has: asks (RFC 826), remembers for a while (RFC 1122,
 * 2.3.2.1), keeps a few frames until the answer comes (2.3.2.2), and answers those who ask for us.
 * {@link NeighbourState} has the transitions.
 *
 * <p>ARP proves nothing, so this is what is believed of it. A new neighbour is learnt from an
 * answer to our own question, or from its question for an address of ours. Once known, an Ethernet
 * address changes only after the old one has left two questions to it unanswered: a packet that
 * claims another one, asked for or not, only leads to these questions. Any other packet is counted
 * and forgotten.
 *
 * <p>All of it is bounded: neighbours, waiting frames and their memory, questions per second. When
 * the table is full, the oldest that is not in use gives way, the gateway never; those who merely
 * ask for us cannot displace one in use.
 *
 * <p>Times are nanoseconds. Nothing is allocated after construction.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class NeighbourCache {
    /** Answer of {@link #lookup}; no Ethernet address is negative. */
    public static final long UNKNOWN = -1;

    public static final long NO_DEADLINE = Long.MAX_VALUE;

    static final int BROADCAST_TRIES = 3;
    static final int UNICAST_TRIES = 2;
    static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long REACHABLE_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(10);
    static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** While there are no tokens, it is tried this often. */
    static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** No answer, or no token to ask: frames do not wait longer. */
    static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final int REQUESTS_PER_SECOND = 50;
    static final int PENDING_PER_NEIGHBOUR = 4;
    private static final int PENDING_FRAMES = 256;

    /** How many in use may be passed over when one has to give way. */
    private static final int SECOND_CHANCES = 8;

    private static final int NONE = KeyedTable.NONE;

    /** Looked up since it was confirmed. */
    private static final byte USED = 1;

    /** Looked up since it was last considered for giving way. */
    private static final byte RECENT = 2;

    private final Ipv4Configuration configuration;
    private final KeyedTable table;
    private final DeadlineHeap timers;
    private final PendingFrames pending;
    private final AddressDefence defence;
    private final TokenBucket requests = new TokenBucket(REQUESTS_PER_SECOND, REQUESTS_PER_SECOND);
    private final Counters<ArpEvent> counters = new Counters<>(ArpEvent.class);

    /** By slot of the table. */
    private final NeighbourState[] states;

    /** {@link #UNKNOWN} in the states that have none. */
    private final long[] macs;

    private final byte[] uses;
    private final int[] tries;

    /** When the questions of this state began. */
    private final long[] startedAt;

    /** When it was last asked. */
    private final long[] askedAt;

    /**
     * An empty cache.
     *
     * @param neighboursMax at least 2
     * @param pendingBytesMax of the buffers that waiting frames keep in use
     * @param secret random: it keeps others from choosing addresses that share a bucket
     */
    public NeighbourCache(
            Ipv4Configuration configuration, int neighboursMax, long pendingBytesMax, long secret) {
        if (neighboursMax < 2) {
            throw new IllegalArgumentException("neighboursMax=" + neighboursMax);
        }
        this.configuration = configuration;
        table = new KeyedTable(neighboursMax, secret);
        timers = new DeadlineHeap(neighboursMax);
        pending =
                new PendingFrames(
                        neighboursMax, PENDING_PER_NEIGHBOUR, PENDING_FRAMES, pendingBytesMax);
        defence = new AddressDefence(configuration, counters);
        states = new NeighbourState[neighboursMax];
        macs = new long[neighboursMax];
        Arrays.fill(macs, UNKNOWN);
        uses = new byte[neighboursMax];
        tries = new int[neighboursMax];
        startedAt = new long[neighboursMax];
        askedAt = new long[neighboursMax];
    }

    /**
     * The Ethernet address of a neighbour (a next hop that is no broadcast), or {@link #UNKNOWN}:
     * then {@link #resolve} takes the frame.
     */
    public long lookup(long now, int address) {
        int slot = find(address);
        if (slot == NONE || macs[slot] == UNKNOWN) {
            return UNKNOWN;
        }
        uses[slot] = USED | RECENT;
        if (states[slot] == NeighbourState.STALE) {
            beginProbe(now, slot); // asked at the next deadline, which is now
        }
        return macs[slot];
    }

    /**
     * Takes a frame over that is to go to a neighbour, and gives it to the sink: at once or when
     * its Ethernet address is known; or as unreachable; or drops it for a newer one, which is
     * counted.
     */
    public void resolve(long now, int address, Buffer frame, ArpSink sink) {
        long mac = lookup(now, address);
        if (mac != UNKNOWN) {
            sink.resolved(frame, mac);
            return;
        }
        if (!configuration.isNeighbour(address)) {
            giveBack(address, frame, sink);
            return;
        }
        int slot = find(address);
        if (slot == NONE) {
            makeRoom(sink);
            slot = add(address);
            pending.add(slot, frame);
            beginAsking(now, slot, sink);
        } else if (states[slot] == NeighbourState.FAILED) {
            giveBack(address, frame, sink);
        } else {
            pending.add(slot, frame);
        }
    }

    /**
     * Takes in an ARP packet that arrived here: answers it if it asks for us.
     *
     * @param length of what follows the Ethernet header
     */
    public void onArp(long now, MemorySegment memory, long offset, int length, ArpSink sink) {
        if (!accept(memory, offset, length)) {
            return;
        }
        long senderMac = ArpPacket.senderMac(memory, offset);
        int senderIp = ArpPacket.senderIp(memory, offset);
        int targetIp = ArpPacket.targetIp(memory, offset);
        if (configuration.isOwn(senderIp)) {
            defence.onConflict(now, senderIp, senderMac, sink);
            return;
        }
        if (ArpPacket.operation(memory, offset) == ArpPacket.REQUEST
                && configuration.isOwn(targetIp)) {
            // To one who only wants to know whether the address is free (RFC 5227, 2.1.1), too.
            counters.add(ArpEvent.REPLIES_SENT);
            sink.reply(targetIp, senderIp, senderMac);
        }
        merge(now, memory, offset, sink);
    }

    /** Takes in an ARP packet that another shard has answered, for what it says of its sender. */
    public void onForwardedArp(
            long now, MemorySegment memory, long offset, int length, ArpSink sink) {
        if (accept(memory, offset, length)
                && !configuration.isOwn(ArpPacket.senderIp(memory, offset))) {
            merge(now, memory, offset, sink);
        }
    }

    /** Tells everybody our addresses, now and once again two seconds later (RFC 5227, 2.3). */
    public void announce(long now, ArpSink sink) {
        defence.announce(now, sink);
    }

    /** When {@link #onDeadline} has something to do, or {@link #NO_DEADLINE}. */
    public long deadline() {
        return Math.min(timers.earliest(), defence.deadline());
    }

    /** Does all that is due. */
    public void onDeadline(long now, ArpSink sink) {
        defence.onDeadline(now, sink);
        while (timers.earliest() <= now) {
            onTimer(now, timers.first(), sink);
        }
    }

    public Counters<ArpEvent> counters() {
        return counters;
    }

    /** Frames that found no room to wait, or lost theirs to a newer one. */
    public long framesDropped() {
        return pending.dropped();
    }

    /** Neighbours of whom something is known. */
    public int size() {
        return table.size();
    }

    /** Of memory that waiting frames keep in use. */
    public long pendingBytes() {
        return pending.bytes();
    }

    /** Drops the frames that wait. */
    public void close() {
        pending.close();
    }

    /** Null if nothing is known. */
    NeighbourState state(int address) {
        int slot = find(address);
        return slot == NONE ? null : states[slot];
    }

    /** Whether a packet is of a kind that we look at, from a station that can be. */
    private boolean accept(MemorySegment memory, long offset, int length) {
        if (ArpPacket.check(memory, offset, length) != Defect.NONE) {
            counters.add(ArpEvent.MALFORMED);
            return false;
        }
        int operation = ArpPacket.operation(memory, offset);
        if (operation != ArpPacket.REQUEST && operation != ArpPacket.REPLY) {
            counters.add(ArpEvent.MALFORMED);
            return false;
        }
        long mac = ArpPacket.senderMac(memory, offset);
        if (mac == configuration.macAddress()) {
            counters.add(ArpEvent.OWN_RETURNED);
            return false;
        }
        if (mac == 0 || MacAddress.isGroup(mac)) {
            counters.add(ArpEvent.BAD_SENDER);
            return false;
        }
        counters.add(
                operation == ArpPacket.REQUEST
                        ? ArpEvent.REQUESTS_RECEIVED
                        : ArpEvent.REPLIES_RECEIVED);
        return true;
    }

    /** What the packet says of its sender (RFC 826: "merge"). */
    private void merge(long now, MemorySegment memory, long offset, ArpSink sink) {
        int address = ArpPacket.senderIp(memory, offset);
        if (!configuration.isNeighbour(address)) {
            return;
        }
        long mac = ArpPacket.senderMac(memory, offset);
        boolean toUs = configuration.isOwn(ArpPacket.targetIp(memory, offset));
        boolean asksForUs = toUs && ArpPacket.operation(memory, offset) == ArpPacket.REQUEST;
        int slot = find(address);
        if (slot == NONE) {
            if (asksForUs) {
                learn(now, address, mac, sink);
            } else {
                counters.add(ArpEvent.UNSOLICITED);
            }
        } else if (macs[slot] != UNKNOWN && macs[slot] != mac) {
            counters.add(ArpEvent.CONTRADICTIONS);
            if (states[slot] != NeighbourState.PROBE) {
                beginProbe(now, slot);
            }
        } else if (asksForUs || (toUs && wasAsked(slot))) {
            confirm(now, slot, mac, sink);
        } else {
            counters.add(ArpEvent.UNSOLICITED);
        }
    }

    /** Whether an answer is one to our own question. */
    private boolean wasAsked(int slot) {
        return switch (states[slot]) {
            case INCOMPLETE, PROBE -> tries[slot] > 0;
            case FAILED -> true;
            case REACHABLE, STALE -> false;
        };
    }

    /** Remembers one who asked for us; it is asked in turn before it is relied on. */
    private void learn(long now, int address, long mac, ArpSink sink) {
        if (table.isFull()) {
            int oldest = table.oldest();
            if (isPinned(oldest) || (uses[oldest] & RECENT) != 0 || !pending.isEmpty(oldest)) {
                table.renew(oldest);
                counters.add(ArpEvent.NOT_LEARNT);
                return;
            }
            evict(oldest, sink);
        }
        int slot = add(address);
        macs[slot] = mac;
        states[slot] = NeighbourState.STALE;
        timers.set(slot, now + STALE_NANOS);
    }

    private void confirm(long now, int slot, long mac, ArpSink sink) {
        counters.add(ArpEvent.CONFIRMED);
        states[slot] = NeighbourState.REACHABLE;
        macs[slot] = mac;
        uses[slot] &= ~USED;
        table.renew(slot);
        timers.set(slot, now + REACHABLE_NANOS);
        for (Buffer frame = pending.take(slot); frame != null; frame = pending.take(slot)) {
            uses[slot] = USED | RECENT;
            sink.resolved(frame, mac);
        }
    }

    private void onTimer(long now, int slot, ArpSink sink) {
        switch (states[slot]) {
            case INCOMPLETE -> {
                if (tries[slot] == BROADCAST_TRIES || now - startedAt[slot] >= GIVE_UP_NANOS) {
                    fail(now, slot, sink);
                } else {
                    ask(now, slot, MacAddress.BROADCAST, sink);
                }
            }
            case PROBE -> {
                if (tries[slot] == UNICAST_TRIES || now - startedAt[slot] >= GIVE_UP_NANOS) {
                    beginAsking(now, slot, sink);
                } else {
                    ask(now, slot, macs[slot], sink);
                }
            }
            case REACHABLE -> {
                if ((uses[slot] & USED) == 0) {
                    states[slot] = NeighbourState.STALE;
                    uses[slot] = 0;
                    timers.set(slot, now + STALE_NANOS);
                } else {
                    beginProbe(now, slot);
                }
            }
            case STALE, FAILED -> remove(slot);
        }
    }

    /** Asks everybody, first of all now. */
    private void beginAsking(long now, int slot, ArpSink sink) {
        states[slot] = NeighbourState.INCOMPLETE;
        macs[slot] = UNKNOWN;
        tries[slot] = 0;
        startedAt[slot] = now;
        ask(now, slot, MacAddress.BROADCAST, sink);
    }

    /** Asks the one that we know, from the next deadline on, but never twice in a second. */
    private void beginProbe(long now, int slot) {
        states[slot] = NeighbourState.PROBE;
        tries[slot] = 0;
        long begin = Math.max(now, askedAt[slot] + RETRY_NANOS);
        startedAt[slot] = begin;
        timers.set(slot, begin);
    }

    private void ask(long now, int slot, long destination, ArpSink sink) {
        // The way to all other networks must not depend on how many neighbours are looked for.
        if (!isPinned(slot) && !requests.take(now)) {
            counters.add(ArpEvent.REQUESTS_DELAYED);
            timers.set(slot, now + DELAY_NANOS);
            return;
        }
        tries[slot]++;
        askedAt[slot] = now;
        timers.set(slot, now + RETRY_NANOS);
        counters.add(ArpEvent.REQUESTS_SENT);
        int address = addressOf(slot);
        sink.request(configuration.sourceFor(address), address, destination);
    }

    private void fail(long now, int slot, ArpSink sink) {
        counters.add(ArpEvent.FAILED);
        states[slot] = NeighbourState.FAILED;
        timers.set(slot, now + FAILED_NANOS);
        giveBackAll(slot, sink);
    }

    /** The oldest gives way, if need be; one in use only after a few others were looked at. */
    private void makeRoom(ArpSink sink) {
        if (!table.isFull()) {
            return;
        }
        int oldest = table.oldest();
        for (int i = 0; i < SECOND_CHANCES && (uses[oldest] & RECENT) != 0; i++) {
            uses[oldest] &= ~RECENT;
            table.renew(oldest);
            oldest = table.oldest();
        }
        if (isPinned(oldest)) {
            table.renew(oldest);
            oldest = table.oldest();
        }
        evict(oldest, sink);
    }

    private void evict(int slot, ArpSink sink) {
        assert !isPinned(slot);
        counters.add(ArpEvent.EVICTED);
        giveBackAll(slot, sink);
        remove(slot);
    }

    private int add(int address) {
        int slot = table.add(0, IpAddress.lowOfIpv4(address));
        macs[slot] = UNKNOWN;
        uses[slot] = 0;
        tries[slot] = 0;
        askedAt[slot] = Long.MIN_VALUE;
        return slot;
    }

    private void remove(int slot) {
        assert pending.isEmpty(slot);
        timers.clear(slot);
        macs[slot] = UNKNOWN;
        states[slot] = null;
        table.remove(slot);
    }

    private void giveBackAll(int slot, ArpSink sink) {
        for (Buffer frame = pending.take(slot); frame != null; frame = pending.take(slot)) {
            giveBack(addressOf(slot), frame, sink);
        }
    }

    private void giveBack(int address, Buffer frame, ArpSink sink) {
        counters.add(ArpEvent.FRAMES_UNREACHABLE);
        sink.unreachable(address, frame);
    }

    private boolean isPinned(int slot) {
        return addressOf(slot) == configuration.gateway();
    }

    private int addressOf(int slot) {
        return (int) table.low(slot);
    }

    private int find(int address) {
        return table.find(0, IpAddress.lowOfIpv4(address));
    }
}
