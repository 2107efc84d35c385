package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.WaitPoint.Cancellation;
import io.byssus.runtime.fiber.WaitPoint.Outcome;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a task was stopped, or nearly: the next one on its fiber knows nothing of it. */
class FiberRunnersCancelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofDays(1);

    private final List<String> events = new ArrayList<>();
    private final Set<Thread> threads = new LinkedHashSet<>();
    private final WaitPoint shield = new WaitPoint();

    /** How the first task is stopped, and what of that it does not notice. */
    private enum First {
        INTERRUPTED_AS_IT_ENDS {
            @Override
            void run(FiberRunnersCancelTest test) {
                Thread.currentThread().interrupt();
            }
        },
        CANCELLED_AS_IT_ENDS {
            @Override
            void run(FiberRunnersCancelTest test) {
                test.cancelSelf();
            }
        },
        CANCELLED_IN_AN_OPERATION {
            @Override
            void run(FiberRunnersCancelTest test) {
                test.cancelSelf();
                assertThatThrownBy(() -> Fiber.sleep(LONG))
                        .isInstanceOf(FiberCancelledException.class);
            }
        },
        CANCELLED_IN_CODE_OF_THE_JDK {
            @Override
            void run(FiberRunnersCancelTest test) {
                test.cancelSelf();
                // allow ThreadSleep: it throws in its own way
                assertThatThrownBy(() -> TimeUnit.DAYS.sleep(1))
                        .isInstanceOf(InterruptedException.class);
            }
        },
        CANCELLED_TWICE {
            @Override
            void run(FiberRunnersCancelTest test) {
                test.cancelSelf();
                assertThatThrownBy(() -> Fiber.sleep(LONG))
                        .isInstanceOf(FiberCancelledException.class);
                test.cancelSelf();
            }
        },
        ITS_TIME_IS_OVER {
            @Override
            void run(FiberRunnersCancelTest test) {
                assertThatThrownBy(() -> Deadline.within(SECOND, () -> Fiber.sleep(LONG)))
                        .isInstanceOf(DeadlineExceededException.class);
            }
        },
        ITS_TIME_IS_OVER_AS_IT_ENDS {
            @Override
            void run(FiberRunnersCancelTest test) {
                Deadline.within(SECOND, test::awaitShielded);
            }
        },
        ITS_TIME_IS_OVER_AFTER_ITS_END {
            @Override
            void run(FiberRunnersCancelTest test) {
                Deadline.within(SECOND, () -> Fiber.sleep(Duration.ofMillis(1)));
            }
        },
        ABORTED {
            @Override
            void run(FiberRunnersCancelTest test) {
                AbortSource source = new AbortSource("source");
                source.abort();
                assertThatThrownBy(() -> source.run(() -> Fiber.sleep(LONG)))
                        .isInstanceOf(AbortedException.class);
            }
        },
        ABORTED_AS_IT_ENDS {
            @Override
            void run(FiberRunnersCancelTest test) {
                AbortSource source = new AbortSource("source");
                source.run(source::abort);
            }
        },
        ALL_AT_ONCE {
            @Override
            void run(FiberRunnersCancelTest test) {
                AbortSource source = new AbortSource("source");
                Deadline.within(
                        SECOND,
                        () ->
                                source.run(() -> {
                                    source.abort();
                                    test.awaitShielded();
                                    test.cancelSelf();
                                }));
            }
        };

        abstract void run(FiberRunnersCancelTest test);
    }

    /** As whoever gives a call up does: the task itself has not asked for its fiber. */
    private void cancelSelf() {
        Fiber.of(Thread.currentThread()).cancel();
    }

    private void awaitShielded() {
        Outcome outcome =
                shield.await(Reactor.current(), Long.MAX_VALUE, Cancellation.DEFERRED, "the test");
        assertThat(outcome).isEqualTo(Outcome.SIGNALLED);
    }

    @ParameterizedTest
    @EnumSource
    void nextTaskOnItsFiberIsNotStopped(First first) throws Throwable {
        SteppedReactor.run(stepped -> {
            execute(stepped, () -> first.run(this));
            stepped.advance(Duration.ofSeconds(2));
            shield.signal();
            stepped.settle();
            assertThat(stepped.reactor().armedTimers()).isZero();

            execute(stepped, this::sleepAndBeLate);
            stepped.advance(Duration.ofSeconds(2));
            stepped.advance(Duration.ofSeconds(2));

            assertThat(events).containsExactly("slept", "late");
            assertThat(threads).as("it is the same fiber").hasSize(1);
            assertThat(stepped.reactor().armedTimers()).isZero();
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void nextTaskInItsBatchIsNotStopped(First first) throws Throwable {
        SteppedReactor.run(stepped -> {
            execute(stepped, () -> first.run(this));
            execute(stepped, this::sleepAndBeLate);
            for (int second = 0; second < 5; second++) {
                stepped.advance(SECOND);
                shield.signal();
            }
            stepped.settle();

            assertThat(events).containsExactly("slept", "late");
            assertThat(stepped.reactor().armedTimers()).isZero();
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        });
    }

    private void sleepAndBeLate() {
        Fiber<?> fiber = Fiber.of(Thread.currentThread());
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(fiber.hasCancelRequest()).isFalse();
        assertThat(fiber.innermost).isNull();
        Fiber.sleep(SECOND);
        events.add("slept");
        try {
            Deadline.within(SECOND, () -> Fiber.sleep(LONG));
        } catch (DeadlineExceededException e) {
            events.add("late");
        }
    }

    private void execute(SteppedReactor stepped, Runnable task) {
        Fiber.executeOn(
                stepped.reactor(),
                SchedulingGroup.main(),
                () -> {
                    threads.add(Thread.currentThread());
                    try {
                        task.run();
                    } catch (Exception | AssertionError e) {
                        events.add(e.toString());
                    }
                });
    }
}
