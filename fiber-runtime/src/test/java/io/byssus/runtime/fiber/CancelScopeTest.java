package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Deadlines and abort sources that stop what runs under them, and nothing else. */
class CancelScopeTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** In which a second passes; a deadline is met at most a tick late. */
    private static final int STEPS = 10;

    private final List<String> events = new ArrayList<>();

    private static Duration seconds(int count) {
        return Duration.ofSeconds(count);
    }

    private static void assertNothingLeft(SteppedReactor stepped) {
        assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        assertThat(stepped.reactor().armedTimers()).isZero();
    }

    /** Runs {@code body} on a fiber for as many seconds; throws what it throws. */
    private static void runFor(SteppedReactor stepped, int seconds, FiberTask body)
            throws Throwable {
        Fiber<Void> fiber = stepped.start("f", body);
        for (int i = 0; i < seconds * STEPS; i++) {
            stepped.advance(SECOND.dividedBy(STEPS));
        }
        assertThat(fiber.isDone()).as("has ended").isTrue();
        try {
            fiber.join();
        } catch (FiberFailedException e) {
            stepped.advance(seconds(2)); // that it was joined is seen
            throw e.getCause();
        } finally {
            assertNothingLeft(stepped);
        }
    }

    @Test
    void workThatIsInTimeReturnsAndLeavesNoTimer() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> fiber =
                    stepped.start(
                            "f",
                            () ->
                                    Deadline.within(
                                            seconds(2),
                                            () -> {
                                                Fiber.sleep(SECOND);
                                                return "done";
                                            }));
            stepped.advance(Duration.ofMillis(1500));
            assertThat(fiber.join()).isEqualTo("done");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void deadlineStopsTheWorkAndItsCallerIsToldWhere() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            Deadline deadline = Deadline.after(SECOND);
                            assertThatThrownBy(() -> deadline.run(() -> Fiber.sleep(LONG)))
                                    .isInstanceOfSatisfying(
                                            DeadlineExceededException.class,
                                            e -> assertThat(e.deadline()).isSameAs(deadline))
                                    .hasMessage(
                                            "fiber 'f' cancelled in Fiber.sleep: its deadline has"
                                                    + " passed")
                                    .hasCauseInstanceOf(FiberCancelledException.class);
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                            Fiber.sleep(Duration.ZERO); // parks as ever
                        }));
    }

    @Test
    void limitIsNamedInTheMessage() throws Throwable {
        SteppedReactor.run(stepped ->
                assertThatThrownBy(() ->
                                runFor(
                                        stepped,
                                        2,
                                        () -> Deadline.within(SECOND, () -> Fiber.sleep(LONG))))
                        .isInstanceOf(DeadlineExceededException.class)
                        .hasMessage(
                                "fiber 'f' cancelled in Fiber.sleep: its limit of PT1S has passed"));
    }

    @Test
    void whatTheBodyThrowsIsThrown() throws Throwable {
        IOException failure = new IOException("gone");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    for (FiberCall<Object, IOException> body :
                            List.<FiberCall<Object, IOException>>of(() -> {
                                throw failure;
                            })) {
                        assertThatThrownBy(() -> Deadline.within(SECOND, body)).isSameAs(failure);
                        assertThatThrownBy(() -> Deadline.NONE.call(body)).isSameAs(failure);
                        assertThatThrownBy(() -> new AbortSource("x").call(body)).isSameAs(failure);
                    }
                }));
    }

    @Test
    void outerDeadlineIsNotTakenForTheInnerOne() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () ->
                                assertThatThrownBy(() ->
                                                Deadline.within(
                                                        SECOND,
                                                        () -> retry(seconds(2), this::sleepLong)))
                                        .isInstanceOf(DeadlineExceededException.class)
                                        .hasMessageContaining("PT1S")));
        assertThat(events).as("no retry").containsExactly("try");
    }

    @Test
    void innerDeadlineIsHandledInsideTheOuterOne() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        5,
                        () ->
                                assertThatThrownBy(() ->
                                                Deadline.within(
                                                        Duration.ofMillis(2800),
                                                        () -> retry(SECOND, this::sleepLong)))
                                        .isInstanceOf(DeadlineExceededException.class)
                                        .hasMessageContaining("PT2.8S")));
        assertThat(events).containsExactly("try", "try", "try");
    }

    private void sleepLong() {
        events.add("try");
        Fiber.sleep(LONG);
    }

    /** What a handler of one's own time limit may look like. */
    private static void retry(Duration limit, FiberAction<RuntimeException> body) {
        boolean done = false;
        while (!done) {
            try {
                Deadline.within(limit, body);
                done = true;
            } catch (DeadlineExceededException e) {
                assert e != null : "once more";
            }
        }
    }

    @Test
    void ofTwoThatHavePassedTheOutermostWins() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            Deadline both = Deadline.after(SECOND);
                            assertThatThrownBy(() ->
                                            both.run(() -> {
                                                try {
                                                    Deadline.within(
                                                            SECOND, () -> Fiber.sleep(LONG));
                                                } catch (DeadlineExceededException e) {
                                                    events.add("inner");
                                                }
                                            }))
                                    .isInstanceOfSatisfying(
                                            DeadlineExceededException.class,
                                            e -> assertThat(e.deadline()).isSameAs(both));
                        }));
        assertThat(events).isEmpty();
    }

    @Test
    void cancelWinsOverADeadlineThatPassesAtTheSameTime() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "f",
                            () -> {
                                Deadline.within(SECOND, () -> Fiber.sleep(LONG));
                            });
            stepped.settle();
            stepped.clock().advance(seconds(2));
            fiber.cancel();
            stepped.turn();
            stepped.settle();
            assertThatThrownBy(fiber::join)
                    .isInstanceOf(FiberCancelledException.class)
                    .hasMessageContaining("was cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void cancelThatComesAfterTheExpiryWinsToo() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "f",
                            () -> {
                                AbortSource source = new AbortSource("s");
                                source.run(() -> {
                                    source.abort();
                                    Fiber.current().cancel();
                                    Fiber.sleep(LONG);
                                });
                            });
            stepped.settle();
            assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void expiryThatStoppedNothingIsTakenBack() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        1,
                        () -> {
                            AbortSource source = new AbortSource("s");
                            String result =
                                    source.call(() -> {
                                        source.abort();
                                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                                        return "did not park";
                                    });
                            assertThat(result).isEqualTo("did not park");
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                            Fiber.sleep(Duration.ofMillis(1));
                        }));
    }

    @Test
    void takingBackKeepsACancellationAndAnOuterExpiry() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> cancelled =
                    stepped.start(
                            "cancelled",
                            () -> {
                                AbortSource source = new AbortSource("s");
                                source.run(() -> {
                                    source.abort();
                                    Fiber.current().cancel();
                                });
                                events.add("left");
                                Fiber.sleep(LONG);
                            });
            stepped.settle();
            assertThatThrownBy(cancelled::join).isInstanceOf(FiberCancelledException.class);
            stepped.onFiber(() -> {
                AbortSource outer = new AbortSource("outer");
                AbortSource inner = new AbortSource("inner");
                assertThatThrownBy(() ->
                                outer.run(() -> {
                                    inner.run(() -> {
                                        inner.abort();
                                        outer.abort();
                                    });
                                    events.add("inner left");
                                    Fiber.sleep(LONG);
                                }))
                        .isInstanceOfSatisfying(
                                AbortedException.class,
                                e -> assertThat(e.source()).isSameAs(outer));
            });
            assertThat(events).containsExactly("left", "inner left");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void eachRequestIsDeliveredOnce() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        4,
                        () ->
                                assertThatThrownBy(() ->
                                                Deadline.within(
                                                        SECOND,
                                                        () -> {
                                                            try {
                                                                Fiber.sleep(LONG);
                                                            } finally {
                                                                Fiber.sleep(SECOND);
                                                                events.add("cleaned up");
                                                            }
                                                        }))
                                        .isInstanceOf(DeadlineExceededException.class)));
        assertThat(events).containsExactly("cleaned up");
    }

    @Test
    void deadlineThatHasPassedStopsTheFirstOperationThatWouldPark() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            Deadline deadline = Deadline.after(SECOND);
                            Fiber.sleep(seconds(2));
                            assertThat(deadline.<String, RuntimeException>call(() -> "quick"))
                                    .isEqualTo("quick");
                            assertThatThrownBy(() -> deadline.run(() -> Fiber.sleep(LONG)))
                                    .isInstanceOf(DeadlineExceededException.class);
                        }));
    }

    @Test
    void jdksBlockingCodeIsStoppedToo() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            assertThatThrownBy(() ->
                                            Deadline.within(
                                                    SECOND, () -> new CountDownLatch(1).await()))
                                    .isInstanceOf(DeadlineExceededException.class)
                                    .rootCause()
                                    .isInstanceOf(InterruptedException.class);
                            Deadline outer = Deadline.after(SECOND);
                            assertThatThrownBy(() ->
                                            outer.run(() ->
                                                    Deadline.within(
                                                            LONG,
                                                            () -> new CountDownLatch(1).await())))
                                    .isInstanceOfSatisfying(
                                            DeadlineExceededException.class,
                                            e -> assertThat(e.deadline()).isSameAs(outer));
                        }));
    }

    @Test
    void interruptBySomebodyElseIsNotTakenForTheDeadline() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "f", () -> Deadline.within(LONG, () -> new CountDownLatch(1).await()));
            stepped.settle();
            fiber.thread().interrupt();
            stepped.settle();
            assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void cancellationThatTheJdkHasThrownDoesNotComeAgain() throws Throwable {
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            Fiber.current().cancel();
                            assertThatThrownBy(() -> new CountDownLatch(1).await())
                                    .isInstanceOf(InterruptedException.class);
                            assertThatThrownBy(
                                            () -> Deadline.within(SECOND, () -> Fiber.sleep(LONG)))
                                    .isInstanceOf(DeadlineExceededException.class);
                        }));
    }

    @Test
    void aFiberThatEndsWithItsDeadlineHasFailed() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start("f", () -> Deadline.within(SECOND, () -> Fiber.sleep(LONG)));
            stepped.advance(seconds(2));
            assertThatThrownBy(fiber::join)
                    .isInstanceOf(FiberFailedException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class);
        });
    }

    @Test
    void noDeadlineIsNoTimer() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() ->
                        Deadline.NONE.run(
                                () -> assertThat(stepped.reactor().armedTimers()).isZero())));
    }

    @Test
    void abortStopsAllThatRunUnderTheSource() throws Throwable {
        IOException cause = new IOException("the database is gone");
        SteppedReactor.run(stepped -> {
            AbortSource source = new AbortSource("database");
            List<Fiber<Void>> fibers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                fibers.add(stepped.start("f", () -> source.run(() -> Fiber.sleep(LONG))));
            }
            Fiber<Void> left = stepped.start("left", () -> source.run(() -> {}));
            Fiber<Void> other = stepped.start("other", () -> Fiber.sleep(SECOND));
            stepped.settle();
            assertThat(source.abort(cause)).isTrue();
            assertThat(source.abort(new IOException("second"))).isFalse();
            assertThat(source.cause()).containsSame(cause);
            stepped.settle();
            for (Fiber<Void> fiber : fibers) {
                assertThatThrownBy(fiber::join)
                        .cause()
                        .isInstanceOf(AbortedException.class)
                        .hasMessage("abort source 'database' was aborted")
                        .hasCause(cause)
                        .satisfies(e ->
                                assertThat(e.getSuppressed()[0])
                                        .hasMessageContaining("cancelled in Fiber.sleep"));
            }
            left.join();
            assertThat(other.isDone()).isFalse();
            stepped.advance(seconds(2));
            other.join();
            stepped.advance(seconds(2)); // the failures have been looked after
            assertNothingLeft(stepped);
        });
    }

    @Test
    void whatIsAbortedAlreadyStopsTheFirstOperationThatWouldPark() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    AbortSource source = new AbortSource("s");
                    source.abort();
                    assertThat(source.isAborted()).isTrue();
                    assertThat(source.cause()).isEmpty();
                    assertThatThrownBy(() -> source.run(() -> Fiber.sleep(LONG)))
                            .isInstanceOf(AbortedException.class)
                            .hasNoCause();
                }));
    }

    @Test
    void abortReachesOtherShards() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor here = new SteppedReactor(0, clock);
            SteppedReactor there = new SteppedReactor(1, clock);
            AbortSource source = new AbortSource("s");
            Fiber<Void> remote = there.start("r", () -> source.run(() -> Fiber.sleep(LONG)));
            there.settle();
            here.onFiber(() -> assertThat(source.abort()).isTrue());
            there.settle();
            assertThatThrownBy(remote::join).hasCauseInstanceOf(AbortedException.class);
        });
    }

    @Test
    void threadOutsideOfTheRuntimeCanAbort() throws Throwable {
        SteppedReactor.run(stepped -> {
            AbortSource source = new AbortSource("s");
            Fiber<Void> fiber = stepped.start("f", () -> source.run(() -> Fiber.sleep(LONG)));
            stepped.settle();
            Thread.ofPlatform().start(source::abort).join();
            stepped.settle();
            assertThatThrownBy(fiber::join).hasCauseInstanceOf(AbortedException.class);
        });
    }

    @Test
    void virtualThreadsThatAreNoFibersAreStoppedToo() throws Throwable {
        AtomicReference<Throwable> end = new AtomicReference<>();
        SteppedReactor.run(stepped ->
                runFor(
                        stepped,
                        3,
                        () -> {
                            Thread plain =
                                    Thread.startVirtualThread(() -> {
                                        try {
                                            Deadline.within(
                                                    LONG,
                                                    () ->
                                                            Deadline.within(
                                                                    SECOND,
                                                                    () -> Fiber.sleep(LONG)));
                                        } catch (DeadlineExceededException e) {
                                            end.set(e);
                                        }
                                    });
                            plain.join();
                        }));
        assertThat(end.get()).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void badInputIsRefused() throws Throwable {
        AbortSource source = new AbortSource("s");
        assertThatThrownBy(() -> source.abort(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("why=null");
        assertThatThrownBy(() -> source.run(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not on a shard");
        SteppedReactor.run(stepped ->
                stepped.onFiber(() ->
                        assertThatThrownBy(() -> Deadline.within(seconds(-1), () -> {}))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessage("duration=PT-1S: must not be negative")));
    }
}
