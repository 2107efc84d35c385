package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.FiberCancelledException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The calls that may be under way at a time in a {@link CallGroup}, from one shard to another, at
 * one level of nesting. First come, first served: a slot that is given back goes to who waits
 * longest.
 *
 * <p><b>Ownership:</b> confined to the calling shard.
 */
final class CallSlots implements Awaited {
    private final String what;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private int free;

    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private boolean served;
    }

    /**
     * @param what for messages
     */
    CallSlots(String what, int count) {
        this.what = what;
        this.free = count;
    }

    /**
     * Takes a slot, parking while there is none.
     *
     * @throws FiberCancelledException if the caller is cancelled; it has no slot
     */
    void acquire() {
        if (free > 0) {
            assert waiters.isEmpty() : "a slot is free as fibers wait for one";
            free--;
            return;
        }
        Waiter self = new Waiter();
        waiters.add(self);
        while (!self.served) {
            LockSupport.park(this);
            if (!self.served && Thread.interrupted()) {
                boolean waited = waiters.remove(self);
                assert waited;
                throw Cancellations.exception(what);
            }
        }
    }

    void release() {
        Waiter next = waiters.poll();
        if (next == null) {
            free++;
        } else {
            next.served = true;
            LockSupport.unpark(next.thread);
        }
    }

    int free() {
        return free;
    }

    @Override
    public List<Thread> holders() {
        return List.of();
    }

    @Override
    public String toString() {
        return what + ", for which " + waiters.size() + " wait";
    }
}
