package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.queue.WakeSignal;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpscUnboundedVarHandleArrayQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * Calls from one shard to another, and their answers: two single-producer single-consumer rings.
 *
 * <p>The ring of calls is bounded. A caller that finds it full parks, first come first served,
 * until the target has taken some out; so a shard that is held up slows its callers down. What it
 * has taken waits for its group's share of the shard, outside of the ring, where it would hold up
 * the calls of other groups; its caller waits as long, or has given it up.
 *
 * <p>The ring of answers is not, so that a shard never waits for room to answer: there is at most
 * one answer for each call, whose caller (or what it has left behind, if it was cancelled) is in
 * memory anyway. Two shards that flood each other with calls can therefore always go on: each turn
 * takes calls out, and what that takes to be done never waits for the other side.
 *
 * <p><b>Ownership:</b> {@link #send} and {@link #takeAnswers} on the source shard; {@link #poll}
 * and {@link #answer} on the target.
 */
final class CallRing implements Awaited {
    static final int CAPACITY = 128;

    private final SpscVarHandleArrayQueue<ShardCall<?>> calls =
            new SpscVarHandleArrayQueue<>(CAPACITY);
    private final SpscUnboundedVarHandleArrayQueue<ShardCall<?>> answers =
            new SpscUnboundedVarHandleArrayQueue<>(2 * CAPACITY);
    private final Reactor source;
    private final Reactor target;
    private final Doorbell targetBell;
    private final Doorbell sourceBell;

    /** The source announces here that it waits for room; the target claims the wake-up. */
    private final WakeSignal room = new WakeSignal();

    private final ArrayDeque<Thread> waiters = new ArrayDeque<>();
    private final Runnable wakeWaiters = this::passOn;

    /**
     * @param targetBell rung by the source when a call was sent
     * @param sourceBell rung by the target when one was answered
     */
    CallRing(Reactor source, Doorbell targetBell, Reactor target, Doorbell sourceBell) {
        this.source = source;
        this.target = target;
        this.targetBell = targetBell;
        this.sourceBell = sourceBell;
    }

    Reactor target() {
        return target;
    }

    /**
     * Sends {@code call}, parking while the ring is full.
     *
     * @throws FiberCancelledException if the caller is cancelled; the call was not sent
     */
    void send(ShardCall<?> call) {
        assert source.isCurrent();
        if (!waiters.isEmpty() || !calls.offer(call)) {
            sendWhenThereIsRoom(call);
        }
        targetBell.ring();
    }

    /** The next call, or null. On the target. */
    ShardCall<?> poll() {
        return calls.poll();
    }

    /** Called after a batch was taken out. On the target. */
    void roomMade() {
        if (room.claimWake()) {
            source.execute(wakeWaiters);
        }
    }

    /** Whether no call waits. On the target, which looks at nothing but the next slot. */
    boolean hasNoCall() {
        return calls.peek() == null;
    }

    /** Sends {@code call} back, with its outcome. On the target; never waits. */
    void answer(ShardCall<?> call) {
        boolean added = answers.offer(call);
        assert added : "the ring of answers has no bound";
        sourceBell.ring();
    }

    /** Lets the callers go on whose answers have come. On the source. */
    int takeAnswers() {
        int count = 0;
        ShardCall<?> call;
        while ((call = answers.poll()) != null) {
            call.answered();
            count++;
        }
        return count;
    }

    /** Whether no answer waits. On the source. */
    boolean hasNoAnswer() {
        return answers.peek() == null;
    }

    private void sendWhenThereIsRoom(ShardCall<?> call) {
        Thread self = Thread.currentThread();
        waiters.add(self);
        try {
            while (true) {
                room.announceSleep();
                if (waiters.peek() == self && calls.offer(call)) {
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

    /** None: it is the target's carrier that makes room. */
    @Override
    public List<Thread> holders() {
        return List.of();
    }

    @Override
    public String toString() {
        return "room in the ring of calls from shard " + source.shard() + " to " + target.shard();
    }
}
