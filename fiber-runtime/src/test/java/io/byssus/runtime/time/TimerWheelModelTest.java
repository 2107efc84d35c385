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

/**
 * The wheel against a plain set of armed timers, under random work: deadlines and durations, fired
 * all at once or a few at a time.
 */
class TimerWheelModelTest {
    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final int STEPS = 8_000;
    private static final long COUNTING = -1;

    private Random random;
    private TimerWheel wheel;

    /** As of the last call of advance; while one runs, what it was told. */
    private long now;

    /** Whether advance is given a bound. */
    private boolean sliced;

    /** Of the one that fired last. */
    private long lastTick;

    private final Set<Probe> armed = new HashSet<>();
    private int fired;

    private final class Probe extends Timer {
        private long deadline;

        /** Nobody can ask for the time before this one: it was armed then. */
        private long armedAt;

        /** Counts from the next call of advance on; {@link #COUNTING} if it does already. */
        private long duration = COUNTING;

        @Override
        protected void onExpiry() {
            assertThat(armed.remove(this)).as("fires only while armed").isTrue();
            assertThat(duration).isEqualTo(COUNTING);
            assertThat(tick).as("in order").isGreaterThanOrEqualTo(lastTick);
            lastTick = tick;
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
        sliced = repetition.getCurrentRepetition() % 2 == 0;
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
        long magnitude = 1L << random.nextInt(53);
        long distance = magnitude + random.nextLong(magnitude);
        probe.armedAt = now;
        if (random.nextInt(4) == 0) {
            probe.duration = random.nextInt(50) == 0 ? Long.MAX_VALUE >> 1 : distance;
            wheel.armAfter(probe, probe.duration);
        } else {
            probe.duration = COUNTING;
            probe.deadline = now + distance - (1 << 20);
            wheel.arm(probe, probe.deadline);
        }
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
        for (Probe probe : armed) {
            if (probe.duration != COUNTING) {
                long end = now + probe.duration;
                probe.deadline = end < now ? Long.MAX_VALUE - 1 : end;
                probe.armedAt = now;
                probe.duration = COUNTING;
            }
        }
        int before = fired;
        int timersMax = sliced ? random.nextInt(1, 20) : Integer.MAX_VALUE;
        assertThat(wheel.advance(now, timersMax))
                .isEqualTo(fired - before)
                .isLessThanOrEqualTo(timersMax);
        if (sliced && wheel.isBehind()) {
            return;
        }
        for (Probe probe : armed) {
            if (probe.duration == COUNTING) {
                assertThat(now - Math.max(probe.deadline, probe.armedAt))
                        .as("late: armed for %d at %d", probe.deadline, probe.armedAt)
                        .isLessThan(TICK);
            }
        }
    }

    private void assertConsistent() {
        assertThat(wheel.armedCount()).isEqualTo(armed.size());
        assertThat(wheel.isEmpty()).isEqualTo(armed.isEmpty());
        long next = wheel.nextDeadlineNanos();
        if (armed.isEmpty()) {
            assertThat(next == Long.MAX_VALUE || wheel.isBehind()).isTrue();
            return;
        }
        if (wheel.isBehind()) {
            assertThat(next).as("at once").isLessThanOrEqualTo(now);
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
