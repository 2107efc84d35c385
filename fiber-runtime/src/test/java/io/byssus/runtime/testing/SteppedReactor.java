package io.byssus.runtime.testing;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Carrier;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A reactor that runs only when a test says so, under a clock that moves only when a test says so.
 * Its methods are for the carrier that {@link #run} makes; one carrier may step several.
 */
public final class SteppedReactor {
    private static final int TURNS_MAX = 100_000;

    /** A test's body. */
    @FunctionalInterface
    public interface Body {
        void run() throws Throwable;
    }

    /** A test's body that steps one reactor. */
    @FunctionalInterface
    public interface SteppedBody {
        void run(SteppedReactor stepped) throws Throwable;
    }

    private final ManualClock clock;
    private final Reactor reactor;

    public SteppedReactor(int shard, ManualClock clock) {
        this(shard, clock, new ParkingBackend(), BufferPool.Mode.TRACKING);
    }

    public SteppedReactor(
            int shard, ManualClock clock, ReactorBackend backend, BufferPool.Mode mode) {
        this(shard, clock, backend, mode, BufferLimits.NONE);
    }

    public SteppedReactor(
            int shard,
            ManualClock clock,
            ReactorBackend backend,
            BufferPool.Mode mode,
            BufferLimits limits) {
        this.clock = clock;
        ReactorOptions defaults = ReactorOptions.defaults();
        this.reactor =
                new Reactor(
                        shard,
                        clock,
                        backend,
                        new ReactorOptions(
                                defaults.taskQuotaNanos(), defaults.idlePollNanos(), mode, limits));
        turn(); // from here on this shard is the carrier's current one
    }

    /** Runs {@code body} on a carrier, which may make and step reactors; throws what it throws. */
    public static void onCarrier(Body body) throws Throwable {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Carrier carrier =
                new Carrier(
                        "test-carrier",
                        () -> {
                            try {
                                body.run();
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

    /** Runs {@code body} with a reactor of shard 0 at time zero. */
    public static void run(SteppedBody body) throws Throwable {
        onCarrier(() -> body.run(new SteppedReactor(0, new ManualClock())));
    }

    public Reactor reactor() {
        return reactor;
    }

    public ManualClock clock() {
        return clock;
    }

    /** One pass of the loop; false if there was nothing to do. */
    public boolean turn() {
        return reactor.turn(Reactor.Wait.FORBIDDEN);
    }

    /** Runs until there is nothing to do. */
    public void settle() {
        for (int turns = 0; turn(); turns++) {
            if (turns == TURNS_MAX) {
                throw new AssertionError("still busy after " + TURNS_MAX + " turns");
            }
        }
    }

    /** Runs until there is nothing to do, moves the time on, and runs again. */
    public void advance(Duration step) {
        settle();
        clock.advance(step);
        settle();
    }

    /** Starts a fiber here; it has not run yet. */
    public <T> Fiber<T> start(String name, Callable<T> body) {
        if (!reactor.isCurrent()) {
            turn();
        }
        return Fiber.startOn(reactor, name, body);
    }

    /** As {@link #start(String, Callable)}, for a body without a result. */
    public Fiber<Void> start(String name, FiberTask body) {
        return start(
                name,
                () -> {
                    body.run();
                    return null;
                });
    }

    /** Runs {@code body} on a fiber to its end, without moving the time; throws what it throws. */
    public void onFiber(FiberTask body) throws Throwable {
        Fiber<Void> fiber = start("test", body);
        settle();
        if (!fiber.isDone()) {
            throw new AssertionError("the fiber did not end: it waits for time or for I/O");
        }
        try {
            fiber.join();
        } catch (FiberFailedException e) {
            throw e.getCause();
        }
    }
}
