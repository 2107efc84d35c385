package io.byssus.stack.tcp;

/**
 * Finds the record of a flow in {@link TimeWaitRecords}: linear probing in an array that is at most
 * half full, 8 to 16 bytes a record, as in {@link FlowTable}.
 *
 * <p><b>Ownership:</b> part of a {@link TimeWaitTable}.
 */
final class TimeWaitIndex {
    private static final int[] EMPTY = {0};

    private final TimeWaitRecords records;

    /** The number of a record, plus 1; 0 in an empty slot. */
    private int[] slots = EMPTY;

    TimeWaitIndex(TimeWaitRecords records) {
        this.records = records;
    }

    /** The record of a flow, or {@link TimeWaitRecords#NONE}. */
    int find(int hash, long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int mask = slots.length - 1;
        for (int slot = hash & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            int record = slots[slot] - 1;
            if (records.hash(record) == hash
                    && records.isOf(record, localHigh, localLow, remoteHigh, remoteLow, ports)) {
                return record;
            }
        }
        return TimeWaitRecords.NONE;
    }

    /** Enters a record that is new; grows with the records. */
    void add(int record) {
        if (slots.length < records.capacity() * 2) {
            rebuild();
        } else {
            insert(record);
        }
    }

    /** Takes a record out, before it is released. */
    void remove(int record) {
        int mask = slots.length - 1;
        int gap = records.hash(record) & mask;
        while (slots[gap] != record + 1) {
            assert slots[gap] != 0 : "record=" + record;
            gap = (gap + 1) & mask;
        }
        // As FlowTable does it: what is behind moves up, if its home is not behind the gap.
        for (int slot = (gap + 1) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            int fromHome = (slot - records.hash(slots[slot] - 1)) & mask;
            if (((slot - gap) & mask) <= fromHome) {
                slots[gap] = slots[slot];
                gap = slot;
            }
        }
        slots[gap] = 0;
    }

    /** Frees the memory, when there are no records. */
    void clear() {
        slots = EMPTY;
    }

    long bytes() {
        return (long) slots.length * Integer.BYTES;
    }

    private void rebuild() {
        slots = new int[Integer.highestOneBit((records.capacity() * 2) - 1) * 2];
        int record = records.oldest();
        while (record != TimeWaitRecords.NONE) {
            insert(record);
            record = records.newer(record);
        }
    }

    private void insert(int record) {
        int mask = slots.length - 1;
        int slot = records.hash(record) & mask;
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = record + 1;
    }
}
