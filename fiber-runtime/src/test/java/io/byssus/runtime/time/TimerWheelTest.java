package io.byssus.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {
    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final long ORIGIN = 123_456_789_012_345L;

    private final TimerWheel wheel = new TimerWheel(ORIGIN);
    private final List<String> fired = new ArrayList<>();

    /** Writes its name down when it fires, then does what the test says. */
    private final class Named extends Timer {
        private final String name;
        private final Runnable then;

        Named(String name, Runnable then) {
            this.name = name;
            this.then = then;
        }

        Named(String name) {
            this(name, () -> {});
        }

        @Override
        protected void onExpiry() {
            fired.add(name);
            then.run();
        }
    }

    @Test
    void timerFiresOnceAtItsDeadlineAndNotBefore() {
        Named timer = new Named("a");
        wheel.arm(timer, ORIGIN + 10 * TICK);
        assertThat(timer.isArmed()).isTrue();

        assertThat(wheel.advance(ORIGIN + 10 * TICK - 1)).isZero();
        assertThat(wheel.advance(ORIGIN + 10 * TICK)).isEqualTo(1);
        assertThat(wheel.advance(ORIGIN + 1000 * TICK)).isZero();

        assertThat(fired).containsExactly("a");
        assertThat(timer.isArmed()).isFalse();
        assertThat(wheel.isEmpty()).isTrue();
        assertThat(wheel.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void deadlineThatHasPassedFiresAtTheNextTick() {
        wheel.advance(ORIGIN + 100 * TICK);
        wheel.arm(new Named("late"), ORIGIN + 3 * TICK);

        assertThat(wheel.advance(ORIGIN + 101 * TICK - 1)).isZero();
        assertThat(wheel.advance(ORIGIN + 101 * TICK)).isEqualTo(1);
    }

    @Test
    void cancelledTimerDoesNotFireAndCanBeArmedAgain() {
        Named timer = new Named("a");
        wheel.arm(timer, ORIGIN + 5 * TICK);
        wheel.cancel(timer);
        wheel.cancel(timer);
        assertThat(wheel.isEmpty()).isTrue();
        assertThat(wheel.advance(ORIGIN + 6 * TICK)).isZero();

        wheel.arm(timer, ORIGIN + 8 * TICK);
        assertThat(wheel.advance(ORIGIN + 8 * TICK)).isEqualTo(1);
    }

    @Test
    void armingTwiceIsABug() {
        Named timer = new Named("a");
        wheel.arm(timer, ORIGIN + TICK);
        assertThatThrownBy(() -> wheel.arm(timer, ORIGIN + TICK))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void callbackMayCancelASiblingThatIsDueAtTheSameTick() {
        Named[] pair = new Named[2];
        pair[0] = new Named("0", () -> wheel.cancel(pair[1]));
        pair[1] = new Named("1", () -> wheel.cancel(pair[0]));
        for (Named timer : pair) {
            wheel.arm(timer, ORIGIN + 70 * TICK);
        }

        assertThat(wheel.advance(ORIGIN + 70 * TICK)).isEqualTo(1);
        assertThat(fired).hasSize(1);
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void callbackMayArmItsOwnTimerAgain() {
        Named[] self = new Named[1];
        self[0] =
                new Named(
                        "tick",
                        () -> {
                            if (fired.size() < 5) {
                                wheel.arm(self[0], ORIGIN + (fired.size() + 1) * 64L * TICK);
                            }
                        });
        wheel.arm(self[0], ORIGIN + 64 * TICK);
        assertThat(wheel.advance(ORIGIN + 3 * 64 * TICK)).isEqualTo(3);
        assertThat(wheel.advance(ORIGIN + 1000 * 64 * TICK)).isEqualTo(2);
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void timersOfDifferentTicksFireInOrder() {
        for (int tick : new int[] {4097, 64, 1, 262_145, 63, 65, 4096, 2}) {
            wheel.arm(new Named(Integer.toString(tick)), ORIGIN + tick * TICK);
        }
        wheel.advance(ORIGIN + 300_000 * TICK);
        assertThat(fired).containsExactly("1", "2", "63", "64", "65", "4096", "4097", "262145");
    }

    @ParameterizedTest
    @ValueSource(longs = {51, 52, 53, 104, 400, 36_500})
    void deadlineBeyondTheTopLevelIsReachedInFewWakeUpsAndNeverEarly(long days) {
        long deadline = ORIGIN + Duration.ofDays(days).toNanos() + 12_345;
        wheel.advance(ORIGIN + 77 * TICK); // not at a round place of the wheel
        wheel.arm(new Named("far"), deadline);

        assertWokenFor(deadline, 20 + 3 * days / 52);
    }

    @Test
    void saturatedDeadlineIsAcceptedAndLeavesTheOthersAlone() {
        wheel.arm(new Named("never"), Long.MAX_VALUE - 1);
        wheel.arm(new Named("soon"), ORIGIN + TICK);
        wheel.advance(ORIGIN + 2 * TICK);
        assertThat(fired).containsExactly("soon");
        assertThat(wheel.nextDeadlineNanos()).isGreaterThan(ORIGIN + 2 * TICK);
        wheel.advance(ORIGIN + Duration.ofDays(365).toNanos());
        assertThat(fired).containsExactly("soon");
    }

    @Test
    void timersOfOneTickFireInTheOrderInWhichTheyWereArmed() {
        for (String name : List.of("a", "b", "c", "d")) {
            wheel.arm(new Named(name), ORIGIN + 5000 * TICK);
        }
        wheel.advance(ORIGIN + 6000 * TICK);
        assertThat(fired).containsExactly("a", "b", "c", "d");
    }

    @Test
    void durationCountsFromTheTimeThatTheNextAdvanceIsTold() {
        Named timer = new Named("a");
        wheel.armAfter(timer, 10 * TICK);
        assertThat(timer.isArmed()).isTrue();
        assertThat(wheel.armedCount()).isEqualTo(1);
        assertThat(wheel.isBehind()).isTrue();

        wheel.advance(ORIGIN + 100 * TICK);
        assertThat(wheel.isBehind()).isFalse();
        assertThat(wheel.nextDeadlineNanos()).isEqualTo(ORIGIN + 110 * TICK);
        wheel.advance(ORIGIN + 110 * TICK - 1);
        assertThat(fired).isEmpty();
        wheel.advance(ORIGIN + 110 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void durationThatIsCancelledBeforeItCountsLeavesNothing() {
        Named timer = new Named("a");
        wheel.armAfter(timer, TICK);
        wheel.cancel(timer);
        assertThat(wheel.isEmpty()).isTrue();
        assertThat(wheel.isBehind()).isFalse();
        assertThat(wheel.advance(ORIGIN + 100 * TICK)).isZero();
    }

    @Test
    void boundedAdvanceGoesOnWhereItStopped() {
        for (int i = 0; i < 10; i++) {
            wheel.arm(new Named("due " + i), ORIGIN + 3 * TICK);
        }
        wheel.arm(new Named("later"), ORIGIN + 4 * TICK);

        assertThat(wheel.advance(ORIGIN + 5 * TICK, 4)).isEqualTo(4);
        assertThat(wheel.isBehind()).isTrue();
        assertThat(wheel.nextDeadlineNanos()).isLessThan(ORIGIN + 5 * TICK);
        wheel.arm(new Named("new"), ORIGIN + 2 * TICK);

        assertThat(wheel.advance(ORIGIN + 5 * TICK, 4)).isEqualTo(4);
        assertThat(wheel.advance(ORIGIN + 5 * TICK, 4)).isEqualTo(4);
        assertThat(wheel.isBehind()).isFalse();
        assertThat(fired.subList(0, 10)).allMatch(name -> name.startsWith("due"));
        assertThat(fired.subList(10, 12)).containsExactly("later", "new");
    }

    @Test
    void whatWaitsForTheNextSliceCanBeCancelledAndArmedAgain() {
        Named first = new Named("first");
        Named second = new Named("second");
        Named third = new Named("third");
        for (Named timer : List.of(first, second, third)) {
            wheel.arm(timer, ORIGIN + 3 * TICK);
        }
        wheel.advance(ORIGIN + 3 * TICK, 1);
        wheel.cancel(third);
        wheel.cancel(second);
        wheel.arm(second, ORIGIN + 7 * TICK);

        wheel.advance(ORIGIN + 3 * TICK, 1);
        assertThat(wheel.isBehind()).isFalse();
        assertThat(fired).containsExactly("first");
        wheel.advance(ORIGIN + 7 * TICK);
        assertThat(fired).containsExactly("first", "second");
        assertThat(wheel.isEmpty()).isTrue();
    }

    /** Sleeps from one {@code nextDeadlineNanos} to the next, as a reactor does. */
    private void assertWokenFor(long deadline, long wakeUpsMax) {
        long now = 0;
        for (int wakeUps = 0; fired.isEmpty(); wakeUps++) {
            assertThat(wakeUps).isLessThan((int) wakeUpsMax);
            long next = wheel.nextDeadlineNanos();
            assertThat(next).isGreaterThan(now).isLessThan(deadline + TICK);
            now = next;
            wheel.advance(now);
        }
        assertThat(now).isBetween(deadline, deadline + TICK);
    }
}
