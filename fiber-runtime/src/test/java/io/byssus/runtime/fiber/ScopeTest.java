package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Scope.Policy;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a scope starts, joins and cancels. What is built on it is in {@link ParallelTest}. */
class ScopeTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> events = new ArrayList<>();

    /** Sleeps; says so if it is not let. */
    private void sleep(String name, Duration duration) {
        try {
            Fiber.sleep(duration);
            events.add(name + " slept");
        } catch (FiberCancelledException e) {
            events.add(name + " cancelled");
            throw e;
        }
    }

    private static void assertNothingLeft(SteppedReactor stepped) {
        assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        assertThat(stepped.reactor().armedTimers()).isZero();
    }

    @Test
    void joinWaitsForAllFibersAndTheirResultsAreThere() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Integer> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("sum")) {
                                    Fiber<Integer> one =
                                            scope.start(
                                                    "one",
                                                    () -> {
                                                        sleep("one", SECOND);
                                                        return 1;
                                                    });
                                    Fiber<Integer> two = scope.start("two", () -> 2);
                                    scope.join();
                                    assertThat(one.isDone() && two.isDone()).isTrue();
                                    return one.join() + two.join();
                                }
                            });
            stepped.settle();
            assertThat(owner.isDone()).isFalse();
            stepped.advance(Duration.ofSeconds(2));
            assertThat(owner.join()).isEqualTo(3);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void scopeWithoutFibersJoinsAndClosesAtOnce() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    for (Policy policy : List.of(Policy.CANCEL_ON_FAILURE, Policy.WAIT_FOR_ALL)) {
                        try (Scope scope = Scope.open("empty", policy)) {
                            scope.join();
                        }
                    }
                    for (Policy policy : List.of(Policy.FIRST_END, Policy.FIRST_SUCCESS)) {
                        try (Scope scope = Scope.open("empty", policy)) {
                            assertThatThrownBy(scope::join)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("scope 'empty'")
                                    .hasMessageContaining("has started nothing");
                        }
                    }
                }));
    }

    @Test
    void firstFailureCancelsTheOthersAndIsThrownWhenTheyHaveEnded() throws Throwable {
        IOException failure = new IOException("no route");
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() -> {
                try (Scope scope = Scope.open("group")) {
                    Fiber<Void> sleeper = scope.start("sleeper", () -> sleep("sleeper", LONG));
                    scope.start("failing", () -> FiberTest.fail(failure));
                    assertThatThrownBy(scope::join)
                            .isInstanceOf(FiberFailedException.class)
                            .hasMessageContaining("fiber 'failing' on shard 0 failed")
                            .cause()
                            .isSameAs(failure);
                    assertThat(sleeper.isDone()).isTrue();
                    assertThat(scope.isCancelled()).isTrue();
                }
            });
            assertThat(events).containsExactly("sleeper cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void cancelledFiberIsToldWhy() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group")) {
                        AtomicReference<String> told = new AtomicReference<>();
                        scope.start(
                                "sleeper",
                                () -> {
                                    try {
                                        Fiber.sleep(LONG);
                                    } catch (FiberCancelledException e) {
                                        told.set(e.getMessage());
                                    }
                                });
                        scope.start("failing", () -> FiberTest.fail(new IOException("x")));
                        assertThatThrownBy(scope::join).isInstanceOf(FiberFailedException.class);
                        assertThat(told.get())
                                .isEqualTo(
                                        "fiber 'sleeper' cancelled in Fiber.sleep: fiber 'failing'"
                                                + " on shard 0 failed");
                    }
                }));
    }

    @Test
    void failuresThatFollowAreSuppressedInTheFirst() throws Throwable {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group")) {
                        scope.start(
                                "cleans up badly",
                                () -> {
                                    try {
                                        Fiber.sleep(LONG);
                                    } finally {
                                        FiberTest.fail(second);
                                    }
                                });
                        scope.start("failing", () -> FiberTest.fail(first));
                        assertThatThrownBy(scope::join)
                                .isInstanceOf(FiberFailedException.class)
                                .hasCause(first)
                                .hasSuppressedException(second);
                    }
                }));
    }

    @Test
    void moreFailuresThanAreKeptAreCounted() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group", Policy.WAIT_FOR_ALL)) {
                        for (int i = 0; i < 20; i++) {
                            scope.start("failing", () -> FiberTest.fail(new IOException("no")));
                        }
                        assertThatThrownBy(scope::join)
                                .hasMessageContaining("(and 4 more)")
                                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(15));
                    }
                }));
    }

    @Test
    void waitForAllLetsTheOthersGoOnAndThenThrowsTheFailure() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("group", Policy.WAIT_FOR_ALL)) {
                                    scope.start("one", () -> sleep("one", SECOND));
                                    scope.start("two", () -> FiberTest.fail(new IOException("2")));
                                    assertThatThrownBy(scope::join)
                                            .isInstanceOf(FiberFailedException.class)
                                            .hasMessageContaining("two");
                                    assertThat(scope.isCancelled()).isFalse();
                                }
                            });
            stepped.settle();
            assertThat(owner.isDone()).isFalse();
            stepped.advance(Duration.ofSeconds(2));
            owner.join();
            assertThat(events).containsExactly("one slept");
        });
    }

    @Test
    void firstSuccessCancelsTheOthersAndFailuresBeforeItDoNotCount() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("race", Policy.FIRST_SUCCESS)) {
                                    scope.start("bad", () -> FiberTest.fail(new IOException("x")));
                                    scope.start("slow", () -> sleep("slow", LONG));
                                    Fiber<Void> quick =
                                            scope.start("quick", () -> sleep("quick", SECOND));
                                    scope.join();
                                    assertThat(scope.first()).isSameAs(quick);
                                }
                            });
            stepped.advance(Duration.ofSeconds(2));
            owner.join();
            assertThat(events).containsExactly("quick slept", "slow cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void withoutAnySuccessTheFirstFailureIsThrown() throws Throwable {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("race", Policy.FIRST_SUCCESS)) {
                        scope.start("one", () -> FiberTest.fail(first));
                        scope.start("two", () -> FiberTest.fail(second));
                        assertThatThrownBy(scope::join)
                                .hasCause(first)
                                .hasSuppressedException(second);
                        assertThatThrownBy(scope::first)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("policy=FIRST_SUCCESS");
                    }
                }));
    }

    @Test
    void childThatSomebodyElseCancelsIsNoFailure() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group")) {
                        Fiber<Void> child = scope.start("child", () -> Fiber.sleep(LONG));
                        Fiber<String> other = scope.start("other", () -> "done");
                        child.cancel();
                        scope.join();
                        assertThat(other.join()).isEqualTo("done");
                        assertThatThrownBy(child::join).isInstanceOf(FiberCancelledException.class);
                    }
                    try (Scope scope = Scope.open("race", Policy.FIRST_SUCCESS)) {
                        scope.start("child", () -> Fiber.sleep(LONG)).cancel();
                        assertThatThrownBy(scope::join)
                                .isInstanceOf(FiberCancelledException.class)
                                .hasMessageContaining("no fiber of scope 'race' succeeded");
                    }
                }));
    }

    @Test
    void closeCancelsWhatRunsAndWaitsForIt() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("group")) {
                                    scope.start(
                                            "tidy",
                                            () -> {
                                                try {
                                                    Fiber.sleep(LONG);
                                                } catch (FiberCancelledException e) {
                                                    Fiber.sleep(SECOND); // takes its time
                                                    events.add("tidy");
                                                }
                                            });
                                    Thread.yield();
                                }
                                events.add("closed");
                            });
            stepped.settle();
            assertThat(owner.isDone()).isFalse();
            stepped.advance(Duration.ofSeconds(2));
            owner.join();
            assertThat(events).containsExactly("tidy", "closed");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void cancelledOwnerCancelsItsChildrenAwaitsThemAndIsCancelled() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("outer")) {
                                    scope.start(
                                            "child",
                                            () -> {
                                                try (Scope inner = Scope.open("inner")) {
                                                    inner.start("a", () -> sleep("a", LONG));
                                                    inner.start("b", () -> sleep("b", LONG));
                                                    inner.join();
                                                }
                                            });
                                    scope.join();
                                }
                            });
            stepped.settle();
            owner.cancel();
            stepped.settle();
            assertThat(owner.isDone()).isTrue();
            assertThatThrownBy(owner::join).isInstanceOf(FiberCancelledException.class);
            assertThat(events).containsExactly("a cancelled", "b cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void ownerCancelledWhileItClosesGoesOnWaitingAndIsCancelledAfterwards() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope = Scope.open("group")) {
                                    scope.start(
                                            "slow to end",
                                            () -> {
                                                try {
                                                    Fiber.sleep(LONG);
                                                } finally {
                                                    sleep("cleanup", SECOND);
                                                }
                                            });
                                    Thread.yield();
                                }
                                events.add("closed");
                                Fiber.sleep(LONG);
                            });
            stepped.settle();
            owner.cancel();
            stepped.settle();
            assertThat(owner.isDone()).isFalse();
            stepped.advance(Duration.ofSeconds(2));
            assertThat(owner.isDone()).isTrue();
            assertThat(events).containsExactly("cleanup slept", "closed");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void deadlineCancelsTheFibersAndJoinSaysSo() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                Deadline deadline = Deadline.after(SECOND);
                                try (Scope scope =
                                        Scope.open("timed", Policy.WAIT_FOR_ALL, deadline)) {
                                    scope.start("quick", () -> sleep("quick", SECOND.dividedBy(2)));
                                    scope.start("slow", () -> sleep("slow", LONG));
                                    assertThatThrownBy(scope::join)
                                            .isInstanceOfSatisfying(
                                                    DeadlineExceededException.class,
                                                    e ->
                                                            assertThat(e.deadline())
                                                                    .isSameAs(deadline))
                                            .hasMessage("the deadline of scope 'timed' has passed");
                                    scope.start("late", () -> sleep("late", LONG));
                                }
                            });
            stepped.advance(Duration.ofMillis(600));
            stepped.advance(SECOND);
            owner.join();
            assertThat(events).containsExactly("quick slept", "slow cancelled", "late cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void deadlineThatPassesWhenAllIsDoneChangesNothing() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> owner =
                    stepped.start(
                            "owner",
                            () -> {
                                try (Scope scope =
                                        Scope.open(
                                                "timed",
                                                Policy.CANCEL_ON_FAILURE,
                                                Deadline.after(SECOND))) {
                                    Fiber<String> quick = scope.start("quick", () -> "in time");
                                    Fiber.sleep(SECOND.multipliedBy(2));
                                    scope.join();
                                    return quick.join();
                                }
                            });
            stepped.advance(SECOND.multipliedBy(3));
            assertThat(owner.join()).isEqualTo("in time");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void deadlineAroundTheScopeReachesOwnerAndChildren() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> owner =
                    stepped.start("owner", () -> Deadline.within(SECOND, this::ownerSleepsToo));
            stepped.advance(SECOND.multipliedBy(2));
            assertThatThrownBy(owner::join).hasCauseInstanceOf(DeadlineExceededException.class);
            assertThat(events).containsExactly("owner cancelled", "child cancelled");
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        });
    }

    private void ownerSleepsToo() {
        try (Scope scope = Scope.open("group")) {
            scope.start("child", () -> sleep("child", LONG));
            sleep("owner", LONG);
        }
    }

    @Test
    void failuresOfAScopeAreNotLoggedAsUnjoined() throws Throwable {
        try (LogRecords log = new LogRecords()) {
            SteppedReactor.run(stepped -> {
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group", Policy.WAIT_FOR_ALL)) {
                        scope.start("failing", () -> FiberTest.fail(new IOException("handled")));
                        assertThatThrownBy(scope::join).isInstanceOf(FiberFailedException.class);
                    }
                });
                stepped.advance(Duration.ofSeconds(10));
                assertThat(log.mentioning("failing")).isEmpty();
                assertNothingLeft(stepped);
            });
        }
    }

    @Test
    void failureThatACancellationHidesIsLogged() throws Throwable {
        try (LogRecords log = new LogRecords()) {
            SteppedReactor.run(stepped -> {
                Fiber<Void> owner = stepped.start("owner", this::holdOneThatCleansUpBadly);
                stepped.settle();
                owner.cancel();
                stepped.settle();
                assertThatThrownBy(owner::join).isInstanceOf(FiberCancelledException.class);
                assertThat(log.mentioning("fiber 'owner' on shard 0 was cancelled, and a fiber"))
                        .singleElement()
                        .satisfies(record ->
                                assertThat(record.getThrown()).hasRootCauseMessage("dirt"));
            });
        }
    }

    private void holdOneThatCleansUpBadly() {
        try (Scope scope = Scope.open("group")) {
            scope.start(
                    "child",
                    () -> {
                        try {
                            Fiber.sleep(LONG);
                        } finally {
                            FiberTest.fail(new IOException("dirt"));
                        }
                    });
            scope.join();
        }
    }

    @Test
    void failureThatNoJoinHasThrownIsThrownByClose() throws Throwable {
        IOException failure = new IOException("unseen");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    assertThatThrownBy(
                                    () -> {
                                        try (Scope scope = Scope.open("group")) {
                                            scope.start("failing", () -> FiberTest.fail(failure));
                                            Thread.yield();
                                        }
                                    })
                            .isInstanceOf(FiberFailedException.class)
                            .hasCause(failure);
                    try (Scope scope = Scope.open("group", Policy.WAIT_FOR_ALL)) {
                        Fiber<?> child = scope.start("failing", () -> FiberTest.fail(failure));
                        assertThatThrownBy(child::join).hasCause(failure); // that is enough
                    }
                }));
    }

    @Test
    void cancelEndsTheFibersAndThoseThatFollow() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group")) {
                        scope.start("one", () -> sleep("one", LONG));
                        scope.cancel();
                        scope.start("two", () -> sleep("two", LONG));
                        scope.join();
                    }
                    assertThat(events).containsExactly("one cancelled", "two cancelled");
                }));
    }

    @Test
    void onlyTheOwnerUsesItAndNobodyOnceItIsClosed() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Scope scope = Scope.open("mine");
                    Fiber<Void> other =
                            Fiber.start(
                                    "other",
                                    () -> {
                                        for (Runnable use : uses(scope)) {
                                            assertThatThrownBy(use::run)
                                                    .isInstanceOf(IllegalStateException.class)
                                                    .hasMessage(
                                                            "scope 'mine' belongs to fiber 'test',"
                                                                    + " used from 'other'");
                                        }
                                    });
                    other.join();
                    scope.close();
                    for (Runnable use : uses(scope)) {
                        assertThatThrownBy(use::run)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("scope 'mine' is closed");
                    }
                }));
        assertThatThrownBy(() -> Scope.open("nowhere"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not on a shard");
    }

    private static List<Runnable> uses(Scope scope) {
        return List.of(
                () -> scope.start("child", () -> {}), scope::join, scope::cancel, scope::close);
    }

    @Test
    void parkedOwnerNamesItsScopeAndWhomItWaitsFor() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("group")) {
                        Fiber<Void> child = scope.start("child", () -> Fiber.sleep(LONG));
                        scope.start("done", () -> {});
                        Thread.yield();
                        assertThat(scope).hasToString("scope 'group' (1 of 2 fibers live)");
                        assertThat(scope.holders()).containsExactly(child.thread());
                    }
                }));
    }
}
