package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.WaitPoint;

/**
 * The fibers that wait for one thing, in the order of their arrival.
 *
 * <p>A waiter stays in the queue until somebody gives it a result ({@link #grant}, {@link #refuse})
 * or it has woken without one. So a result that comes after the timer or the cancellation, but
 * before the fiber has run, counts: nothing that is handed over can be lost. Whoever serves this
 * queue must look at it again when a waiter has left without being served, for the next one may
 * want less.
 *
 * <p>Waiting allocates nothing where one fiber at a time waits: one node is kept.
 *
 * <p><b>Ownership:</b> confined to its shard; {@link #size} from any thread.
 */
final class WaitQueue {
    /** How a wait ended, if not by cancellation. */
    enum Result {
        /** It was handed what it waited for. */
        GRANTED,
        /** It was told that this will not come. */
        REFUSED,
        /** Its time was up. */
        TIMED_OUT
    }

    /** One waiting fiber. */
    static final class Waiter extends WaitPoint {
        private Waiter next;
        private Waiter previous;

        /** Null as long as it is in the queue. */
        private Result result;

        private Thread thread;
        private long demand;
        private Object item;

        Thread thread() {
            return thread;
        }

        /** What it wants, in the terms of what it waits for: units, a mode, a ticket. */
        long demand() {
            return demand;
        }

        /** What it brought, or what it was handed. */
        Object item() {
            return item;
        }
    }

    private final Confined owner;

    private Waiter head;
    private Waiter tail;
    private int size;

    /** A node that nobody uses, or null. */
    private Waiter spare;

    /**
     * @param owner what they wait for
     */
    WaitQueue(Confined owner) {
        this.owner = owner;
    }

    boolean isEmpty() {
        return head == null;
    }

    int size() {
        return size;
    }

    /** The one that has waited longest, or null. */
    Waiter first() {
        return head;
    }

    /** The one that came after {@code waiter}, or null. */
    Waiter after(Waiter waiter) {
        return waiter.next;
    }

    /** Parks the calling fiber at the end of the queue until it has a result. */
    Result await(long demand, long deadlineNanos) {
        return await(demand, deadlineNanos, owner);
    }

    /** As {@link #await(long, long)}, where dumps shall show {@code what} instead of the owner. */
    Result await(long demand, long deadlineNanos, Confined what) {
        Waiter waiter = enter(demand, null);
        Result result = await(waiter, deadlineNanos, what);
        recycle(waiter);
        return result;
    }

    /**
     * Adds the calling fiber, which must go on to {@link #await(Waiter, long)}: at the end, or if
     * its {@code demand} is less than that of the last, before the first whose demand is greater.
     */
    Waiter enterInOrder(long demand) {
        if (tail == null || tail.demand <= demand) {
            return enter(demand, null);
        }
        Waiter successor = head;
        while (successor.demand <= demand) {
            successor = successor.next;
        }
        Waiter waiter = node(demand, null);
        link(successor.previous, waiter);
        link(waiter, successor);
        return waiter;
    }

    /** Adds the calling fiber, which must go on to {@link #await(Waiter, long)}. */
    Waiter enter(long demand, Object item) {
        Waiter waiter = node(demand, item);
        link(tail, waiter);
        link(waiter, null);
        return waiter;
    }

    /**
     * Parks until {@code waiter} has a result; then it is not in the queue any more.
     *
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the fiber is cancelled; it is not
     *     in the queue any more then, either
     */
    Result await(Waiter waiter, long deadlineNanos) {
        return await(waiter, deadlineNanos, owner);
    }

    private Result await(Waiter waiter, long deadlineNanos, Confined what) {
        try {
            waiter.await(owner.home(), deadlineNanos, WaitPoint.Cancellation.HEEDED, what);
        } finally {
            if (waiter.result == null) {
                leave(waiter, Result.TIMED_OUT);
            }
        }
        return waiter.result;
    }

    /** Hands over to {@code waiter} what it waits for, and lets it run. */
    void grant(Waiter waiter) {
        leave(waiter, Result.GRANTED);
        waiter.signal();
    }

    /** As {@link #grant(Waiter)}, with something for it to take along. */
    void grant(Waiter waiter, Object item) {
        waiter.item = item;
        grant(waiter);
    }

    void grantAll() {
        while (head != null) {
            grant(head);
        }
    }

    /** Tells {@code waiter} that what it waits for will not come. */
    void refuse(Waiter waiter) {
        leave(waiter, Result.REFUSED);
        waiter.signal();
    }

    void refuseAll() {
        while (head != null) {
            refuse(head);
        }
    }

    /** Takes back a node whose wait is over; the caller must not look at it any more. */
    void recycle(Waiter waiter) {
        assert waiter.result != null && !waiter.isWaiting() : "still in use";
        waiter.thread = null;
        waiter.item = null;
        spare = waiter;
    }

    private Waiter node(long demand, Object item) {
        Waiter waiter = spare;
        if (waiter == null) {
            waiter = new Waiter();
        }
        spare = null;
        waiter.result = null;
        waiter.thread = Thread.currentThread();
        waiter.demand = demand;
        waiter.item = item;
        size++;
        return waiter;
    }

    private void leave(Waiter waiter, Result result) {
        assert waiter.result == null : "has left already";
        link(waiter.previous, waiter.next);
        waiter.previous = null;
        waiter.next = null;
        waiter.result = result;
        size--;
        assert size > 0 == (head != null) : "size=" + size;
    }

    /** Makes them neighbours; null stands for the end of the queue on that side. */
    private void link(Waiter earlier, Waiter later) {
        if (earlier == null) {
            head = later;
        } else {
            earlier.next = later;
        }
        if (later == null) {
            tail = earlier;
        } else {
            later.previous = earlier;
        }
    }
}
