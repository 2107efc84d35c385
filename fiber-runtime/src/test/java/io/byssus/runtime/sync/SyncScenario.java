package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the tests of this package share: fibers that try something, and how it went for each. */
final class SyncScenario {
    static final Duration SECOND = Duration.ofSeconds(1);

    /** A test's body. */
    @FunctionalInterface
    interface Body {
        void run(SyncScenario scenario) throws Throwable;
    }

    /** A fiber that tries something. */
    final class Attempt {
        final String name;
        private final Fiber<Void> fiber;
        private Throwable failure;
        private boolean interruptedAfter;

        private Attempt(String name, FiberTask operation) {
            this.name = name;
            this.fiber =
                    stepped.start(
                            name,
                            () -> {
                                try {
                                    operation.run();
                                    served.add(name);
                                } catch (Exception | AssertionError e) {
                                    failure = e;
                                }
                                interruptedAfter = Thread.interrupted();
                            });
        }

        boolean isDone() {
            return fiber.isDone();
        }

        void cancel() {
            fiber.cancel();
        }

        Thread thread() {
            return fiber.thread();
        }

        /** What its operation threw, or null. */
        Throwable failure() {
            assertThat(isDone()).as("%s has ended", fiber).isTrue();
            return failure;
        }

        /** Whether its operation ended because it was cancelled. */
        boolean wasCancelled() {
            return failure() instanceof FiberCancelledException;
        }

        /** Whether it has been cancelled and its operation left that for the next one. */
        boolean isToBeCancelled() {
            assertThat(isDone()).as("%s has ended", fiber).isTrue();
            return interruptedAfter;
        }
    }

    private final SteppedReactor stepped;

    /** Names of attempts, in the order in which they succeeded. */
    final List<String> served = new ArrayList<>();

    SyncScenario(SteppedReactor stepped) {
        this.stepped = stepped;
    }

    /** Runs {@code body} on a carrier of shard 0; at its end nothing may be left behind. */
    static void run(Body body) throws Throwable {
        SteppedReactor.run(stepped -> {
            SyncScenario scenario = new SyncScenario(stepped);
            body.run(scenario);
            scenario.assertNothingLeft();
        });
    }

    SteppedReactor stepped() {
        return stepped;
    }

    /** Starts a fiber that does {@code operation}, and runs it until it waits or ends. */
    Attempt attempt(String name, FiberTask operation) {
        Attempt attempt = new Attempt(name, operation);
        stepped.settle();
        return attempt;
    }

    /** As {@link #attempt(String, FiberTask)}, but it has not run yet. */
    Attempt start(String name, FiberTask operation) {
        return new Attempt(name, operation);
    }

    void settle() {
        stepped.settle();
    }

    void advance(Duration step) {
        stepped.advance(step);
    }

    /**
     * Lets the timers expire that are due in a second. What they wake has not run; so another event
     * comes together with them.
     */
    void expireTimers() {
        assertThat(stepped.reactor().runQueueLength()).as("nobody else is to run").isZero();
        stepped.clock().advance(SECOND.multipliedBy(2));
        stepped.turn();
        assertThat(stepped.reactor().armedTimers()).isZero();
        assertThat(stepped.reactor().runQueueLength()).isPositive();
    }

    void assertNothingLeft() {
        stepped.settle();
        assertThat(stepped.reactor().armedTimers()).as("armed timers").isZero();
        assertThat(Fiber.liveOn(stepped.reactor())).as("live fibers").isEmpty();
    }
}
