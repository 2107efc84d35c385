package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds what belongs to a pair of endpoints. It stores references; the keys are in the values.
 *
 * <p>Open addressing with linear probing, at most half full, so that a look-up that finds nothing,
 * as every one of a flood does, ends after 2.5 slots on average. A removal shifts the slots behind
 * it back instead of leaving a tombstone: what a flood has left behind slows nobody down. The hash
 * is keyed, as in {@link FlowHash}; hashes are in an array of their own, so that probing touches
 * nothing else until all their bits agree, and growth touches no value.
 *
 * <p>Finding, putting and removing allocate nothing unless the table grows or shrinks, which costs
 * O(1) amortized; the pause is some 10 ns for each entry.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class FlowTable<V extends Flow> {
    static final int SLOTS_MIN = 16;

    /** It shrinks when less than this part of the slots is taken: a quarter of where it grows. */
    private static final int SHRINK_DIVISOR = 8;

    /** Set in every hash that is stored, so that 0 is an empty slot. */
    private static final int TAKEN = Integer.MIN_VALUE;

    private final SipHash secret;
    private final int entriesMax;
    private Flow[] flows = new Flow[SLOTS_MIN];
    private int[] hashes = new int[SLOTS_MIN];
    private int size;
    private long refused;

    /**
     * An empty table.
     *
     * @param secret for this table alone
     */
    FlowTable(SipHash secret, int entriesMax) {
        if (entriesMax < 1) {
            throw new IllegalArgumentException("entriesMax=" + entriesMax);
        }
        this.secret = secret;
        this.entriesMax = entriesMax;
    }

    /** What belongs to these endpoints, or null. */
    V find(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int hash = hash(localHigh, localLow, remoteHigh, remoteLow, ports);
        int[] slots = hashes;
        int mask = slots.length - 1;
        for (int slot = hash & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            if (slots[slot] == hash) {
                Flow flow = flows[slot];
                if (flow.ports() == ports
                        && flow.remoteLow() == remoteLow
                        && flow.localLow() == localLow
                        && flow.remoteHigh() == remoteHigh
                        && flow.localHigh() == localHigh) {
                    return cast(flow);
                }
            }
        }
        return null;
    }

    /**
     * Enters a value whose endpoints have none yet.
     *
     * @return false if the table is full: the value is not entered, and counted
     */
    boolean put(V value) {
        assert findEqual(value) == null : "flow is there already: " + value;
        if (size == entriesMax) {
            refused++;
            return false;
        }
        if (size >= flows.length / 2) {
            resize(flows.length * 2);
        }
        insert(value, hashOf(value));
        size++;
        return true;
    }

    /** Takes this very value out; false if it is not there. */
    boolean remove(V value) {
        int slot = slotOf(value);
        if (slot < 0) {
            return false;
        }
        closeGap(slot);
        size--;
        if (size < flows.length / SHRINK_DIVISOR && flows.length > SLOTS_MIN) {
            resize(flows.length / 2);
        }
        return true;
    }

    int size() {
        return size;
    }

    /** Values that found the table full. */
    long refused() {
        return refused;
    }

    /** Slots, taken or not: the memory is 4 bytes and a reference for each. */
    int slots() {
        return flows.length;
    }

    /** All values, in no order, for dumps and for closing them all; not per segment. */
    List<V> snapshot() {
        List<V> all = new ArrayList<>(size);
        for (Flow flow : flows) {
            if (flow != null) {
                all.add(cast(flow));
            }
        }
        return all;
    }

    /** The hash that decides a flow's slot. */
    int hashOf(Flow flow) {
        return hash(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    private int hash(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return FlowHash.of(secret, localHigh, localLow, remoteHigh, remoteLow, ports) | TAKEN;
    }

    private V findEqual(V value) {
        return find(
                value.localHigh(),
                value.localLow(),
                value.remoteHigh(),
                value.remoteLow(),
                value.ports());
    }

    private int slotOf(V value) {
        int mask = flows.length - 1;
        int slot = hashOf(value) & mask;
        while (hashes[slot] != 0) {
            if (flows[slot] == value) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        return -1;
    }

    private void insert(Flow flow, int hash) {
        int mask = flows.length - 1;
        int slot = hash & mask;
        while (hashes[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        flows[slot] = flow;
        hashes[slot] = hash;
    }

    /**
     * Empties a slot. An entry behind it moves into the gap if its probe sequence passes there,
     * that is, if the gap is no further from the entry than the entry's home is; then the gap is
     * where the entry was.
     */
    private void closeGap(int emptied) {
        int mask = flows.length - 1;
        int gap = emptied;
        for (int slot = (gap + 1) & mask; hashes[slot] != 0; slot = (slot + 1) & mask) {
            int fromHome = (slot - hashes[slot]) & mask;
            int fromGap = (slot - gap) & mask;
            if (fromGap <= fromHome) {
                flows[gap] = flows[slot];
                hashes[gap] = hashes[slot];
                gap = slot;
            }
        }
        flows[gap] = null;
        hashes[gap] = 0;
    }

    private void resize(int slots) {
        assert Integer.bitCount(slots) == 1 && size <= slots / 2 : slots + " for " + size;
        Flow[] oldFlows = flows;
        int[] oldHashes = hashes;
        flows = new Flow[slots];
        hashes = new int[slots];
        for (int slot = 0; slot < oldFlows.length; slot++) {
            if (oldFlows[slot] != null) {
                insert(oldFlows[slot], oldHashes[slot]);
            }
        }
        assert size == count() : "size=" + size;
    }

    private long count() {
        return Arrays.stream(flows).filter(flow -> flow != null).count();
    }

    @SuppressWarnings("unchecked") // only put() stores
    private V cast(Flow flow) {
        return (V) flow;
    }
}
