package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class TimersTest {
    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final long MILLI = 1_000_000;

    private final List<Long> startedAt = new ArrayList<>();
    private PeriodicTimer timer;

    /** Makes {@link #timer}, whose runs write down when they start and then do {@code body}. */
    private void every(SteppedReactor stepped, Duration period, FiberTask body) throws Throwable {
        stepped.onFiber(() -> {
            timer =
                    Timers.every(
                            "tick",
                            period,
                            () -> {
                                startedAt.add(stepped.clock().nanoTime() / MILLI);
                                body.run();
                            });
        });
    }

    @Test
    void runsEveryPeriodOnAFiberOfItsName() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<String> names = new ArrayList<>();
            every(stepped, PERIOD, () -> names.add(Fiber.current().name()));
            for (int i = 0; i < 35; i++) {
                stepped.advance(Duration.ofMillis(1));
            }
            // A tick of the wheel late, never early; and late or not, it does not drift.
            assertThat(startedAt).containsExactly(11L, 21L, 31L);
            assertThat(names).containsOnly("tick");
            assertThat(timer.runs()).isEqualTo(3);
            assertThat(timer.missed()).isZero();
            assertThat(timer.period()).isEqualTo(PERIOD);
            assertThat(timer.isActive()).isTrue();
        });
    }

    @Test
    void runThatTakesLongerThanThePeriodMakesTheNextOnesBeMissed() throws Throwable {
        SteppedReactor.run(stepped -> {
            every(stepped, PERIOD, () -> Fiber.sleep(Duration.ofMillis(25)));
            for (int i = 0; i < 75; i++) {
                stepped.advance(Duration.ofMillis(1));
            }
            assertThat(startedAt).containsExactly(11L, 41L, 71L);
            assertThat(timer.runs()).isEqualTo(3);
            assertThat(timer.missed()).isEqualTo(4); // at 20, 30, 50, 60
        });
    }

    @Test
    void shardThatWasLateByPeriodsRunsOnceAndKeepsThePace() throws Throwable {
        SteppedReactor.run(stepped -> {
            every(stepped, PERIOD, () -> {});
            stepped.advance(Duration.ofMillis(37));
            assertThat(startedAt).containsExactly(37L);
            assertThat(timer.missed()).isEqualTo(2);
            stepped.advance(Duration.ofMillis(2));
            assertThat(startedAt).hasSize(1);
            stepped.advance(Duration.ofMillis(2));
            assertThat(startedAt).containsExactly(37L, 41L);
        });
    }

    @Test
    void failureIsCountedAndLoggedAndTheTimerGoesOn() throws Throwable {
        try (LogRecords log = new LogRecords()) {
            SteppedReactor.run(stepped -> {
                every(
                        stepped,
                        PERIOD,
                        () -> {
                            throw new IllegalStateException("planned");
                        });
                for (int i = 0; i < 3; i++) {
                    stepped.advance(Duration.ofMillis(11));
                }
                assertThat(timer.failures()).isEqualTo(3);
                assertThat(timer.runs()).isEqualTo(3);
                timer.cancel();
                stepped.advance(Duration.ofSeconds(2));
                assertThat(stepped.reactor().armedTimers()).isZero();
            });
            assertThat(log.messages(Level.SEVERE))
                    .filteredOn(message -> message.contains("'tick'"))
                    .containsExactly(
                            "timer 'tick' on shard 0, every PT0.01S: a run failed; the timer goes"
                                    + " on");
        }
    }

    @Test
    void cancelLeavesNoTimerAndLetsTheRunUnderWayEnd() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<String> ended = new ArrayList<>();
            every(
                    stepped,
                    PERIOD,
                    () -> {
                        Fiber.sleep(Duration.ofMillis(5));
                        ended.add("run");
                    });
            stepped.advance(Duration.ofMillis(11));
            stepped.onFiber(() -> {
                timer.cancel();
                timer.cancel();
            });
            assertThat(timer.isActive()).isFalse();
            stepped.advance(Duration.ofMillis(50));
            assertThat(ended).containsExactly("run");
            assertThat(startedAt).hasSize(1);
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void closeWaitsForTheRunUnderWay() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<String> events = new ArrayList<>();
            every(
                    stepped,
                    PERIOD,
                    () -> {
                        Fiber.sleep(Duration.ofMillis(5));
                        events.add("run ended");
                    });
            stepped.advance(Duration.ofMillis(11));
            Fiber<Void> closer =
                    stepped.start(
                            "closer",
                            () -> {
                                timer.close();
                                events.add("closed");
                            });
            stepped.advance(Duration.ofMillis(1));
            assertThat(events).isEmpty();
            stepped.advance(Duration.ofMillis(6));
            assertThat(events).containsExactly("run ended", "closed");
            assertThat(closer.isDone()).isTrue();
        });
    }

    @Test
    void bodyMayCloseItsOwnTimer() throws Throwable {
        SteppedReactor.run(stepped -> {
            every(stepped, PERIOD, () -> timer.close());
            stepped.advance(Duration.ofMillis(50));
            stepped.advance(Duration.ofMillis(50));
            assertThat(startedAt).hasSize(1);
            assertThat(timer.failures()).isZero();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void stoppingRuntimeCancelsPeriodicTimersAndRefusesNewOnes() throws Throwable {
        SteppedReactor.run(stepped -> {
            every(stepped, PERIOD, () -> {});
            Timers.stopPeriodicOn(stepped.reactor());
            stepped.advance(Duration.ofMillis(50));
            assertThat(startedAt).isEmpty();
            assertThat(stepped.reactor().armedTimers()).isZero();
            stepped.onFiber(() ->
                    assertThatThrownBy(() -> Timers.every("late", PERIOD, () -> {}))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("timer 'late': the runtime stops"));
        });
    }

    @Test
    void oneShotRunsOnceAfterItsDelay() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<String> names = new ArrayList<>();
            OneShotTimer[] once = new OneShotTimer[1];
            stepped.onFiber(() ->
                    once[0] =
                            Timers.after("once", PERIOD, () -> names.add(Fiber.current().name())));
            stepped.advance(PERIOD.minusNanos(1));
            assertThat(names).isEmpty();
            assertThat(once[0].isArmed()).isTrue();
            stepped.advance(Duration.ofMillis(1));
            assertThat(names).containsExactly("once");
            assertThat(once[0].cancel()).isFalse();
            stepped.advance(Duration.ofSeconds(1));
            assertThat(names).hasSize(1);
        });
    }

    @Test
    void oneShotThatIsCancelledInTimeDoesNotRun() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() -> {
                OneShotTimer once = Timers.after("once", PERIOD, () -> startedAt.add(0L));
                assertThat(once.cancel()).isTrue();
                assertThat(once.cancel()).isFalse();
            });
            stepped.advance(Duration.ofSeconds(1));
            assertThat(startedAt).isEmpty();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void wrongArgumentsAreRefusedInWords() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    assertThatThrownBy(() -> Timers.every("x", Duration.ZERO, () -> {}))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("period=PT0S: must be positive");
                    assertThatThrownBy(() -> Timers.every("x", Duration.ofMillis(-1), () -> {}))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("period=PT-0.001S: must be positive");
                    assertThatThrownBy(() -> Timers.after("x", Duration.ofMillis(-1), () -> {}))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("delay=PT-0.001S: must not be negative");
                }));
        assertThatThrownBy(() -> Timers.every("x", PERIOD, () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("not on a shard");
    }

    @Test
    void timersOfAnotherShardAreRefusedWithBothNames() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor home = new SteppedReactor(0, clock);
            OneShotTimer[] once = new OneShotTimer[1];
            every(home, PERIOD, () -> {});
            home.onFiber(() -> once[0] = Timers.after("once", PERIOD, () -> {}));
            SteppedReactor other = new SteppedReactor(1, clock);
            other.onFiber(() -> {
                assertThatThrownBy(() -> timer.cancel())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("timer 'tick' belongs to shard 0, used from shard 1");
                assertThatThrownBy(() -> once[0].cancel())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("timer 'once' belongs to shard 0, used from shard 1");
            });
        });
        assertThatThrownBy(() -> timer.cancel())
                .hasMessage("timer 'tick' belongs to shard 0, used from outside of every shard");
    }
}
