package io.byssus.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** The wheel against a plain set of armed timers, under random work. */
class TimerWheelModelTest {
    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final int STEPS = 8_000;

    private Random random;
    private TimerWheel wheel;

    /** As of the last call of advance; while one runs, what it was told. */
    private long now;

    private final Set<Probe> armed = new HashSet<>();
    private int fired;

    private final class Probe extends Timer {
        private long deadline;

        /** Nobody can ask for the time before this one: it was armed then. */
        private long armedAt;

        @Override
        protected void onExpiry() {
            assertThat(armed.remove(this)).as("fires only while armed").isTrue();
            assertThat(now).as("never early").isGreaterThanOrEqualTo(deadline);
            fired++;
            switch (random.nextInt(8)) {
                case 0 -> armSome();
                case 1 -> arm(this);
                case 2 -> cancelSome();
                default -> {
                    // most do nothing to the wheel
                }
            }
        }
    }

    @RepeatedTest(8)
    void firesWhatTheModelFires(RepetitionInfo repetition) {
        long seed = Seeds.next("TimerWheelModelTest") + repetition.getCurrentRepetition();
        random = new Random(seed);
        now = random.nextLong(1L << 50);
        wheel = new TimerWheel(now);

        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> armSome();
                case 2 -> cancelSome();
                default -> advance();
            }
            assertConsistent();
        }
        assertThat(fired).isPositive();
    }

    private void armSome() {
        arm(new Probe());
    }

    private void arm(Probe probe) {
        // Of every magnitude, from nanoseconds to a hundred days, a few in the past.
        long distance = 1L << random.nextInt(53);
        probe.deadline = now + distance + random.nextLong(distance) - (1 << 20);
        probe.armedAt = now;
        wheel.arm(probe, probe.deadline);
        assertThat(armed.add(probe)).isTrue();
    }

    private void cancelSome() {
        List<Probe> all = new ArrayList<>(armed);
        if (!all.isEmpty()) {
            Probe probe = all.get(random.nextInt(all.size()));
            wheel.cancel(probe);
            armed.remove(probe);
        }
    }

    private void advance() {
        now =
                random.nextInt(4) == 0 && !armed.isEmpty()
                        ? Math.max(now, wheel.nextDeadlineNanos())
                        : now + random.nextLong(1L << random.nextInt(1, 46));
        int before = fired;
        assertThat(wheel.advance(now)).isEqualTo(fired - before);
        for (Probe probe : armed) {
            assertThat(now - Math.max(probe.deadline, probe.armedAt))
                    .as("late by at most a tick: armed for %d at %d", probe.deadline, probe.armedAt)
                    .isLessThan(TICK);
        }
    }

    private void assertConsistent() {
        assertThat(wheel.armedCount()).isEqualTo(armed.size());
        assertThat(wheel.isEmpty()).isEqualTo(armed.isEmpty());
        long next = wheel.nextDeadlineNanos();
        if (armed.isEmpty()) {
            assertThat(next).isEqualTo(Long.MAX_VALUE);
            return;
        }
        long first = Long.MAX_VALUE;
        for (Probe probe : armed) {
            assertThat(probe.isArmed()).isTrue();
            first = Math.min(first, Math.max(probe.deadline, probe.armedAt));
        }
        assertThat(next).as("the sleeper wakes in time").isLessThanOrEqualTo(first + TICK);
        assertThat(next).as("and not for nothing").isGreaterThan(now - TICK);
    }
}
