package io.byssus.stack.ip;

import java.util.Arrays;

/**
 * A bounded map of 128-bit keys to slots: small numbers, by which its owner finds the rest in
 * arrays of its own. Slots are in the order in which they were added or last renewed.
 *
 * <p>Every operation takes constant time, whatever keys somebody chooses: the hash is keyed.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class KeyedTable {
    static final int NONE = IndexLists.NONE;

    /** The lists of {@link #order}. */
    private static final int USED = 0;

    private static final int FREE = 1;

    private final KeyedHash hash;

    /** To get a bucket out of a hash: there are two or more of them for each slot. */
    private final int bucketShift;

    private final int[] buckets;
    private final int[] nextInBucket;
    private final long[] highs;
    private final long[] lows;
    private final IndexLists order;
    private int size;

    KeyedTable(int capacity, long secret) {
        assert capacity > 0 && capacity <= 1 << 20 : "capacity=" + capacity;
        hash = new KeyedHash(secret);
        bucketShift = Integer.numberOfLeadingZeros(capacity) - 1;
        buckets = new int[1 << (Integer.SIZE - bucketShift)];
        Arrays.fill(buckets, NONE);
        nextInBucket = new int[capacity];
        highs = new long[capacity];
        lows = new long[capacity];
        order = new IndexLists(capacity, 2);
        for (int slot = 0; slot < capacity; slot++) {
            order.append(FREE, slot);
        }
    }

    int size() {
        return size;
    }

    int capacity() {
        return highs.length;
    }

    boolean isFull() {
        return order.isEmpty(FREE);
    }

    /** The slot of a key, or {@link #NONE}. */
    int find(long high, long low) {
        int slot = buckets[bucket(high, low)];
        while (slot != NONE && (lows[slot] != low || highs[slot] != high)) {
            slot = nextInBucket[slot];
        }
        return slot;
    }

    /** A slot for a key that has none, while the table is not full. */
    int add(long high, long low) {
        assert find(high, low) == NONE;
        int slot = order.first(FREE);
        assert slot != NONE : "full";
        order.remove(FREE, slot);
        order.append(USED, slot);
        highs[slot] = high;
        lows[slot] = low;
        int bucket = bucket(high, low);
        nextInBucket[slot] = buckets[bucket];
        buckets[bucket] = slot;
        size++;
        return slot;
    }

    void remove(int slot) {
        int bucket = bucket(highs[slot], lows[slot]);
        if (buckets[bucket] == slot) {
            buckets[bucket] = nextInBucket[slot];
        } else {
            int before = buckets[bucket];
            while (nextInBucket[before] != slot) {
                before = nextInBucket[before];
            }
            nextInBucket[before] = nextInBucket[slot];
        }
        order.remove(USED, slot);
        order.append(FREE, slot);
        size--;
    }

    long high(int slot) {
        return highs[slot];
    }

    long low(int slot) {
        return lows[slot];
    }

    /** The slot that was added or renewed before all others, or {@link #NONE}. */
    int oldest() {
        return order.first(USED);
    }

    /** The slot that was added or renewed next after this one, or {@link #NONE}. */
    int newer(int slot) {
        return order.next(slot);
    }

    /** Makes it the newest. */
    void renew(int slot) {
        order.remove(USED, slot);
        order.append(USED, slot);
    }

    private int bucket(long high, long low) {
        return hash.hash(high, low) >>> bucketShift;
    }
}
