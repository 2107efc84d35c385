package io.byssus.stack;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.FlowHash;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The flows that belong to another shard than the one that their hash picks: connections that a
 * listen policy placed, or whose local port was chosen by the application. Whichever shard gets a
 * frame looks here before it asks the hash. A flow is in it exactly as long as its owner knows it,
 * as a connection or in TIME-WAIT.
 *
 * <p>A hash table of chains that never change: who enters or removes a flow puts another chain in
 * the place of the one that he has read, and tries again if somebody was faster. So looking up
 * neither waits nor allocates, however many write; a writer copies what is in front of the flow
 * that it removes, two or three entries of a full table. The hash is keyed, since peers choose
 * their half of a flow.
 *
 * <p><b>Ownership:</b> any shard. What was done before {@link #put} is seen by who finds the flow.
 */
final class FlowOwners {
    static final int NONE = -1;

    /** Flows per chain of a full table. */
    private static final int CHAIN = 4;

    private final SipHash secret;
    private final int entriesMax;
    private final AtomicReferenceArray<Entry> chains;

    /** Entries, those included that are about to be made. */
    private final AtomicInteger count = new AtomicInteger();

    /** Who owns a flow, and the rest of the chain. */
    private static final class Entry {
        final long localHigh;
        final long localLow;
        final long remoteHigh;
        final long remoteLow;
        final int ports;
        final int shard;
        final Entry next;

        Entry(Flow flow, int shard, Entry next) {
            this.localHigh = flow.localHigh();
            this.localLow = flow.localLow();
            this.remoteHigh = flow.remoteHigh();
            this.remoteLow = flow.remoteLow();
            this.ports = flow.ports();
            this.shard = shard;
            this.next = next;
        }

        private Entry(Entry same, Entry next) {
            this.localHigh = same.localHigh;
            this.localLow = same.localLow;
            this.remoteHigh = same.remoteHigh;
            this.remoteLow = same.remoteLow;
            this.ports = same.ports;
            this.shard = same.shard;
            this.next = next;
        }

        /** The flow's entry in the chain that begins with {@code first}, or null. */
        static Entry find(
                Entry first,
                long localHigh,
                long localLow,
                long remoteHigh,
                long remoteLow,
                int ports) {
            Entry entry = first;
            while (entry != null
                    && !(entry.ports == ports
                            && entry.remoteLow == remoteLow
                            && entry.localLow == localLow
                            && entry.remoteHigh == remoteHigh
                            && entry.localHigh == localHigh)) {
                entry = entry.next;
            }
            return entry;
        }

        static Entry find(Entry first, Flow flow) {
            return find(
                    first,
                    flow.localHigh(),
                    flow.localLow(),
                    flow.remoteHigh(),
                    flow.remoteLow(),
                    flow.ports());
        }

        /** The chain that begins with {@code first}, without this entry of it. */
        Entry removedFrom(Entry first) {
            Entry rest = next;
            for (Entry before = first; before != this; before = before.next) {
                rest = new Entry(before, rest);
            }
            return rest;
        }
    }

    FlowOwners(SipHash secret, int entriesMax) {
        this.secret = secret;
        this.entriesMax = entriesMax;
        this.chains = new AtomicReferenceArray<>(chains(entriesMax));
    }

    /** A power of two. */
    private static int chains(int entriesMax) {
        return Integer.highestOneBit(Math.max(entriesMax / CHAIN, 1));
    }

    /** Flows that are not at home. */
    int count() {
        return count.get();
    }

    boolean isFull() {
        return count.get() >= entriesMax;
    }

    /** The owner of a flow, or {@link #NONE}. */
    int find(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        if (count.get() == 0) {
            return NONE;
        }
        int chain = chain(localHigh, localLow, remoteHigh, remoteLow, ports);
        Entry first = chains.getAcquire(chain);
        Entry entry = Entry.find(first, localHigh, localLow, remoteHigh, remoteLow, ports);
        return entry == null ? NONE : entry.shard;
    }

    /**
     * Enters a flow; of several shards that do at once, one succeeds. Idempotent.
     *
     * @return false if another shard has it, or if there is no room
     */
    boolean put(Flow flow, int shard) {
        boolean hasRoom = count.incrementAndGet() <= entriesMax;
        int chain = chain(flow);
        while (true) {
            Entry first = chains.getAcquire(chain);
            Entry present = Entry.find(first, flow);
            if (present != null || !hasRoom) {
                count.decrementAndGet();
                return present != null && present.shard == shard;
            }
            if (chains.compareAndSet(chain, first, new Entry(flow, shard, first))) {
                return true;
            }
        }
    }

    /** Its owner has forgotten the flow. Without effect if it is another's, or nobody's. */
    void remove(Flow flow, int shard) {
        if (count.get() == 0) {
            return;
        }
        int chain = chain(flow);
        while (true) {
            Entry first = chains.getAcquire(chain);
            Entry present = Entry.find(first, flow);
            if (present == null || present.shard != shard) {
                return;
            }
            if (chains.compareAndSet(chain, first, present.removedFrom(first))) {
                count.decrementAndGet();
                return;
            }
        }
    }

    private int chain(Flow flow) {
        return chain(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    private int chain(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return FlowHash.of(secret, localHigh, localLow, remoteHigh, remoteLow, ports)
                & (chains.length() - 1);
    }
}
