package io.byssus.stack.ip;

import java.util.Arrays;

/**
 * At most one deadline for each slot of a table, and the earliest of them: a binary heap.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class DeadlineHeap {
    private static final int NONE = -1;

    private final int[] heap;

    /** Where in the heap a slot is, or {@link #NONE}. */
    private final int[] position;

    private final long[] deadlines;
    private int size;

    DeadlineHeap(int slots) {
        heap = new int[slots];
        position = new int[slots];
        Arrays.fill(position, NONE);
        deadlines = new long[slots];
    }

    /** {@link Long#MAX_VALUE} if there is none. */
    long earliest() {
        return size == 0 ? Long.MAX_VALUE : deadlines[heap[0]];
    }

    /** The slot whose deadline is the earliest; there must be one. */
    int first() {
        assert size > 0;
        return heap[0];
    }

    /** Gives a slot a deadline in place of the one it may have. */
    void set(int slot, long deadline) {
        deadlines[slot] = deadline;
        int at = position[slot];
        if (at == NONE) {
            at = size++;
            put(at, slot);
        }
        sink(rise(at));
    }

    /** Takes a slot's deadline away, if it has one. */
    void clear(int slot) {
        int at = position[slot];
        if (at == NONE) {
            return;
        }
        position[slot] = NONE;
        size--;
        if (at != size) {
            put(at, heap[size]);
            sink(rise(at));
        }
    }

    private int rise(int from) {
        int at = from;
        int slot = heap[at];
        while (at > 0 && deadlines[slot] < deadlines[heap[parent(at)]]) {
            put(at, heap[parent(at)]);
            at = parent(at);
        }
        put(at, slot);
        return at;
    }

    private void sink(int from) {
        int at = from;
        int slot = heap[at];
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && deadlines[heap[child + 1]] < deadlines[heap[child]]) {
                child++;
            }
            if (deadlines[slot] <= deadlines[heap[child]]) {
                break;
            }
            put(at, heap[child]);
            at = child;
        }
        put(at, slot);
    }

    private void put(int at, int slot) {
        heap[at] = slot;
        position[slot] = at;
    }

    private static int parent(int at) {
        return (at - 1) / 2;
    }
}
