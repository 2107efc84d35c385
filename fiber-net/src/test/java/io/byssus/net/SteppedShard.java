package io.byssus.net;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Carrier;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A shard without I/O, whose loop turns and whose time passes when a test says so. */
final class SteppedShard {
    private static final int STEPS_PER_MILLI = 10;

    /** A test's body. */
    interface Body {
        void run(SteppedShard shard) throws Throwable;
    }

    private final ManualClock clock = new ManualClock();
    private final Reactor reactor;

    private SteppedShard() {
        ReactorOptions defaults = ReactorOptions.defaults();
        reactor =
                new Reactor(
                        0,
                        clock,
                        new ParkingBackend(),
                        new ReactorOptions(
                                defaults.taskQuotaNanos(),
                                defaults.idlePollNanos(),
                                BufferPool.Mode.TRACKING));
        settle();
    }

    /** Runs {@code body} on the shard's carrier; throws what it throws. */
    static void run(Body body) throws Throwable {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Carrier carrier =
                new Carrier(
                        "test-carrier",
                        () -> {
                            try {
                                body.run(new SteppedShard());
                                end.complete(null);
                            } catch (Throwable e) {
                                end.completeExceptionally(e);
                            }
                        });
        carrier.setDaemon(true);
        carrier.start();
        try {
            end.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    Reactor reactor() {
        return reactor;
    }

    long millis() {
        return clock.nanoTime() / 1_000_000;
    }

    /** Runs until there is nothing to do at this time. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = reactor.turn(Reactor.Wait.FORBIDDEN);
        }
    }

    /** Passes the time, in steps that are hardly longer than the timers are exact. */
    void pass(long millis) {
        settle();
        for (long i = 0; i < millis * STEPS_PER_MILLI; i++) {
            clock.advance(Duration.ofMillis(1).dividedBy(STEPS_PER_MILLI));
            settle();
        }
    }

    /** Starts a fiber, and runs it until it waits. */
    Fiber<Void> start(FiberTask body) {
        Fiber<Void> fiber =
                Fiber.startOn(
                        reactor,
                        "test",
                        () -> {
                            body.run();
                            return null;
                        });
        settle();
        return fiber;
    }

    /** What {@code fiber} threw, or null; it must have ended. */
    static Throwable failure(Fiber<?> fiber) {
        if (!fiber.isDone()) {
            throw new AssertionError(fiber + " still runs");
        }
        try {
            fiber.join();
            return null;
        } catch (FiberFailedException e) {
            return e.getCause();
        }
    }
}
