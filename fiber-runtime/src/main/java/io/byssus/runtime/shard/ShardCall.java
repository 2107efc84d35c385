package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.ExpectedFailure;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberContext;
import io.byssus.runtime.fiber.Thrown;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * One call to another shard: made by the caller, run by a fiber of the target, read by the caller
 * again. The rings that carry it there and back publish what each has written.
 */
final class ShardCall<T> implements Runnable, Awaited {
    private final CallRing ring;
    private final Callable<T> body;

    /** In which it runs: its caller's. */
    private final SchedulingGroup group = SchedulingGroup.current();

    /** The level of nesting that it runs at. */
    private final int level;

    /** Where it has a slot until it is answered; null for a call without a group. */
    private final CallSlots slots;

    /** Null once it does not wait any more. On the source. */
    private Thread caller;

    /** On the source. */
    private boolean answered;

    // Written on the target, before it answers; read on the source, after.
    private T result;
    private Throwable failure;

    /** The fiber that runs it, while one does. On the target; dumps may look at any time. */
    private Thread runner;

    /** The caller waits no more: not to be begun. */
    private volatile boolean abandoned;

    /** Without a group. */
    ShardCall(CallRing ring, ShardFunction<T, ?> body) {
        this(ring, body, null, CallNesting.level());
    }

    /** On the caller's fiber: what the call is to inherit from it is taken here. */
    ShardCall(CallRing ring, ShardFunction<T, ?> body, CallSlots slots, int level) {
        this.ring = ring;
        this.body = FiberContext.capture().wrapForFiber(body);
        this.slots = slots;
        this.level = level;
        this.caller = Thread.currentThread();
    }

    /**
     * Parks while there is no slot, or the ring is full; then the call is under way.
     *
     * @throws FiberCancelledException if the caller is cancelled; the call was not sent
     */
    void send() {
        if (slots == null) {
            ring.send(this);
            return;
        }
        slots.acquire();
        boolean sent = false;
        try {
            ring.send(this);
            sent = true;
        } finally {
            if (!sent) {
                slots.release();
            }
        }
    }

    SchedulingGroup group() {
        return group;
    }

    /** Runs the call, on a fiber of the target: what it inherits from its caller begins here. */
    @Override
    public void run() {
        runner = Thread.currentThread();
        try {
            if (!abandoned) {
                CallNesting.begin(level);
                result = body.call();
            }
        } catch (Throwable e) {
            failure = e;
        } finally {
            runner = null;
            ring.answer(this);
        }
    }

    /**
     * The answer is here. On the source's carrier.
     *
     * @return who waits for it, to be woken; null for nobody
     */
    Thread answered() {
        answered = true;
        if (slots != null) {
            slots.release();
        }
        if (caller == null) {
            reportUnseen(failure, ring.target());
        }
        return caller;
    }

    /**
     * Logs what a call to {@code target} threw, or null, where its caller waits no more; unless
     * that is only what became of the cancellation.
     */
    static void reportUnseen(Throwable failure, Reactor target) {
        if (failure != null
                && !(failure instanceof FiberCancelledException)
                && !(failure instanceof InterruptedException)
                && !(failure instanceof ExpectedFailure)) {
            ShardLog.error(
                    "a call to " + target + " failed, and its caller had given it up", failure);
        }
    }

    /**
     * Parks the caller until the outcome is there.
     *
     * @throws FiberCancelledException if the caller is cancelled; the call is cancelled too
     */
    T await() throws Exception {
        awaitAnswer();
        if (failure != null) {
            throw Thrown.exception(failure);
        }
        return result;
    }

    /** As {@link #await}, but leaves it to the caller to look how it ended. */
    void awaitAnswer() {
        while (!answered) {
            LockSupport.park(this);
            if (!answered && Thread.interrupted()) {
                abandon();
                throw Cancellations.exception(this);
            }
        }
    }

    /** What the answered call returned; null if it failed. */
    T result() {
        return result;
    }

    /** What the answered call threw, or null. */
    Throwable failure() {
        return failure;
    }

    /**
     * The caller waits no more. On the source, after {@link #send}; does nothing for a call that
     * has its answer, or was given up before.
     */
    void abandon() {
        if (answered || abandoned) {
            return;
        }
        caller = null;
        abandoned = true;
        ring.target().execute(this::cancelRunner);
    }

    /**
     * Which fiber runs it, if any, is certain only here, on the target's carrier. A mere interrupt
     * could be taken for that of a deadline inside of the call, and so be lost.
     */
    private void cancelRunner() {
        if (runner == null) {
            return;
        }
        Fiber<?> fiber = Fiber.of(runner);
        if (fiber != null) {
            fiber.cancel();
        } else {
            runner.interrupt(); // the body has hidden its fiber from us
        }
    }

    @Override
    public List<Thread> holders() {
        Thread fiber = runner;
        return fiber == null ? List.of() : List.of(fiber);
    }

    @Override
    public String toString() {
        return "a call to shard " + ring.target().shard();
    }
}
