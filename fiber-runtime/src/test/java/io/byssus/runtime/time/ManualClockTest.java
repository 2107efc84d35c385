package io.byssus.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    @Test
    void standsStillUntilItIsAdvanced() {
        ManualClock clock = new ManualClock();
        assertThat(clock.nanoTime()).isZero();
        clock.advance(Duration.ofMillis(3));
        clock.advance(Duration.ZERO);
        clock.advance(Duration.ofNanos(5));
        assertThat(clock.nanoTime()).isEqualTo(3_000_005);
        assertThat(clock.nanoTime()).isEqualTo(3_000_005);
    }

    @Test
    void doesNotGoBack() {
        ManualClock clock = new ManualClock();
        clock.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step=PT-0.000000001S");
        assertThat(clock.nanoTime()).isEqualTo(1_000_000_000);
    }

    @Test
    void startsAndGoesOnWhereItIsTold() {
        ManualClock clock = new ManualClock(Long.MAX_VALUE - 1);
        clock.advanceTo(Long.MIN_VALUE + 1); // as any other: only differences count
        assertThat(clock.nanoTime()).isEqualTo(Long.MIN_VALUE + 1);
        assertThatThrownBy(() -> clock.advanceTo(Long.MIN_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("target=" + Long.MIN_VALUE);
    }

    @Test
    void systemClockGoesForward() {
        long before = Clock.system().nanoTime();
        assertThat(Clock.system().nanoTime()).isGreaterThanOrEqualTo(before);
    }
}
