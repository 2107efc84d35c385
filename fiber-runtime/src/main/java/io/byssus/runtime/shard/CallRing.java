package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.queue.WakeSignal;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * Calls from one shard to another: a bounded single-producer single-consumer ring. A caller that
 * finds it full parks, first come first served, until the target has taken some out; so a shard
 * that cannot follow slows its callers down instead of filling the heap.
 *
 * <p><b>Ownership:</b> {@link #send} on the source shard, {@link #poll} on the target.
 */
final class CallRing {
    static final int CAPACITY = 128;

    private final SpscVarHandleArrayQueue<ShardCall<?>> ring =
            new SpscVarHandleArrayQueue<>(CAPACITY);
    private final Reactor source;
    private final Reactor target;

    /** The source announces here that it waits for room; the target claims the wake-up. */
    private final WakeSignal room = new WakeSignal();

    private final ArrayDeque<Thread> waiters = new ArrayDeque<>();
    private final Runnable wakeWaiters = this::passOn;

    CallRing(Reactor source, Reactor target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Sends {@code call}, parking while the ring is full.
     *
     * @throws FiberCancelledException if the caller is cancelled; the call was not sent
     */
    void send(ShardCall<?> call) {
        assert source.isCurrent();
        if (!waiters.isEmpty() || !ring.offer(call)) {
            sendWhenThereIsRoom(call);
        }
        target.wakeIfAsleep();
    }

    /** The next call, or null. On the target. */
    ShardCall<?> poll() {
        return ring.poll();
    }

    /** Called after a batch was taken out. On the target. */
    void roomMade() {
        if (room.claimWake()) {
            source.execute(wakeWaiters);
        }
    }

    boolean isEmpty() {
        return ring.isEmpty();
    }

    private void sendWhenThereIsRoom(ShardCall<?> call) {
        Thread self = Thread.currentThread();
        waiters.add(self);
        try {
            while (true) {
                room.announceSleep();
                if (waiters.peek() == self && ring.offer(call)) {
                    return;
                }
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    throw Cancellations.exception("a call to shard " + target.shard());
                }
            }
        } finally {
            waiters.remove(self);
            passOn();
        }
    }

    /** There may be room for the next waiter as well. */
    private void passOn() {
        if (!waiters.isEmpty()) {
            LockSupport.unpark(waiters.peek());
        }
    }
}
