package io.byssus.stack;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The flows that belong to another shard than the one that their hash picks: connections that a
 * listen policy placed, or whose local port was chosen by the application. The shard that the hash
 * picks looks here and passes their frames on.
 *
 * <p>It is bounded. A flow that has ended is kept while its owner remembers it in TIME-WAIT.
 *
 * <p><b>Ownership:</b> any shard; entries are written when connections begin and end.
 */
final class FlowOwners {
    static final int NONE = -1;
    static final long FOR_EVER = Long.MAX_VALUE;

    private final SipHash secret;
    private final int entriesMax;
    private final ConcurrentMap<Key, Owner> owners = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    /** Who owns a flow, until when. */
    private record Owner(int shard, long untilNanos) {}

    /** A flow; its hash is keyed, since peers choose their half of it. */
    private record Key(
            long localHigh, long localLow, long remoteHigh, long remoteLow, int ports, int hash) {
        @Override
        public int hashCode() {
            return hash;
        }
    }

    FlowOwners(SipHash secret, int entriesMax) {
        this.secret = secret;
        this.entriesMax = entriesMax;
    }

    boolean isEmpty() {
        return count.get() == 0;
    }

    /** The owner of a flow, or {@link #NONE}. */
    int find(long now, long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        if (isEmpty()) {
            return NONE;
        }
        Owner owner = owners.get(key(localHigh, localLow, remoteHigh, remoteLow, ports));
        return owner == null || owner.untilNanos <= now ? NONE : owner.shard;
    }

    /**
     * Enters a flow.
     *
     * @return false if there is no room
     */
    boolean put(
            long now,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int shard) {
        if (count.get() >= entriesMax && !sweep(now)) {
            return false;
        }
        Key key = key(localHigh, localLow, remoteHigh, remoteLow, ports);
        if (owners.put(key, new Owner(shard, FOR_EVER)) == null) {
            count.incrementAndGet();
        }
        return true;
    }

    /** The flow has ended, and is remembered by its owner until then; now, if not at all. */
    void ended(long now, Flow flow, long untilNanos) {
        if (isEmpty()) {
            return;
        }
        Key key = key(flow);
        if (untilNanos > now) {
            owners.computeIfPresent(key, (same, owner) -> new Owner(owner.shard, untilNanos));
        } else if (owners.remove(key) != null) {
            count.decrementAndGet();
        }
    }

    /** Forgets flows whose time is over; whether there is room now. */
    private boolean sweep(long now) {
        Iterator<Owner> all = owners.values().iterator();
        while (all.hasNext()) {
            if (all.next().untilNanos <= now) {
                all.remove();
                count.decrementAndGet();
            }
        }
        return count.get() < entriesMax;
    }

    private Key key(Flow flow) {
        return key(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    private Key key(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int hash = (int) secret.tableHash(localHigh, localLow, remoteHigh, remoteLow, ports);
        return new Key(localHigh, localLow, remoteHigh, remoteLow, ports, hash);
    }
}
