package io.byssus.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million timers in one wheel. */
class MillionTimersTest {
    private static final int TIMERS = 1_000_000;
    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final long HOUR = Duration.ofHours(1).toNanos();

    /** A timer moves down from each level but the lowest once. */
    private static final int MOVES_MAX = 5;

    private static final int SLICE = 256;

    private final TimerWheel wheel = new TimerWheel(0);
    private long now;
    private int fired;
    private long lastDeadline;

    private final class Probe extends Timer {
        private final long deadline;

        Probe(long deadline) {
            this.deadline = deadline;
        }

        @Override
        protected void onExpiry() {
            fired++;
            // No assertThat for each of a million.
            if (now < deadline || now - deadline >= 2 * TICK || deadline < lastDeadline - TICK) {
                throw new AssertionError(
                        "deadline=" + deadline + " now=" + now + " last=" + lastDeadline);
            }
            lastDeadline = Math.max(lastDeadline, deadline);
        }
    }

    @Test
    void halfOfThemAreCancelledAndTheOthersFireInTimeAndInOrder() {
        SplittableRandom random = new SplittableRandom(Seeds.next("MillionTimersTest"));
        Probe[] probes = new Probe[TIMERS];
        for (int i = 0; i < TIMERS; i++) {
            probes[i] = new Probe(random.nextLong(1, HOUR));
            wheel.arm(probes[i], probes[i].deadline);
        }
        for (int i = 0; i < TIMERS; i += 2) {
            wheel.cancel(probes[i]);
        }
        assertThat(wheel.armedCount()).isEqualTo(TIMERS / 2);

        while (!wheel.isEmpty()) {
            now = Math.max(now, wheel.nextDeadlineNanos());
            wheel.advance(now, SLICE);
        }

        assertThat(fired).isEqualTo(TIMERS / 2);
        assertThat(wheel.moves()).isLessThanOrEqualTo((long) MOVES_MAX * TIMERS / 2);
    }

    @Test
    void thoseOfOneTickFireInSlicesThatCostTheSameEach() {
        int[] slices = new int[1];
        for (int i = 0; i < TIMERS; i++) {
            wheel.arm(
                    new Timer() {
                        @Override
                        protected void onExpiry() {
                            fired++;
                        }
                    },
                    HOUR);
        }
        now = HOUR + TICK;
        while (!wheel.isEmpty()) {
            int before = fired;
            wheel.advance(now, SLICE);
            assertThat(fired - before).isLessThanOrEqualTo(SLICE);
            slices[0]++;
        }
        assertThat(fired).isEqualTo(TIMERS);
        assertThat(wheel.moves()).isLessThanOrEqualTo((long) MOVES_MAX * TIMERS);
        assertThat(slices[0]).isLessThanOrEqualTo((MOVES_MAX + 1) * TIMERS / SLICE + 1);
    }
}
