package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * Many fibers that want the same thing under random events, of which several (give, cancellation,
 * timeout) come together before any fiber has run.
 *
 * <p>What it holds of any first-come, first-served thing: nobody is served before one that came
 * earlier and still waits; who fails has a reason; at the end nobody waits and no timer is armed.
 */
final class RandomWaits {
    private static final int EVENTS_TOGETHER_MAX = 4;
    private static final long LIMIT_NANOS_MAX = 5_000_000_000L;

    /** One who wants it. */
    static final class Want {
        private final long arrival;
        private final long deadlineNanos;
        private Attempt attempt;
        private boolean cancelled;
        private boolean served;

        /** What it wants or brought, in the test's own terms. */
        final long demand;

        /** What it got, if that is something. */
        Object got;

        private Want(long arrival, long demand, long deadlineNanos) {
            this.arrival = arrival;
            this.demand = demand;
            this.deadlineNanos = deadlineNanos;
        }
    }

    /** How to want it without a limit, or with one. */
    @FunctionalInterface
    interface Operation {
        /**
         * @param limit null for none
         */
        void run(Want want, Duration limit) throws Exception;
    }

    /** How the test may look at a failure that is neither a timeout nor a cancellation. */
    @FunctionalInterface
    interface FailureCheck {
        void check(Want want, Throwable failure);
    }

    private final SyncScenario scenario;
    private final Random random;
    private final FailureCheck otherFailures;
    private final List<Want> waiting = new ArrayList<>();
    private long arrivals;

    int servedCount;
    int timedOutCount;
    int cancelledCount;
    int otherCount;

    RandomWaits(SyncScenario scenario, Random random, FailureCheck otherFailures) {
        this.scenario = scenario;
        this.random = random;
        this.otherFailures = otherFailures;
    }

    /**
     * Starts a fiber that wants it, half of them with a limit, and lets it come to its wait: one
     * that has been served but has not run yet would look overtaken.
     */
    void want(long demand, Operation operation) {
        scenario.settle();
        boolean limited = random.nextBoolean();
        long nanos = random.nextLong(LIMIT_NANOS_MAX);
        long now = scenario.stepped().clock().nanoTime();
        // Long.MAX_VALUE is never reached by the test's clock.
        Want want = new Want(arrivals++, demand, limited ? now + nanos : Long.MAX_VALUE);
        waiting.add(want);
        FiberTask task = () -> operation.run(want, limited ? Duration.ofNanos(nanos) : null);
        want.attempt = scenario.attempt("want-" + want.arrival, task);
    }

    /**
     * For one that has just got it: nobody that came earlier is still to wait. One that was about
     * to wake for another reason may run before others that got it together with it.
     */
    void assertServedInTurn(Want want) {
        want.served = true;
        if (isLeaving(want)) {
            return;
        }
        for (Want other : waiting) {
            if (other.arrival < want.arrival && !other.served) {
                assertThat(isLeaving(other) || other.attempt.isDone())
                        .as("%d is served before %d, which is to wait", want.arrival, other.arrival)
                        .isTrue();
            }
        }
    }

    private boolean isLeaving(Want want) {
        return want.cancelled || isDue(want);
    }

    private boolean isDue(Want want) {
        return want.deadlineNanos <= scenario.stepped().clock().nanoTime();
    }

    void cancelOne() {
        if (!waiting.isEmpty()) {
            Want want = waiting.get(random.nextInt(waiting.size()));
            want.cancelled = true;
            want.attempt.cancel();
        }
    }

    /** Lets time pass; timers have fired at the end, and nobody woken by them has run. */
    void passTime() {
        scenario.stepped().clock().advance(Duration.ofNanos(random.nextLong(LIMIT_NANOS_MAX / 2)));
        scenario.stepped().turn();
    }

    /** Does a few {@code events} together, then lets all run and looks at those that have ended. */
    List<Want> step(List<Runnable> events) {
        int count = 1 + random.nextInt(EVENTS_TOGETHER_MAX);
        for (int i = 0; i < count; i++) {
            events.get(random.nextInt(events.size())).run();
        }
        return look();
    }

    /** Lets all run, and forgets those that have ended. Those that were served are the answer. */
    List<Want> look() {
        scenario.settle();
        List<Want> served = new ArrayList<>();
        for (Iterator<Want> each = waiting.iterator(); each.hasNext(); ) {
            Want want = each.next();
            if (!want.attempt.isDone()) {
                assertThat(want.cancelled).as("%d is cancelled, and waits", want.arrival).isFalse();
                continue;
            }
            each.remove();
            Throwable failure = want.attempt.failure();
            switch (failure) {
                case null -> {
                    served.add(want);
                    servedCount++;
                }
                case WaitTimeoutException _ -> {
                    assertThat(isDue(want)).as("%d timed out early", want.arrival).isTrue();
                    timedOutCount++;
                }
                case FiberCancelledException _ -> {
                    assertThat(want.cancelled).as("%d was cancelled", want.arrival).isTrue();
                    cancelledCount++;
                }
                default -> {
                    otherFailures.check(want, failure);
                    otherCount++;
                }
            }
        }
        return served;
    }

    int waitingCount() {
        return waiting.size();
    }

    /** The one that has waited longest. */
    Want first() {
        return waiting.getFirst();
    }
}
