package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.Objects;

/**
 * Work that is done later, or again and again, on fibers of the current shard.
 *
 * <p>All timers of a shard are in one wheel: making and cancelling one takes tens of nanoseconds,
 * and a million at a time are no problem. A timer is never early; it is late by at most 66
 * microseconds beside what the shard is behind with its work. Those that are due at the same time
 * fire in the order in which they were made.
 *
 * <p>The fibers run in the scheduling group of the one that has made the timer, with its {@link
 * FiberContext} as it was then.
 *
 * <p><b>Ownership:</b> for fibers; a timer belongs to the shard that made it.
 */
public final class Timers {
    private Timers() {}

    /**
     * Runs {@code body} on a fiber every {@code period}, first after one {@code period}, until it
     * is cancelled or the runtime stops. Does not park. What happens when a run takes too long or
     * fails is told at {@link PeriodicTimer}.
     *
     * @param name for logs and dumps; of the timer and its fibers
     * @throws IllegalArgumentException if {@code period} is not positive
     * @throws IllegalStateException if the caller is not on a shard, or the runtime stops
     */
    public static PeriodicTimer every(String name, Duration period, FiberTask body) {
        Objects.requireNonNull(name);
        Objects.requireNonNull(body);
        if (period.isZero() || period.isNegative()) {
            throw new IllegalArgumentException("period=" + period + ": must be positive");
        }
        FiberScheduler scheduler = FiberScheduler.current();
        PeriodicTimers siblings = PeriodicTimers.LOCAL.get(scheduler.reactor());
        if (siblings.isStopped()) {
            throw new IllegalStateException("timer '" + name + "': the runtime stops");
        }
        FiberTask inContext = FiberContext.passOnLater(body);
        return new PeriodicTimer(scheduler, siblings, name, Deadline.nanos(period), inContext);
    }

    /**
     * Runs {@code body} once, on a fiber, after {@code delay}. Does not park.
     *
     * @param name for logs and dumps; of the fiber
     * @throws IllegalArgumentException if {@code delay} is negative
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static OneShotTimer after(String name, Duration delay, FiberTask body) {
        Objects.requireNonNull(name);
        Objects.requireNonNull(body);
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay=" + delay + ": must not be negative");
        }
        FiberTask inContext = FiberContext.passOnLater(body);
        return new OneShotTimer(FiberScheduler.current(), name, Deadline.nanos(delay), inContext);
    }

    /**
     * Cancels the periodic timers of {@code reactor}'s shard and refuses new ones. On that shard;
     * for the runtime, as it begins to stop.
     */
    public static void stopPeriodicOn(Reactor reactor) {
        PeriodicTimers.LOCAL.get(reactor).stop();
    }

    /** The caller's place, for messages. */
    static String whereabouts() {
        Reactor here = Reactor.currentOrNull();
        return here == null ? "outside of every shard" : "shard " + here.shard();
    }
}
