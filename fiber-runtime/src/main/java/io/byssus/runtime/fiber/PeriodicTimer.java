package io.byssus.runtime.fiber;

import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.time.Timer;
import java.time.Duration;

/**
 * Runs a body again and again, each time on a fiber of its own; made by {@link Timers#every}.
 *
 * <p>Run <i>n</i> is due <i>n</i> periods after the start, however long the runs before it took or
 * how late they began: it does not drift. One run at a time: where the one before has not ended, or
 * the shard was late by a whole period, a run is left out and counted as {@link #missed}; it is not
 * made up for.
 *
 * <p>A run that fails is counted and logged (at most once in ten seconds, with the number of the
 * others), and the timer goes on: a service must not lose its housekeeping to one bad day. A body
 * that wants to stop calls {@link #cancel}.
 *
 * <p>When the runtime begins to stop, no run starts any more.
 *
 * <p><b>Ownership:</b> confined to the shard that made it.
 */
public final class PeriodicTimer implements AutoCloseable {
    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;

    private final FiberScheduler scheduler;
    private final Reactor reactor;
    private final PeriodicTimers siblings;
    private final String name;
    private final long periodNanos;
    private final FiberTask body;
    private final LogLimit failureLog = new LogLimit(LOG_INTERVAL_NANOS);
    private final Timer timer =
            new Timer() {
                @Override
                protected void onExpiry() {
                    onDue();
                }
            };

    /** When the next run is due. */
    private long dueNanos;

    private boolean cancelled;

    /** The run under way, or null. */
    private Fiber<Void> run;

    private long runs;
    private long missed;
    private long failures;

    PeriodicTimer(
            FiberScheduler scheduler,
            PeriodicTimers siblings,
            String name,
            long periodNanos,
            FiberTask body) {
        this.scheduler = scheduler;
        this.reactor = scheduler.reactor();
        this.siblings = siblings;
        this.name = name;
        this.periodNanos = periodNanos;
        this.body = body;
        dueNanos = Deadline.nanosAfter(reactor, periodNanos);
        siblings.add(this);
        reactor.arm(timer, dueNanos);
    }

    /** As given, for logs and dumps; the name of its fibers too. */
    public String name() {
        return name;
    }

    /** From the beginning of one run to that of the next. */
    public Duration period() {
        return Duration.ofNanos(periodNanos);
    }

    /** Runs that have started. */
    public long runs() {
        return runs;
    }

    /** Runs that were due and did not start, because the one before had not ended in time. */
    public long missed() {
        return missed;
    }

    /** Runs that ended in an exception. */
    public long failures() {
        return failures;
    }

    /** Whether runs are yet to come. */
    public boolean isActive() {
        return !cancelled;
    }

    /**
     * Starts no run any more. One that is under way goes on; {@link #close} waits for it. Does not
     * park. Idempotent.
     *
     * @throws IllegalStateException on another shard
     */
    public void cancel() {
        requireHome();
        if (!cancelled) {
            cancelled = true;
            reactor.cancel(timer);
            siblings.remove(this);
        }
    }

    /**
     * As {@link #cancel}, and parks until the run under way has ended, so that what the body uses
     * can be given up afterwards. Called by the run itself, it does not wait; called again, it only
     * waits.
     *
     * @throws FiberCancelledException if the caller is cancelled meanwhile; the timer is cancelled
     *     all the same
     * @throws IllegalStateException on another shard
     */
    @Override
    public void close() {
        cancel();
        Fiber<Void> last = run;
        if (last == null || last.thread() == Thread.currentThread()) {
            return;
        }
        try {
            last.join();
        } catch (FiberCancelledException e) {
            if (!last.isDone()) { // it is the caller that is cancelled, not the run
                throw e;
            }
        }
    }

    private void requireHome() {
        if (!reactor.isCurrent()) {
            throw new IllegalStateException(
                    "timer '"
                            + name
                            + "' belongs to shard "
                            + reactor.shard()
                            + ", used from "
                            + Timers.whereabouts());
        }
    }

    private void onDue() {
        long now = reactor.clock().nanoTime();
        // The timer is never early: the run that is due is the last one whose time has come.
        long late = Math.max(now - dueNanos, 0) / periodNanos;
        missed += late;
        dueNanos += late * periodNanos + periodNanos;
        reactor.arm(timer, dueNanos);
        if (run != null) {
            missed++;
            return;
        }
        runs++;
        run = Fiber.start(scheduler, name, this::runOnce);
    }

    private Void runOnce() throws Exception {
        try {
            body.run();
        } catch (FiberCancelledException | InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            report(e);
        } finally {
            run = null;
        }
        return null;
    }

    private void report(Throwable failure) {
        failures++;
        long held = failureLog.tryAcquire(reactor.coarseNanoTime());
        if (held >= 0) {
            ShardLog.error(
                    this
                            + ": a run failed; the timer goes on"
                            + (held > 0 ? " (and " + held + " failed since the last message)" : ""),
                    failure);
        }
    }

    @Override
    public String toString() {
        return "timer '" + name + "' on shard " + reactor.shard() + ", every " + period();
    }
}
