package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Sleep, deadlines and turns, on the shard's own clock. */
class FiberTimeTest {
    private final List<String> events = new ArrayList<>();

    @Test
    void sleepersWakeInTheOrderOfTheirTimesAndNotEarly() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int millis : new int[] {30, 10, 20}) {
                stepped.start(
                        "sleeper",
                        () -> {
                            Fiber.sleep(Duration.ofMillis(millis));
                            events.add(millis + " at " + stepped.clock().nanoTime() / 1_000_000);
                        });
            }
            stepped.settle();
            for (int milli = 0; milli < 40; milli++) {
                stepped.advance(Duration.ofMillis(1));
            }
            assertThat(events).hasSize(3);
            for (int i = 0; i < 3; i++) {
                int millis = 10 * (i + 1);
                assertThat(events.get(i))
                        .isIn(millis + " at " + millis, millis + " at " + (millis + 1));
            }
        });
    }

    @Test
    void sleepOfNoTimeStillLetsTheOthersRun() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.start(
                    "a",
                    () -> {
                        Fiber.sleep(Duration.ZERO);
                        events.add("slept");
                    });
            stepped.start("b", () -> events.add("other"));
            stepped.settle();
            stepped.advance(Duration.ofMillis(1));
            assertThat(events).containsExactly("other", "slept");
        });
    }

    @Test
    void negativeDurationsAreRefused() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Duration negative = Duration.ofNanos(-1);
                    assertThatThrownBy(() -> Fiber.sleep(negative))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("duration=PT-0.000000001S: must not be negative");
                    assertThatThrownBy(() -> Deadline.after(negative))
                            .isInstanceOf(IllegalArgumentException.class);
                }));
    }

    @Test
    void deadlineIsOnTheShardsClockAndTheLongestOneIsNotNone() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.advance(Duration.ofSeconds(5));
            stepped.onFiber(() -> {
                assertThat(Deadline.after(Duration.ofSeconds(1)).nanos()).isEqualTo(6_000_000_000L);
                Deadline longest = Deadline.after(Duration.ofNanos(Long.MAX_VALUE));
                assertThat(longest.nanos()).isEqualTo(Long.MAX_VALUE - 1);
                assertThat(longest).isNotEqualTo(Deadline.NONE);
                assertThat(Deadline.NONE).hasToString("Deadline[none]");
            });
        });
    }

    @Test
    void durationLongerThanTheClockIsAsGoodAsForEver() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> sleeper =
                    stepped.start("sleeper", () -> Fiber.sleep(Duration.ofSeconds(Long.MAX_VALUE)));
            stepped.settle();
            assertThat(sleeper.isDone()).isFalse();
            sleeper.cancel();
            stepped.settle();
        });
    }

    @Test
    void timedParkOfTheJdkIsATimerOfTheShard() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> parked =
                    stepped.start(
                            "parked",
                            () -> {
                                // allow ParkNanos: this is the call under test
                                LockSupport.parkNanos(Duration.ofMinutes(1).toNanos());
                            });
            stepped.settle();
            assertThat(stepped.reactor().armedTimers()).isEqualTo(1);
            stepped.advance(Duration.ofSeconds(59));
            assertThat(parked.isDone()).isFalse();
            stepped.advance(Duration.ofSeconds(2));
            assertThat(parked.isDone()).isTrue();

            Fiber<Void> unparked =
                    stepped.start(
                            "unparked",
                            () -> {
                                LockSupport.parkNanos(Duration.ofMinutes(1).toNanos());
                            });
            stepped.settle();
            LockSupport.unpark(unparked.thread());
            stepped.settle();
            assertThat(unparked.isDone()).isTrue();
            assertThat(stepped.reactor().armedTimers()).as("taken back").isZero();
        });
    }

    @Test
    void timedObjectWaitIsATimerOfTheShard() throws Throwable {
        SteppedReactor.run(stepped -> {
            Object monitor = new Object();
            Fiber<Void> waiting =
                    stepped.start(
                            "waiting",
                            () -> {
                                synchronized (monitor) {
                                    monitor.wait(60_000);
                                }
                            });
            stepped.settle();
            assertThat(waiting.isDone()).isFalse();
            assertThat(stepped.reactor().armedTimers()).isEqualTo(1);
            stepped.advance(Duration.ofSeconds(61));
            assertThat(waiting.isDone()).isTrue();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void computingFiberYieldsOncePerQuota() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> computing =
                    stepped.start(
                            "computing",
                            () -> {
                                for (int step = 0; step < 1_000; step++) {
                                    stepped.clock().advance(Duration.ofNanos(50_000));
                                    Fiber.yieldIfNeeded();
                                }
                            });
            int neighbourTurns = 0;
            while (!computing.isDone()) {
                stepped.start("neighbour", () -> events.add("turn"));
                stepped.turn();
                neighbourTurns++;
            }
            // 50 ms of work, in turns of 0.5 ms and an eighth or two.
            assertThat(neighbourTurns).isBetween(60, 110);
            assertThat(events).hasSizeGreaterThanOrEqualTo(neighbourTurns - 1);
            assertThat(stepped.reactor().counters().quotaEnds).isGreaterThan(50);
        });
    }
}
