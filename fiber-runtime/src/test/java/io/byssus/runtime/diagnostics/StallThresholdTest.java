package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallThresholdTest {
    private static final long NANOS = 25_000_000;

    @Test
    void inTheFirstSecondItIsTenTimesTheUsual() {
        StallThreshold threshold = new StallThreshold(NANOS, 2);
        long begin = -1_000;
        assertThat(threshold.nanos(begin)).isEqualTo(10 * NANOS);
        long second = TimeUnit.SECONDS.toNanos(1);
        assertThat(threshold.nanos(begin + second - 1)).isEqualTo(10 * NANOS);
        assertThat(threshold.nanos(begin + second)).isEqualTo(NANOS);
        assertThat(threshold.nanos(begin + second * 1_000)).isEqualTo(NANOS);
    }

    @Test
    void shardIsReadyAfterTheTasksOfItsStart() {
        StallThreshold threshold = new StallThreshold(NANOS, 2);
        assertThat(threshold.isReady(1)).isFalse();
        assertThat(threshold.isReady(2)).isTrue();
    }
}
