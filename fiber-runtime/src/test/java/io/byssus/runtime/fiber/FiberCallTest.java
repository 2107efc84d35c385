package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** {@link Fiber#call} in another scheduling group: as if the caller itself were there. */
class FiberCallTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SchedulingGroup main = SchedulingGroup.main();
    private final SchedulingGroup group = new SchedulingGroup("batch", 100);
    private final List<SchedulingGroup> seen = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();

    private void look() {
        seen.add(Reactor.current().runningGroup());
    }

    /** Sleeps for ever; when it is stopped, it takes a second to clean up. */
    private Void sleepAndTidyUp() {
        try {
            Fiber.sleep(LONG);
        } finally {
            Fiber.sleep(SECOND);
            ends.add("body");
        }
        return null;
    }

    private static void run(SteppedReactor stepped, int seconds) {
        for (int i = 0; i < seconds * 10; i++) {
            stepped.advance(SECOND.dividedBy(10));
        }
    }

    private static void assertNothingLeft(SteppedReactor stepped) {
        assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        assertThat(stepped.reactor().armedTimers()).isZero();
    }

    @Test
    void callRunsInTheGroupAndAnswersInTheCallers() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    String result =
                            Fiber.call(
                                    group,
                                    () -> {
                                        look();
                                        Fiber<?> inner = Fiber.current();
                                        assertThat(Fiber.<Fiber<?>>call(group, Fiber::current))
                                                .as("in the group already")
                                                .isSameAs(inner);
                                        return "done";
                                    });
                    look();
                    assertThat(result).isEqualTo("done");
                    assertThat(seen).containsExactly(group, main);
                }));
    }

    @Test
    void callThrowsWhatItsBodyThrows() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    IOException checked = new IOException("checked");
                    assertThatThrownBy(() ->
                                    Fiber.call(
                                            group,
                                            () -> {
                                                throw checked;
                                            }))
                            .isSameAs(checked);
                    AssertionError error = new AssertionError("error");
                    assertThatThrownBy(() ->
                                    Fiber.call(
                                            group,
                                            () -> {
                                                throw error;
                                            }))
                            .isSameAs(error);
                }));
    }

    @Test
    void cancelledCallerStopsItsCallAndAwaitsItsEnd() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                try {
                                    Fiber.call(group, this::sleepAndTidyUp);
                                } finally {
                                    ends.add("caller");
                                }
                            });
            stepped.settle();
            caller.cancel();
            stepped.settle();
            assertThat(ends).as("while the body cleans up").isEmpty();
            run(stepped, 2);
            assertThat(ends).containsExactly("body", "caller");
            assertThatThrownBy(caller::join)
                    .isInstanceOf(FiberCancelledException.class)
                    .hasMessage("fiber 'caller' on shard 0 was cancelled");
            assertNothingLeft(stepped);
        });
    }

    @Test
    void secondCancellationIsTheNextOperationsOfTheCaller() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                try {
                                    Fiber.call(group, this::sleepAndTidyUp);
                                } catch (FiberCancelledException e) {
                                    ends.add("caller");
                                    Fiber.sleep(LONG);
                                }
                            });
            stepped.settle();
            caller.cancel();
            stepped.settle();
            caller.cancel();
            stepped.settle();
            assertThat(ends).as("awaited all the same").isEmpty();
            run(stepped, 2);
            assertThat(ends).containsExactly("body", "caller");
            assertThat(caller.isDone()).isTrue();
            assertNothingLeft(stepped);
        });
    }

    @Test
    void expiredDeadlineOfTheCallerStopsItsCallAndAwaitsItsEnd() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                assertThatThrownBy(() ->
                                                Deadline.within(
                                                        SECOND,
                                                        () ->
                                                                Fiber.call(
                                                                        group,
                                                                        this::sleepAndTidyUp)))
                                        .isInstanceOf(DeadlineExceededException.class)
                                        .hasMessageContaining("its limit of PT1S has passed");
                                ends.add("caller");
                                assertThat(Fiber.liveOn(Reactor.current()))
                                        .containsExactly(Fiber.current());
                                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                                Fiber.sleep(Duration.ZERO); // parks as ever
                            });
            run(stepped, 1);
            assertThat(ends).isEmpty();
            run(stepped, 2);
            assertThat(ends).containsExactly("body", "caller");
            caller.join();
            assertNothingLeft(stepped);
        });
    }

    @Test
    void outerDeadlineThatPassesDuringTheCleanUpIsTheNextOperations() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                assertThatThrownBy(() ->
                                                Deadline.within(
                                                        SECOND.plusMillis(500),
                                                        this::callWithinASecond))
                                        .isInstanceOf(DeadlineExceededException.class)
                                        .hasMessageContaining("PT1.5S");
                            });
            run(stepped, 4);
            assertThat(ends).containsExactly("body", "inner deadline");
            caller.join();
            assertNothingLeft(stepped);
        });
    }

    private void callWithinASecond() throws Exception {
        try {
            Deadline.within(SECOND, () -> Fiber.call(group, this::sleepAndTidyUp));
        } catch (DeadlineExceededException e) {
            ends.add("inner deadline");
        }
        Fiber.sleep(LONG);
    }

    @Test
    void abortOfTheCallerStopsItsCallAndAwaitsItsEnd() throws Throwable {
        SteppedReactor.run(stepped -> {
            AbortSource source = new AbortSource("shutdown");
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                assertThatThrownBy(() ->
                                                source.call(() ->
                                                        Fiber.call(group, this::sleepAndTidyUp)))
                                        .isInstanceOf(AbortedException.class);
                                ends.add("caller");
                            });
            stepped.settle();
            source.abort();
            run(stepped, 2);
            assertThat(ends).containsExactly("body", "caller");
            caller.join();
            assertNothingLeft(stepped);
        });
    }

    @Test
    void deadlineInsideOfTheBodyIsTheBodysOwn() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                assertThatThrownBy(() -> Fiber.call(group, this::withinASecond))
                                        .isInstanceOf(DeadlineExceededException.class);
                            });
            run(stepped, 3);
            caller.join();
            assertThat(ends).containsExactly("body");
            assertNothingLeft(stepped);
        });
    }

    private Void withinASecond() {
        return Deadline.within(SECOND, this::sleepAndTidyUp);
    }

    @Test
    void bodyThatEndsBeforeTheCancellationArrivesHasItsResult() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                Fiber<?> self = Fiber.current();
                                ends.add(
                                        Fiber.call(
                                                group,
                                                () -> {
                                                    self.cancel();
                                                    return "result";
                                                }));
                                Fiber.sleep(LONG);
                            });
            stepped.settle();
            assertThat(ends).containsExactly("result");
            assertThatThrownBy(caller::join).isInstanceOf(FiberCancelledException.class);
            assertNothingLeft(stepped);
        });
    }

    @Test
    void failureOfABodyThatWasStoppedIsReportedAsHidden() throws Throwable {
        try (LogRecords records = new LogRecords()) {
            SteppedReactor.run(stepped -> {
                Callable<Void> fails =
                        () -> {
                            try {
                                Fiber.sleep(LONG);
                            } catch (FiberCancelledException e) {
                                throw new IOException("in the clean-up", e);
                            }
                            return null;
                        };
                Fiber<Void> caller =
                        stepped.start(
                                "caller",
                                () -> {
                                    Fiber.call(group, fails);
                                });
                stepped.settle();
                caller.cancel();
                run(stepped, 3);
                assertThatThrownBy(caller::join).isInstanceOf(FiberCancelledException.class);
                assertNothingLeft(stepped);
            });
            assertThat(records.mentioning("a fiber of its scope failed"))
                    .singleElement()
                    .satisfies(record ->
                            assertThat(record.getThrown().getCause())
                                    .hasMessage("in the clean-up"));
        }
    }

    @Test
    void shardThatCancelsItsFibersEndsBoth() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> caller =
                    stepped.start(
                            "caller",
                            () -> {
                                Fiber.call(group, this::sleepUntilStopped);
                            });
            stepped.settle();
            Fiber.cancelAllOn(stepped.reactor());
            stepped.settle();
            assertThat(ends).containsExactly("body");
            assertThatThrownBy(caller::join).isInstanceOf(FiberCancelledException.class);
            assertNothingLeft(stepped);
        });
    }

    private Void sleepUntilStopped() {
        try {
            Fiber.sleep(LONG);
        } finally {
            ends.add("body");
        }
        return null;
    }

    @Test
    void virtualThreadThatIsNoFiberMayCall() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Thread thread =
                            Thread.startVirtualThread(() -> {
                                try {
                                    Fiber.call(
                                            group,
                                            () -> {
                                                look();
                                                return null;
                                            });
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                                look();
                            });
                    thread.join();
                    assertThat(seen).containsExactly(group, main);
                }));
    }
}
