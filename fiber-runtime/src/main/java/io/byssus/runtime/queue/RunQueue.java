package io.byssus.runtime.queue;

/**
 * What a scheduling group runs next on a shard: a first-in first-out ring that grows.
 *
 * <p>It is bounded by the number of the group's fibers there, each of which is in it at most once
 * (twice for a moment while a thread dump resubmits it), and what other threads have sent.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class RunQueue {
    private static final int INITIAL_CAPACITY = 256;

    private Runnable[] ring = new Runnable[INITIAL_CAPACITY];

    /** Positions count up for ever; the index is the position modulo the ring's length. */
    private int head;

    private int tail;

    public boolean isEmpty() {
        return head == tail;
    }

    public int size() {
        return tail - head;
    }

    public void offer(Runnable task) {
        assert task != null;
        Runnable[] ring = this.ring;
        int tail = this.tail;
        if (tail - head == ring.length) {
            ring = grow();
            tail = this.tail;
        }
        ring[tail & (ring.length - 1)] = task;
        this.tail = tail + 1;
    }

    /** The oldest task, or null. */
    public Runnable poll() {
        int head = this.head;
        if (head == tail) {
            return null;
        }
        Runnable[] ring = this.ring;
        int index = head & (ring.length - 1);
        Runnable task = ring[index];
        ring[index] = null;
        this.head = head + 1;
        return task;
    }

    private Runnable[] grow() {
        int size = size();
        Runnable[] larger = new Runnable[ring.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[(head + i) & (ring.length - 1)];
        }
        ring = larger;
        head = 0;
        tail = size;
        return larger;
    }
}
