package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operation of the runtime that parks, stopped in each way that there is: it ends with one
 * exception and leaves no fiber and no timer on either shard.
 */
@Timeout(60)
class ParkedOperationsTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    private Shards shards;

    /** How it is stopped. */
    private enum Means {
        CANCEL(FiberCancelledException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                operation.run();
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                fiber.cancel();
            }
        },
        DEADLINE(DeadlineExceededException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                Deadline.within(SHORT, operation);
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                // time does
            }
        },
        ABORT(AbortedException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                source.run(operation);
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                source.abort();
            }
        };

        private final Class<? extends Exception> thrown;

        Means(Class<? extends Exception> thrown) {
            this.thrown = thrown;
        }

        abstract void run(AbortSource source, FiberAction<Exception> operation) throws Exception;

        abstract void stop(AbortSource source, Fiber<?> fiber);
    }

    /** Something that parks for a day. */
    private enum Operation {
        SLEEP {
            @Override
            void park(Shards shards) {
                Fiber.sleep(LONG);
            }
        },
        WAIT_POINT {
            @Override
            void park(Shards shards) {
                new WaitPoint().await("nothing");
            }
        },
        JOIN {
            @Override
            void park(Shards shards) {
                Fiber<Void> fiber = Fiber.start("joined", () -> Fiber.sleep(LONG));
                try {
                    fiber.join();
                } finally {
                    fiber.cancel();
                }
            }
        },
        JOIN_ELSEWHERE {
            @Override
            void park(Shards shards) {
                Fiber<Void> fiber =
                        shards.submitTo(1, () -> Fiber.start("there", () -> Fiber.sleep(LONG)));
                try {
                    fiber.join();
                } finally {
                    fiber.cancel();
                }
            }
        },
        SUBMIT_TO {
            @Override
            void park(Shards shards) {
                shards.submitTo(
                        1,
                        () -> {
                            Fiber.sleep(LONG);
                            return null;
                        });
            }
        },
        SUBMIT_TO_AND_BACK {
            @Override
            void park(Shards shards) {
                shards.submitTo(
                        1,
                        () ->
                                shards.submitTo(
                                        0,
                                        () -> {
                                            Fiber.sleep(LONG);
                                            return null;
                                        }));
            }
        },
        ON_EACH {
            @Override
            void park(Shards shards) throws Exception {
                shards.onEach(() -> Fiber.sleep(LONG));
            }
        },
        BLOCKING_CALL {
            @Override
            void park(Shards shards) throws Exception {
                Blocking.call(() -> {
                    new CountDownLatch(1).await();
                    return null;
                });
            }
        },
        SCOPE {
            @Override
            void park(Shards shards) {
                try (Scope scope = Scope.open("scope")) {
                    scope.start("child", () -> Fiber.sleep(LONG));
                    scope.join();
                }
            }
        },
        FOR_EACH {
            @Override
            void park(Shards shards) {
                Parallel.forEach(List.of(1, 2, 3, 4), 2, item -> Fiber.sleep(LONG));
            }
        },
        WHEN_ANY {
            @Override
            void park(Shards shards) {
                Parallel.<Integer>whenAny(() -> {
                    Fiber.sleep(LONG);
                    return 1;
                });
            }
        },
        JDK_LATCH {
            @Override
            void park(Shards shards) throws Exception {
                new CountDownLatch(1).await();
            }
        };

        abstract void park(Shards shards) throws Exception;
    }

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    static Stream<Arguments> cases() {
        return Stream.of(Operation.values())
                .flatMap(operation ->
                        Stream.of(Means.values()).map(means -> Arguments.of(operation, means)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void endsWithItsExceptionAndLeavesNothing(Operation operation, Means means) {
        shards.submitTo(
                0,
                () -> {
                    AbortSource source = new AbortSource("source");
                    Fiber<Boolean> fiber =
                            Fiber.start("parked", () -> parkTwice(operation, means, source));
                    Eventually.parked(fiber.thread());
                    means.stop(source, fiber);
                    assertThat(fiber.join()).as("interrupt status").isFalse();
                    return null;
                });
        shards.all().forEach(shard -> Eventually.until(() -> leftOn(shard)));
    }

    /** Once to be stopped; then under a limit, to see that the fiber is as good as before. */
    private boolean parkTwice(Operation operation, Means means, AbortSource source) {
        assertThatThrownBy(() -> means.run(source, () -> operation.park(shards)))
                .isInstanceOf(
                        operation == Operation.JDK_LATCH && means == Means.CANCEL
                                ? InterruptedException.class
                                : means.thrown);
        boolean interrupted = Thread.currentThread().isInterrupted();
        assertThatThrownBy(() -> Deadline.within(SHORT, () -> operation.park(shards)))
                .isInstanceOf(DeadlineExceededException.class);
        return interrupted;
    }

    private String leftOn(Shard shard) {
        return shards.submitTo(
                shard.id(),
                () -> {
                    int fibers = Fiber.liveOn(shard.reactor()).size() - 1; // this one
                    int timers = shard.reactor().armedTimers();
                    return fibers == 0 && timers == 0
                            ? ""
                            : shard + " has " + fibers + " fibers and " + timers + " timers";
                });
    }
}
