package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A group that must answer soon, beside one of 100 fibers that burns the shard. */
class GroupLatencyTest {
    private static final long QUOTA_NANOS = ReactorOptions.defaults().taskQuotaNanos();
    private static final int BURNERS = 100;
    private static final int WAKE_UPS = 2_000;

    private final Random random = new Random(Seeds.next("GroupLatencyTest"));
    private final List<Long> delays = new ArrayList<>();
    private boolean stopped;

    private void burn(SteppedReactor stepped, SchedulingGroup group, long stepNanosMax) {
        for (int i = 0; i < BURNERS; i++) {
            Fiber.startOn(
                    stepped.reactor(),
                    group,
                    "burner " + i,
                    () -> {
                        while (!stopped) {
                            work(stepped, 1 + random.nextLong(stepNanosMax));
                            Fiber.yieldIfNeeded();
                        }
                        return null;
                    });
        }
    }

    private static void work(SteppedReactor stepped, long nanos) {
        stepped.clock().advance(Duration.ofNanos(nanos));
    }

    private void runToTheEnd(SteppedReactor stepped) {
        while (delays.size() < WAKE_UPS) {
            stepped.turn();
        }
        stopped = true;
        stepped.settle();
        assertThat(stepped.reactor().counters().fibersLive).isZero();
        assertThat(stepped.reactor().armedTimers()).isZero();
    }

    private void assertDelays() {
        Collections.sort(delays);
        assertThat(delays.get(WAKE_UPS * 99 / 100)).as("p99").isLessThan(2 * QUOTA_NANOS);
        assertThat(delays.getLast()).as("worst").isLessThan(2 * QUOTA_NANOS);
    }

    @ParameterizedTest
    @ValueSource(longs = {200, 5_000, 50_000})
    void timerWakesItWithinTwoQuotas(long stepNanosMax) throws Throwable {
        SteppedReactor.run(stepped -> {
            burn(stepped, new SchedulingGroup("background", 100), stepNanosMax);
            Fiber.startOn(
                    stepped.reactor(),
                    new SchedulingGroup("latency", 100),
                    "sensitive",
                    () -> {
                        while (delays.size() < WAKE_UPS) {
                            long nanos = 1 + random.nextLong(2_000_000);
                            long due = stepped.clock().nanoTime() + nanos;
                            Fiber.sleep(Duration.ofNanos(nanos));
                            delays.add(stepped.clock().nanoTime() - due);
                            work(stepped, 2_000);
                        }
                        return null;
                    });
            runToTheEnd(stepped);
            assertDelays();
        });
    }

    @Test
    void fiberOfTheBurningGroupWakesItWithinTwoQuotas() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup background = new SchedulingGroup("background", 1000);
            burn(stepped, background, 5_000);
            WaitPoint point = new WaitPoint();
            long[] signalled = new long[1];
            Fiber.startOn(
                    stepped.reactor(),
                    new SchedulingGroup("latency", 1000),
                    "sensitive",
                    () -> {
                        while (delays.size() < WAKE_UPS) {
                            point.await("a signal");
                            delays.add(stepped.clock().nanoTime() - signalled[0]);
                            work(stepped, 2_000);
                        }
                        return null;
                    });
            Fiber.startOn(
                    stepped.reactor(),
                    background,
                    "signals",
                    () -> {
                        while (delays.size() < WAKE_UPS) {
                            if (point.isWaiting()) {
                                signalled[0] = stepped.clock().nanoTime();
                                point.signal();
                            }
                            Fiber.sleep(Duration.ofNanos(1 + random.nextLong(2_000_000)));
                        }
                        return null;
                    });
            while (delays.size() < WAKE_UPS) {
                stepped.turn();
            }
            stopped = true;
            stepped.advance(Duration.ofMillis(10));
            assertDelays();
        });
    }

    @Test
    void severalBurningGroupsMakeItNoLater() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 5; i++) {
                burn(stepped, new SchedulingGroup("background " + i, 1 + 200 * i), 5_000);
            }
            Fiber.startOn(
                    stepped.reactor(),
                    new SchedulingGroup("latency", 200),
                    "sensitive",
                    () -> {
                        while (delays.size() < WAKE_UPS) {
                            long due = stepped.clock().nanoTime() + 1_000_000;
                            Fiber.sleep(Duration.ofMillis(1));
                            delays.add(stepped.clock().nanoTime() - due);
                            work(stepped, 10_000);
                        }
                        return null;
                    });
            runToTheEnd(stepped);
            assertDelays();
        });
    }
}
