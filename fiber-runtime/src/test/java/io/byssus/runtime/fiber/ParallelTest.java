package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code forEach}, {@code whenAny} and their kin. */
class ParallelTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> events = new ArrayList<>();
    private int running;
    private int runningMost;

    private static void assertNothingLeft(SteppedReactor stepped) {
        assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        assertThat(stepped.reactor().armedTimers()).isZero();
    }

    private Callable<String> after(Duration delay, String result) {
        return () -> {
            try {
                Fiber.sleep(delay);
                return result;
            } catch (FiberCancelledException e) {
                events.add(result + " cancelled");
                throw e;
            }
        };
    }

    private static Callable<String> failing(IOException failure) {
        return () -> {
            throw failure;
        };
    }

    @Test
    void eachItemIsWorkedOnInOrderAndNoMoreAtATimeThanAllowed() throws Throwable {
        List<Integer> items = IntStream.range(0, 20).boxed().toList();
        List<Integer> starts = new ArrayList<>();
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () ->
                                    Parallel.forEach(
                                            items,
                                            3,
                                            item -> {
                                                starts.add(item);
                                                runningMost = Math.max(runningMost, ++running);
                                                Fiber.sleep(Duration.ofMillis(7 - item % 5));
                                                running--;
                                            }));
            for (int i = 0; !owner.isDone(); i++) {
                assertThat(i).isLessThan(1000);
                stepped.advance(Duration.ofMillis(1));
            }
            owner.join();
            assertThat(starts).isEqualTo(items);
            assertThat(runningMost).isEqualTo(3);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void noItemIsTakenBeforeThereIsRoomForIt() throws Throwable {
        Iterator<Integer> endless = IntStream.iterate(0, i -> i + 1).iterator();
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner", () -> Parallel.forEach(endless, 4, item -> Fiber.sleep(LONG)));
            stepped.settle();
            assertThat(endless.next()).as("four were taken").isEqualTo(4);
            owner.cancel();
            stepped.settle();
            assertThatThrownBy(owner::join).isInstanceOf(FiberCancelledException.class);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void firstFailureCancelsTheRestAndTakesNoMoreItems() throws Throwable {
        IOException failure = new IOException("item 2");
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() ->
                    assertThatThrownBy(() ->
                                    Parallel.forEach(
                                            List.of(0, 1, 2, 3, 4, 5),
                                            3,
                                            item -> {
                                                events.add("item " + item);
                                                if (item == 2) {
                                                    throw failure;
                                                }
                                                Fiber.sleep(LONG);
                                            }))
                            .isInstanceOf(FiberFailedException.class)
                            .hasCause(failure));
            assertThat(events).containsExactly("item 0", "item 1", "item 2");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void failureOfTheIteratorEndsTheRestAndIsThrown() throws Throwable {
        Iterator<Integer> failing =
                IntStream.range(0, 5).map(i -> i < 2 ? i : Math.floorDiv(i, 0)).iterator();
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() ->
                    assertThatThrownBy(() ->
                                    Parallel.forEach(
                                            failing,
                                            3,
                                            item -> {
                                                events.add("item " + item);
                                                Fiber.sleep(LONG);
                                            }))
                            .isInstanceOf(ArithmeticException.class));
            assertThat(events).as("those that ran").isSubsetOf("item 0", "item 1");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void concurrencyMustBePositive() {
        for (int concurrency : new int[] {0, -1}) {
            assertThatThrownBy(() -> Parallel.forEach(List.of(1), concurrency, item -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("concurrency=" + concurrency + ": must be positive");
        }
    }

    @Test
    void whenAnyReturnsTheFirstAndTheLosersHaveEnded() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                String winner =
                                        Parallel.whenAny(
                                                after(LONG, "slow"),
                                                after(SECOND, "quick"),
                                                after(LONG, "slower"));
                                events.add("returned");
                                return winner;
                            });
            stepped.advance(SECOND.multipliedBy(2));
            assertThat(owner.join()).isEqualTo("quick");
            assertThat(events).containsExactly("slow cancelled", "slower cancelled", "returned");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void whenAnyThrowsIfTheFirstToEndHasFailed() throws Throwable {
        IOException failure = new IOException("down");
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() ->
                    assertThatThrownBy(
                                    () -> Parallel.whenAny(after(LONG, "slow"), failing(failure)))
                            .isInstanceOf(FiberFailedException.class)
                            .hasCause(failure));
        });
    }

    @Test
    void whenAnySucceedsPassesOverFailures() throws Throwable {
        IOException failure = new IOException("down");
        SteppedReactor.run(stepped -> {
            Fiber<String> owner =
                    stepped.start(
                            "owner",
                            () ->
                                    Parallel.whenAnySucceeds(
                                            List.of(
                                                    failing(failure),
                                                    after(SECOND, "second"),
                                                    after(LONG, "third"))));
            stepped.advance(SECOND.multipliedBy(2));
            assertThat(owner.join()).isEqualTo("second");
            stepped.onFiber(() ->
                    assertThatThrownBy(() -> Parallel.whenAnySucceeds(failing(failure)))
                            .isInstanceOf(FiberFailedException.class)
                            .hasCause(failure));
            assertNothingLeft(stepped);
        });
    }

    @Test
    void whenAllReturnsTheResultsInOrder() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<List<String>> owner =
                    stepped.start(
                            "owner",
                            () -> Parallel.whenAll(after(SECOND, "a"), after(Duration.ZERO, "b")));
            stepped.advance(SECOND.multipliedBy(2));
            assertThat(owner.join()).containsExactly("a", "b");
            stepped.onFiber(() -> assertThat(Parallel.whenAll(List.of())).isEmpty());
        });
    }

    @Test
    void nothingCannotBeFirst() {
        assertThatThrownBy(() -> Parallel.whenAny(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bodies=[]: at least one is needed");
        assertThatThrownBy(() -> Parallel.whenAnySucceeds(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bodies=[]: at least one is needed");
    }

    @Test
    void cancelledCallerTakesTheFibersWithIt() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<Fiber<?>> callers =
                    List.of(
                            stepped.start("any", () -> Parallel.whenAny(after(LONG, "any"))),
                            stepped.start(
                                    "succeeds",
                                    () -> Parallel.whenAnySucceeds(after(LONG, "first"))),
                            stepped.start("all", () -> Parallel.whenAll(after(LONG, "all"))));
            stepped.settle();
            callers.forEach(Fiber::cancel);
            stepped.settle();
            for (Fiber<?> caller : callers) {
                assertThat(caller.isDone()).isTrue();
                assertThatThrownBy(caller::join).isInstanceOf(FiberCancelledException.class);
            }
            assertThat(events).containsExactly("any cancelled", "first cancelled", "all cancelled");
            assertNothingLeft(stepped);
        });
    }
}
