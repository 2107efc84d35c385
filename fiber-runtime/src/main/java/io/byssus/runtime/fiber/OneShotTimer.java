package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.time.Timer;

/**
 * Starts a fiber at a time; made by {@link Timers#after}. Until then it costs a node in the shard's
 * timer wheel, where a fiber that sleeps would cost a stack.
 *
 * <p>What the body throws is that fiber's failure, and is logged as such.
 *
 * <p><b>Ownership:</b> confined to the shard that made it.
 */
public final class OneShotTimer extends Timer {
    private final FiberScheduler scheduler;
    private final String name;
    private FiberTask body;

    OneShotTimer(FiberScheduler scheduler, String name, long delayNanos, FiberTask body) {
        this.scheduler = scheduler;
        this.name = name;
        this.body = body;
        reactor().arm(this, Deadline.nanosAfter(reactor(), delayNanos));
    }

    /**
     * Takes the timer back. Does not park.
     *
     * @return whether that was in time: false if the body has started, or it was cancelled before
     * @throws IllegalStateException on another shard
     */
    public boolean cancel() {
        if (!reactor().isCurrent()) {
            throw new IllegalStateException(
                    "timer '"
                            + name
                            + "' belongs to shard "
                            + reactor().shard()
                            + ", used from "
                            + Timers.whereabouts());
        }
        boolean inTime = isArmed();
        reactor().cancel(this);
        body = null;
        return inTime;
    }

    @Override
    protected void onExpiry() {
        FiberTask task = body;
        body = null;
        Fiber<Void> started =
                Fiber.start(
                        scheduler,
                        name,
                        () -> {
                            task.run();
                            return null;
                        });
        assert !started.isDone();
    }

    private Reactor reactor() {
        return scheduler.reactor();
    }

    @Override
    public String toString() {
        return "timer '" + name + "' on shard " + reactor().shard();
    }
}
