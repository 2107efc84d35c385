package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * One call to another shard: written by the caller, run by a fiber of the target, read by the
 * caller again. {@code done} publishes the outcome.
 */
final class ShardCall<T> {
    private final Callable<T> body;
    private final Thread caller;
    private final SchedulingGroup group = SchedulingGroup.current();
    private T result;
    private Throwable failure;
    private volatile boolean done;

    /** The fiber that runs it, once there is one; for cancellation. */
    private volatile Thread runner;

    private volatile boolean abandoned;

    ShardCall(Callable<T> body) {
        this.body = body;
        this.caller = Thread.currentThread();
    }

    /** Starts the fiber, in its caller's group. On the target shard. */
    void start(Reactor target) {
        Fiber.startOn(target, group, "submitTo", this::run);
    }

    private Void run() {
        runner = Thread.currentThread();
        try {
            if (!abandoned) {
                result = body.call();
            }
        } catch (Throwable e) {
            failure = e;
        } finally {
            runner = null;
            done = true;
            LockSupport.unpark(caller);
        }
        return null;
    }

    /**
     * Parks the caller until the outcome is there.
     *
     * @throws FiberCancelledException if the caller is cancelled; the call is cancelled too
     */
    T await(int target) throws Exception {
        while (!done) {
            LockSupport.park(this);
            if (!done && Thread.interrupted()) {
                abandon();
                throw Cancellations.exception("a call to shard " + target);
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (Exception) failure;
        }
        return result;
    }

    private void abandon() {
        abandoned = true;
        Thread fiber = runner;
        if (fiber != null) {
            fiber.interrupt();
        }
    }
}
