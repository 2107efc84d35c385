package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import io.byssus.runtime.time.Timer;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However many fibers of however many groups are ready: I/O and timers come once a turn. */
class GroupStarvationTest {
    private static final long QUOTA_NANOS = ReactorOptions.defaults().taskQuotaNanos();
    private static final int TURNS = 300;
    private static final int TASKS_PER_TURN_MAX = 4096;
    private static final Duration TICK = Duration.ofNanos(1 << 16);

    private boolean stopped;
    private int polls;
    private long polledNanos;
    private long longestWithoutPollNanos;

    /** I/O that only says when it was asked for. */
    private final class Polled implements ReactorBackend {
        private final ManualClock clock;

        Polled(ManualClock clock) {
            this.clock = clock;
        }

        @Override
        public int poll() {
            polls++;
            long now = clock.nanoTime();
            longestWithoutPollNanos = Math.max(longestWithoutPollNanos, now - polledNanos);
            polledNanos = now;
            return 0;
        }

        @Override
        public int await(long timeoutNanos) {
            throw new AssertionError("it is busy");
        }

        @Override
        public void wake() {
            // it never sleeps
        }

        @Override
        public void close() {
            // it has nothing
        }
    }

    /** A timer that goes off again and again. */
    private static final class Ticking extends Timer {
        private final SteppedReactor stepped;
        private long due;
        private long latestNanos;
        private int ticks;

        Ticking(SteppedReactor stepped) {
            this.stepped = stepped;
            arm();
        }

        private void arm() {
            due = stepped.clock().nanoTime() + TICK.toNanos();
            stepped.reactor().arm(this, due);
        }

        @Override
        protected void onExpiry() {
            ticks++;
            latestNanos = Math.max(latestNanos, stepped.clock().nanoTime() - due);
            arm();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1000, 1000",
        "2, 1, 1000",
        "10, 100, 0",
        "1000, 1, 5000",
        "1000, 3, 0",
        "1000, 3, 100",
        "300, 1, 100000",
    })
    void ioAndTimersHaveTheirTurnBesideAnyNumberOfGroups(int groups, int fibers, long stepNanos)
            throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor stepped =
                    new SteppedReactor(0, clock, new Polled(clock), BufferPool.Mode.TRACKING);
            for (int i = 0; i < groups; i++) {
                burn(stepped, new SchedulingGroup("g" + i, 1 + i % 1000), fibers, stepNanos);
            }
            Ticking timer = new Ticking(stepped);
            runTurns(stepped);

            long turnNanosMax = 2 * QUOTA_NANOS + 2 * stepNanos;
            assertThat(longestWithoutPollNanos).isLessThanOrEqualTo(turnNanosMax);
            assertThat(timer.latestNanos).isLessThanOrEqualTo(turnNanosMax + TICK.toNanos());
            if (stepNanos > 0) {
                assertThat(timer.ticks).isGreaterThan(TURNS / 4);
            }
            stopped = true;
            stepped.reactor().cancel(timer);
            stepped.settle();
            assertThat(stepped.reactor().counters().fibersLive).isZero();
        });
    }

    private void burn(SteppedReactor stepped, SchedulingGroup group, int fibers, long stepNanos) {
        for (int i = 0; i < fibers; i++) {
            Fiber.startOn(
                    stepped.reactor(),
                    group,
                    "burner",
                    () -> {
                        while (!stopped) {
                            stepped.clock().advance(Duration.ofNanos(stepNanos));
                            Fiber.yield();
                        }
                        return null;
                    });
        }
    }

    private void runTurns(SteppedReactor stepped) {
        for (int i = 0; i < TURNS; i++) {
            long tasks = stepped.reactor().counters().tasks;
            int before = polls;
            stepped.turn();
            assertThat(polls - before).as("looks for I/O in a turn").isEqualTo(1);
            assertThat(stepped.reactor().counters().tasks - tasks)
                    .isBetween(1L, (long) TASKS_PER_TURN_MAX);
        }
    }
}
