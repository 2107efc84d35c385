package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Back-pressure between two shards, step by step. The races are jcstress's. */
class CallRingTest {
    private static final int CAPACITY = CallRing.CAPACITY;

    /** Numbers of the calls, in the order in which they got into the ring, and ran. */
    private final List<Integer> sent = new ArrayList<>();

    private final List<Integer> ran = new ArrayList<>();
    private SteppedReactor source;
    private SteppedReactor target;
    private CallRing ring;

    @Test
    void fullRingMakesCallersWaitAndServesThemInTheirOrder() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            List<Fiber<Integer>> callers = call(3 * CAPACITY + 10);

            source.settle();
            assertThat(sent).isEqualTo(numbers(0, CAPACITY));
            source.settle();
            assertThat(sent).as("as long as nothing is taken").hasSize(CAPACITY);

            target.settle();
            assertThat(ran).isEqualTo(numbers(0, CAPACITY));
            source.settle();
            assertThat(sent).isEqualTo(numbers(0, 2 * CAPACITY));
            bothSettle();

            assertThat(sent).isEqualTo(numbers(0, 3 * CAPACITY + 10));
            assertThat(ran).isEqualTo(sent);
            for (int i = 0; i < callers.size(); i++) {
                assertThat(callers.get(i).isDone()).isTrue();
                source.turn();
                assertThat(callers.get(i).join()).isEqualTo(i);
            }
        });
    }

    @Test
    void callerThatComesWhileOthersWaitQueuesBehindThem() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            call(CAPACITY + 5);
            source.settle();
            target.settle(); // there is room now, but those who wait do not know it yet
            source.start("newcomer", () -> callOne(-1));
            bothSettle();
            assertThat(ran).hasSize(CAPACITY + 6).endsWith(CAPACITY + 4, -1);
        });
    }

    @Test
    void cancelledWaiterIsNotSentAndTheOthersAre() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            List<Fiber<Integer>> callers = call(CAPACITY + 20);
            source.settle();
            List<Integer> gone = List.of(CAPACITY, CAPACITY + 7, CAPACITY + 19);
            gone.forEach(number -> callers.get(number).cancel());
            source.settle();
            bothSettle();

            assertThat(ran).hasSize(CAPACITY + 17).doesNotContainAnyElementsOf(gone);
            source.turn();
            for (int number : gone) {
                assertThatThrownBy(callers.get(number)::join)
                        .isInstanceOf(FiberCancelledException.class);
            }
        });
    }

    @Test
    void waiterCancelledAsItIsToldOfRoomPassesItOn() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            List<Fiber<Integer>> callers = call(CAPACITY + 3);
            source.settle();
            target.settle();
            // The wake-up for the first waiter is under way; it is cancelled before.
            callers.get(CAPACITY).cancel();
            bothSettle();
            assertThat(ran).endsWith(CAPACITY - 1, CAPACITY + 1, CAPACITY + 2);
        });
    }

    @Test
    void callWhoseCallerIsGoneBeforeItStartsDoesNotRun() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            List<Fiber<Integer>> callers = call(3);
            source.settle();
            callers.get(1).cancel();
            source.settle();
            assertThatThrownBy(callers.get(1)::join).isInstanceOf(FiberCancelledException.class);
            bothSettle();
            assertThat(ran).containsExactly(0, 2);
        });
    }

    @Test
    void cancellationThatComesWithTheAnswerIsNotForgotten() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            List<Object> ends = new ArrayList<>();
            Fiber<Void> caller =
                    source.start(
                            "caller",
                            () -> {
                                ends.add(callOne(7));
                                Fiber.sleep(Duration.ofDays(1));
                            });
            source.settle();
            target.settle();
            source.reactor().execute(caller::cancel); // taken in one turn with the answer
            bothSettle();

            assertThat(ends).containsExactly(7);
            assertThatThrownBy(caller::join)
                    .isInstanceOf(FiberCancelledException.class)
                    .hasMessageContaining("was cancelled");
            assertThat(source.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void callThatIsCancelledIsInterruptedAndTheNextOnItsFiberIsNot() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            List<String> ends = new ArrayList<>();
            Fiber<Integer> cancelled = source.start("cancelled", () -> sleepThere("first", ends));
            bothSettle();
            cancelled.cancel();
            source.settle();
            Fiber<Integer> other = source.start("other", () -> sleepThere("second", ends));
            bothSettle();
            assertThat(ends).containsExactly("first cancelled");

            target.clock().advance(Duration.ofSeconds(2));
            bothSettle();
            assertThat(ends).containsExactly("first cancelled", "second slept");
            assertThat(other.isDone()).isTrue();
            assertThat(target.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void callThatIsGivenUpTwiceIsCancelledOnce() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            List<String> ends = new ArrayList<>();
            source.start(
                    "caller",
                    () -> {
                        ShardCall<Integer> call =
                                new ShardCall<>(
                                        ring,
                                        () -> {
                                            int first = sleep("work", ends);
                                            return first + sleep("cleanup", ends);
                                        });
                        call.send();
                        for (int i = 0; i < 2; i++) {
                            Fiber.sleep(Duration.ofMillis(1));
                            call.abandon();
                        }
                    });
            for (long millis : List.of(10L, 10L, 2000L)) {
                bothSettle();
                source.clock().advance(Duration.ofMillis(millis));
            }
            bothSettle();
            assertThat(ends).containsExactly("work cancelled", "cleanup slept");
        });
    }

    /** One interrupt is for two: for the call's own limit, which is over, and for its caller. */
    @Test
    void callIsGivenUpAlsoWhereItsOwnDeadlineHasPassedWithoutEffect() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            List<String> ends = new ArrayList<>();
            WaitPoint uninterrupted = new WaitPoint();
            Fiber<Integer> caller =
                    source.start(
                            "caller",
                            () -> {
                                ShardCall<Integer> call =
                                        new ShardCall<>(
                                                ring,
                                                () -> {
                                                    Deadline.within(
                                                            Duration.ofSeconds(1),
                                                            () -> awaitShielded(uninterrupted));
                                                    return sleep("rest", ends);
                                                });
                                call.send();
                                return call.await();
                            });
            bothSettle();
            target.clock().advance(Duration.ofSeconds(2));
            target.settle(); // the deadline has passed
            caller.cancel();
            bothSettle();
            uninterrupted.signal();
            bothSettle();
            assertThat(ends).containsExactly("rest cancelled");
            assertThat(target.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void failureOfACallThatWasGivenUpIsLoggedAndItsCancellationIsNot() throws Throwable {
        try (LogRecords records = new LogRecords()) {
            SteppedReactor.onCarrier(() -> {
                connect();
                IOException failure = new IOException("disk full");
                Fiber<Object> failing = source.start("failing", () -> sleepThereAndThrow(failure));
                Fiber<Object> ending = source.start("ending", () -> sleepThereAndThrow(null));
                bothSettle();
                failing.cancel();
                ending.cancel();
                bothSettle();
                assertThat(records.mentioning("given it up"))
                        .singleElement()
                        .satisfies(entry -> assertThat(entry.getThrown()).isSameAs(failure));
            });
        }
    }

    private Object sleepThereAndThrow(Exception instead) throws Exception {
        ShardCall<Object> call =
                new ShardCall<>(
                        ring,
                        () -> {
                            try {
                                Fiber.sleep(Duration.ofDays(1));
                            } catch (FiberCancelledException e) {
                                throw instead == null ? e : instead;
                            }
                            return null;
                        });
        call.send();
        return call.await();
    }

    private void awaitShielded(WaitPoint point) {
        WaitPoint.Outcome outcome =
                point.await(
                        target.reactor(),
                        Long.MAX_VALUE,
                        WaitPoint.Cancellation.DEFERRED,
                        "what cannot be interrupted");
        assertThat(outcome).isEqualTo(WaitPoint.Outcome.SIGNALLED);
    }

    private static int sleep(String name, List<String> ends) {
        try {
            Fiber.sleep(Duration.ofSeconds(1));
            ends.add(name + " slept");
        } catch (FiberCancelledException e) {
            ends.add(name + " cancelled");
        }
        return 0;
    }

    private Integer sleepThere(String name, List<String> ends) throws Exception {
        ShardCall<Integer> call = new ShardCall<>(ring, () -> sleep(name, ends));
        call.send();
        return call.await();
    }

    /** Makes two shards and starts {@code count} callers, which have not run yet. */
    private List<Fiber<Integer>> call(int count) {
        connect();
        List<Fiber<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            callers.add(source.start("caller", () -> callOne(number)));
        }
        return callers;
    }

    private void connect() {
        ManualClock clock = new ManualClock();
        target = new SteppedReactor(1, clock);
        source = new SteppedReactor(0, clock);
        CallInbox targetInbox = new CallInbox(target.reactor());
        CallInbox sourceInbox = new CallInbox(source.reactor());
        ring = sourceInbox.callsTo(targetInbox);
        target.reactor().messages(targetInbox);
        source.reactor().messages(sourceInbox);
    }

    private int callOne(int number) throws Exception {
        ShardCall<Integer> call =
                new ShardCall<>(
                        ring,
                        () -> {
                            ran.add(number);
                            return number;
                        });
        call.send();
        sent.add(number);
        return call.await();
    }

    private void bothSettle() {
        for (boolean busy = true; busy; ) {
            busy = target.turn();
            busy |= source.turn();
        }
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
