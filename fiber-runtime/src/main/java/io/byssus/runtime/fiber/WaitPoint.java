package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.time.Timer;
import java.util.concurrent.locks.LockSupport;

/**
 * A place where one fiber at a time waits for the shard to tell it to go on: a descriptor to become
 * readable, a slot to become free. Waiting allocates nothing; the timer node is made with the first
 * deadline.
 *
 * <p>Not final: what is waited for may extend it, so that a wake-up finds both in the same cache
 * lines.
 *
 * <p>A signal without a waiter is forgotten: the caller looks at its condition before it waits, and
 * again after.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public class WaitPoint {
    /** How a wait ended. */
    public enum Outcome {
        SIGNALLED,
        TIMED_OUT
    }

    /** Whether a wait ends when its fiber is cancelled. */
    public enum Cancellation {
        /** It throws {@link FiberCancelledException}. */
        HEEDED,
        /** It goes on, and the fiber's interrupt status is set again when it ends. */
        DEFERRED
    }

    /** The fiber that waits; null between waits and once it is signalled. */
    private Thread waiter;

    private boolean waiting;
    private WaitTimer timer;

    public WaitPoint() {}

    public boolean isWaiting() {
        return waiting;
    }

    /** Lets the waiting fiber go on, if there is one. On the shard. */
    public void signal() {
        Thread fiber = waiter;
        if (fiber != null) {
            waiter = null;
            LockSupport.unpark(fiber);
        }
    }

    /**
     * Parks the calling fiber until {@link #signal}.
     *
     * @param what what is waited for, for messages and dumps; perhaps an {@link Awaited}
     * @throws FiberCancelledException if the fiber is cancelled
     * @throws IllegalStateException if another fiber waits here
     */
    public void await(Object what) {
        begin(what);
        try {
            park(what);
        } finally {
            end();
        }
    }

    /** As {@link #await(Object)}, until {@code deadlineNanos}; {@code Long.MAX_VALUE} for none. */
    public Outcome await(
            Reactor reactor, long deadlineNanos, Cancellation cancellation, Object what) {
        return await(reactor, 0, deadlineNanos, cancellation, what);
    }

    /**
     * As {@link #await(Reactor, long, Cancellation, Object)}, with a second limit, what comes first
     * counts.
     *
     * @param timeoutNanos from now, 0 for none; alone, it costs no reading of the clock (see {@link
     *     Reactor#armAfter})
     * @throws IllegalArgumentException if {@code timeoutNanos} is negative
     */
    public Outcome await(
            Reactor reactor,
            long timeoutNanos,
            long deadlineNanos,
            Cancellation cancellation,
            Object what) {
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("timeoutNanos=" + timeoutNanos);
        }
        begin(what);
        boolean interrupted = cancellation == Cancellation.DEFERRED && Thread.interrupted();
        WaitTimer armed = null;
        try {
            armed = arm(reactor, timeoutNanos, deadlineNanos);
            if (cancellation == Cancellation.HEEDED) {
                park(what);
            } else {
                interrupted |= parkShielded(what);
            }
            return armed != null && armed.expired ? Outcome.TIMED_OUT : Outcome.SIGNALLED;
        } finally {
            if (armed != null) {
                reactor.cancel(armed);
            }
            end();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void begin(Object what) {
        Thread fiber = Thread.currentThread();
        if (waiting) {
            throw new IllegalStateException(
                    "two fibers wait for the same thing: " + what + " (one is '" + name() + "')");
        }
        assert fiber.isVirtual() : "a carrier must not park";
        waiter = fiber;
        waiting = true;
    }

    private void end() {
        waiter = null;
        waiting = false;
    }

    private void park(Object what) {
        while (waiter != null) {
            LockSupport.park(what);
            if (waiter != null && Thread.interrupted()) {
                throw Cancellations.exception(what);
            }
        }
    }

    /** Parks whatever happens; true if the fiber was interrupted meanwhile. */
    private boolean parkShielded(Object what) {
        boolean interrupted = false;
        while (waiter != null) {
            LockSupport.park(what);
            interrupted |= Thread.interrupted();
        }
        return interrupted;
    }

    private WaitTimer arm(Reactor reactor, long timeoutNanos, long deadlineNanos) {
        if (timeoutNanos == 0 && deadlineNanos == Long.MAX_VALUE) {
            return null;
        }
        if (timer == null) {
            timer = new WaitTimer(this);
        }
        timer.expired = false;
        if (timeoutNanos == 0) {
            reactor.arm(timer, deadlineNanos);
        } else if (deadlineNanos == Long.MAX_VALUE) {
            reactor.armAfter(timer, timeoutNanos);
        } else {
            long endNanos = Deadline.nanosAfter(reactor, timeoutNanos);
            reactor.arm(timer, Math.min(endNanos, deadlineNanos));
        }
        return timer;
    }

    private String name() {
        return waiter == null ? "just woken" : waiter.getName();
    }

    private static final class WaitTimer extends Timer {
        private final WaitPoint point;
        private boolean expired;

        WaitTimer(WaitPoint point) {
            this.point = point;
        }

        @Override
        protected void onExpiry() {
            expired = true;
            point.signal();
        }
    }
}
