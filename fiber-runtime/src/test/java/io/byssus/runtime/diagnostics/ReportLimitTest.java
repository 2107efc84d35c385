package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReportLimitTest {
    private final ReportLimit limit = new ReportLimit();

    @Test
    void fiveAMinuteGoOutAndTheOthersAreCountedWhenItIsOver() {
        for (int i = 0; i < 5; i++) {
            assertThat(limit.tryAcquire(seconds(i))).isTrue();
        }
        assertThat(limit.untilDue(seconds(5))).as("nothing to tell").isEqualTo(Long.MAX_VALUE);
        assertThat(limit.tryAcquire(seconds(6))).isFalse();
        assertThat(limit.tryAcquire(seconds(59))).isFalse();
        assertThat(limit.takeHeldBack(seconds(59))).as("it is not over").isZero();
        assertThat(limit.untilDue(seconds(59))).isEqualTo(seconds(1));

        assertThat(limit.untilDue(seconds(61))).isZero();
        assertThat(limit.takeHeldBack(seconds(61))).isEqualTo(2);
        assertThat(limit.takeHeldBack(seconds(62))).as("told once").isZero();
        assertThat(limit.tryAcquire(seconds(62))).as("a new minute").isTrue();
    }

    @Test
    void minuteBeginsWithItsFirstReport() {
        assertThat(limit.tryAcquire(seconds(1_000))).isTrue();
        for (int i = 1; i < 5; i++) {
            assertThat(limit.tryAcquire(seconds(1_059))).isTrue();
        }
        assertThat(limit.tryAcquire(seconds(1_059))).isFalse();
        assertThat(limit.tryAcquire(seconds(1_060))).isTrue();
    }

    @Test
    void atTheEndWhatIsHeldBackIsToldAtOnce() {
        for (int i = 0; i < 7; i++) {
            boolean ignored = limit.tryAcquire(seconds(1));
        }
        assertThat(limit.takeHeldBack()).isEqualTo(2);
        assertThat(limit.takeHeldBack()).isZero();
        assertThat(limit.untilDue(seconds(2))).isEqualTo(Long.MAX_VALUE);
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
