package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class FiberCancelTest {
    private static final Duration LONG = Duration.ofDays(1);

    private final List<String> events = new ArrayList<>();

    @Test
    void parkedOperationThrowsAndTheInterruptStatusIsClear() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> fiber =
                    stepped.start(
                            "sleeper",
                            () -> {
                                try {
                                    Fiber.sleep(LONG);
                                    return "not cancelled";
                                } catch (FiberCancelledException e) {
                                    assertThat(e)
                                            .hasMessage("fiber 'sleeper' cancelled in Fiber.sleep");
                                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                                    Fiber.sleep(Duration.ZERO); // parks as ever
                                    return "went on";
                                }
                            });
            stepped.settle();
            fiber.cancel();
            stepped.settle();
            stepped.advance(Duration.ofMillis(1));
            assertThat(fiber.isDone()).isTrue();
            assertThat(fiber.join()).isEqualTo("went on");
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void fiberThatEndsWithTheCancellationIsCancelledAndNotFailed() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> ours = stepped.start("ours", () -> Fiber.sleep(LONG));
            Fiber<Void> jdks = stepped.start("jdk's", () -> new CountDownLatch(1).await());
            stepped.settle();
            for (Fiber<Void> fiber : List.of(ours, jdks)) {
                fiber.cancel();
                stepped.settle();
                assertThat(fiber.isDone()).isTrue();
                assertThatThrownBy(fiber::join)
                        .isInstanceOf(FiberCancelledException.class)
                        .hasMessage(fiber + " was cancelled");
            }
        });
    }

    @Test
    void fiberCancelledBeforeItRanIsCancelledWhereItWouldPark() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "early",
                            () -> {
                                events.add("ran");
                                Fiber.sleep(LONG);
                                events.add("slept");
                            });
            fiber.cancel();
            stepped.settle();
            assertThat(fiber.isDone()).isTrue();
            assertThat(events).containsExactly("ran");
        });
    }

    @Test
    void cancellingAFinishedFiberChangesNothing() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> fiber = stepped.start("done", () -> "result");
            stepped.settle();
            fiber.cancel();
            assertThat(fiber.join()).isEqualTo("result");
        });
    }

    @Test
    void cancelledJoinerStopsWaitingAndTheTargetRunsOn() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> target =
                    stepped.start(
                            "target",
                            () -> {
                                Fiber.sleep(Duration.ofSeconds(1));
                                return "result";
                            });
            Fiber<String> joiner = stepped.start("joiner", target::join);
            Fiber<String> other = stepped.start("other", target::join);
            stepped.settle();
            joiner.cancel();
            stepped.settle();
            assertThatThrownBy(joiner::join).isInstanceOf(FiberCancelledException.class);
            stepped.advance(Duration.ofSeconds(2));
            assertThat(other.join()).isEqualTo("result");
        });
    }

    @Test
    void joinerCancelledJustAfterTheTargetEndedGetsAnOutcome() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<String> target =
                    stepped.start(
                            "target",
                            () -> {
                                Fiber.sleep(Duration.ofSeconds(1));
                                return "result";
                            });
            Fiber<String> joiner =
                    stepped.start(
                            "joiner",
                            () -> {
                                try {
                                    return target.join();
                                } catch (FiberCancelledException e) {
                                    return "cancelled";
                                }
                            });
            stepped.settle();
            stepped.clock().advance(Duration.ofSeconds(2));
            stepped.turn(); // the target is due; it runs in the next turn, and the joiner after it
            stepped.reactor().execute(joiner::cancel);
            stepped.settle();
            assertThat(joiner.isDone()).isTrue();
            assertThat(joiner.join()).isIn("result", "cancelled");
        });
    }

    @Test
    void fiberOfAnotherShardAndAPlatformThreadCanCancel() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor here = new SteppedReactor(0, clock);
            SteppedReactor there = new SteppedReactor(1, clock);
            Fiber<Void> first = there.start("first", () -> Fiber.sleep(LONG));
            Fiber<Void> second = there.start("second", () -> Fiber.sleep(LONG));
            there.settle();

            here.onFiber(first::cancel);
            CompletableFuture.runAsync(
                            second::cancel,
                            command -> {
                                Thread thread = Thread.ofPlatform().start(command);
                                assertThat(thread.isVirtual()).isFalse();
                            })
                    .get();
            there.settle();

            for (Fiber<Void> fiber : List.of(first, second)) {
                assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
            }
        });
    }
}
