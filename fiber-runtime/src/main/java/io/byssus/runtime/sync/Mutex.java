package io.byssus.runtime.sync;

import java.util.List;

/**
 * A lock for one fiber at a time. What holds for locks is said at {@link Lock}.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Mutex extends Lock {
    private final WaitQueue waiters = new WaitQueue(this);

    /** Null when it is free; never while somebody waits. */
    private Thread holder;

    /**
     * A mutex that nobody holds.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Mutex(String name) {
        super("mutex", name);
    }

    @Override
    boolean take(Thread thread) {
        if (holder != null) {
            return false;
        }
        assert waiters.isEmpty() : "free, and waited for";
        holder = thread;
        return true;
    }

    @Override
    void await(long deadlineNanos) {
        Thread self = Thread.currentThread();
        if (holder == self) {
            throw heldAlready(self);
        }
        if (waiters.await(0, deadlineNanos) == WaitQueue.Result.TIMED_OUT) {
            throw timeout();
        }
        assert holder == self : "handed over, but held by " + holder;
    }

    @Override
    public void unlock() {
        // A holder is on the right shard.
        if (holder != Thread.currentThread()) {
            throw notHeld();
        }
        WaitQueue.Waiter next = waiters.first();
        if (next == null) {
            holder = null;
        } else {
            holder = next.thread();
            waiters.grant(next);
        }
    }

    @Override
    public boolean isLocked() {
        return holder != null;
    }

    @Override
    public int waiting() {
        return waiters.size();
    }

    /** The fiber that holds it. */
    @Override
    public List<Thread> holders() {
        Thread thread = holder;
        return thread == null ? List.of() : List.of(thread);
    }

    @Override
    String state() {
        Thread thread = holder;
        return (thread == null ? "free" : "held by " + describe(thread))
                + ", "
                + waiters.size()
                + " wait";
    }
}
