package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.fiber.WaitPoint.Cancellation;
import io.byssus.runtime.fiber.WaitPoint.Outcome;
import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A call to another shard that is stopped: what its caller, the call, and the next calls see. */
class CallCancelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofDays(1);

    private final List<String> events = new ArrayList<>();
    private final WaitPoint shield = new WaitPoint();
    private final Set<Thread> runners = new LinkedHashSet<>();

    /** What a call does that is to be stopped. */
    private Void sleepLong() {
        runners.add(Thread.currentThread());
        try {
            Fiber.sleep(LONG);
        } catch (FiberCancelledException e) {
            events.add("stopped");
            throw e;
        }
        return null;
    }

    /** A call that finds out whether its fiber is as good as new. */
    private Void look() {
        runners.add(Thread.currentThread());
        events.add(Thread.currentThread().isInterrupted() ? "interrupted" : "fine");
        Fiber.sleep(SECOND);
        events.add("slept");
        return null;
    }

    @Test
    void deadlineOfTheCallerStopsTheCallAndFreesItsSlotWhenThatHasEnded() throws Throwable {
        SteppedPair.run(pair -> {
            CallSlots slots = new CallSlots("a slot", 1);
            Fiber<Void> caller =
                    pair.source.start(
                            "caller",
                            () -> {
                                Deadline.within(
                                        SECOND, () -> pair.callIn(slots, this::sleepAndCleanUp));
                            });
            Fiber<Void> next =
                    pair.source.start(
                            "next",
                            () -> {
                                events.add(pair.callIn(slots, () -> "next"));
                            });
            pair.advance(Duration.ofSeconds(2));

            pair.source.turn();
            assertThatThrownBy(caller::join)
                    .isInstanceOf(FiberFailedException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class)
                    .hasMessageContaining("in a call to shard 1: its limit of PT1S has passed");
            assertThat(events).as("it has not ended").containsExactly("stopped");
            assertThat(slots.free()).isZero();

            pair.advance(Duration.ofSeconds(10));
            assertThat(next.isDone()).isTrue();
            assertThat(events).containsExactly("stopped", "cleaned up", "next");
            assertThat(slots.free()).isEqualTo(1);
            assertThat(pair.left()).isEmpty();
        });
    }

    private Void sleepAndCleanUp() {
        try {
            return sleepLong();
        } finally {
            Fiber.sleep(Duration.ofSeconds(5));
            events.add("cleaned up");
        }
    }

    @Test
    void callThatIsGivenUpEndsAlthoughADeadlineOfItsOwnHasPassedBefore() throws Throwable {
        SteppedPair.run(pair -> {
            Fiber<Void> caller = pair.source.start("caller", () -> pair.call(this::retry));
            giveUpAfterItsOwnDeadline(pair, caller);
            assertThat(events).containsExactly("stopped");
            assertThat(pair.left()).isEmpty();
        });
    }

    /** Holds its limit against itself only. */
    private Void retry() {
        for (int attempt = 0; attempt < 3; attempt++) {
            try {
                Deadline.within(
                        SECOND,
                        () -> {
                            awaitShielded();
                            sleepLong();
                        });
            } catch (DeadlineExceededException e) {
                events.add("timed out");
            }
        }
        return null;
    }

    @Test
    void callThatIsGivenUpEndsAlthoughItLeavesWhatHadATimeLimit() throws Throwable {
        SteppedPair.run(pair -> {
            Fiber<Void> caller = pair.source.start("caller", () -> pair.call(this::leaveTooLate));
            giveUpAfterItsOwnDeadline(pair, caller);
            assertThat(events).containsExactly("left", "stopped");
            assertThat(pair.left()).isEmpty();
        });
    }

    private Void leaveTooLate() {
        Deadline.within(
                SECOND,
                () -> {
                    awaitShielded();
                    events.add("left");
                });
        return sleepLong();
    }

    /** Neither the deadline nor the cancellation is noticed before both have come. */
    private void giveUpAfterItsOwnDeadline(SteppedPair pair, Fiber<Void> caller) {
        pair.advance(Duration.ofSeconds(2));
        caller.cancel();
        pair.settle();
        assertThat(events).isEmpty();
        pair.target.reactor().execute(shield::signal);
        pair.settle();
    }

    private void awaitShielded() {
        Outcome outcome =
                shield.await(Reactor.current(), Long.MAX_VALUE, Cancellation.DEFERRED, "the test");
        assertThat(outcome).isEqualTo(Outcome.SIGNALLED);
    }
}
