package io.byssus.runtime.reactor;

import java.util.Arrays;

/**
 * The contenders of one level that have something to run, the one with the least virtual time
 * first: weighted fair queueing, as in Linux's CFS and in Seastar.
 *
 * <p>Whoever becomes runnable starts where the others are, so that sleeping earns no credit; but
 * just before them, so that it need not wait for a second slice of whoever runs. What it used too
 * much before it slept, it still owes.
 *
 * <p>A binary heap, whose elements know their places.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Contest {
    private static final int INITIAL_CAPACITY = 4;

    /** Whose parts compete here; null at the top. */
    final Contender owner;

    private Contender[] heap = new Contender[INITIAL_CAPACITY];
    private int size;

    /** The least virtual time of the runnable; never goes back. */
    private long leastVirtualTime;

    Contest(Contender owner) {
        this.owner = owner;
    }

    long leastVirtualTime() {
        return leastVirtualTime;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whose turn it is. There must be one. */
    Contender first() {
        assert size > 0;
        return heap[0];
    }

    void add(Contender contender) {
        assert contender.contest == this && !contender.isRunnable() : contender;
        if (contender.virtualTime - leastVirtualTime <= 0) {
            contender.virtualTime = leastVirtualTime - 1;
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(contender, size++);
    }

    void remove(Contender contender) {
        int hole = contender.position;
        assert heap[hole] == contender : contender;
        contender.position = -1;
        Contender last = heap[--size];
        heap[size] = null;
        if (last != contender) {
            siftUp(last, hole);
            siftDown(last, last.position);
        }
        advance();
    }

    /** {@code contender}, which is runnable, has held the shard for {@code nanos}. */
    void charge(Contender contender, long nanos) {
        assert contender.isRunnable() : contender;
        contender.charge(nanos);
        siftDown(contender, contender.position);
        advance();
    }

    private void advance() {
        if (size > 0 && heap[0].virtualTime - leastVirtualTime > 0) {
            leastVirtualTime = heap[0].virtualTime;
        }
    }

    private void siftUp(Contender contender, int from) {
        int position = from;
        while (position > 0) {
            int parent = (position - 1) / 2;
            if (!contender.isBefore(heap[parent])) {
                break;
            }
            place(heap[parent], position);
            position = parent;
        }
        place(contender, position);
    }

    private void siftDown(Contender contender, int from) {
        int position = from;
        int child;
        while ((child = 2 * position + 1) < size) {
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(contender)) {
                break;
            }
            place(heap[child], position);
            position = child;
        }
        place(contender, position);
    }

    private void place(Contender contender, int position) {
        heap[position] = contender;
        contender.position = position;
    }
}
