package io.byssus.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLimitTest {
    @ParameterizedTest
    @ValueSource(longs = {0, -5_000, Long.MAX_VALUE - 150})
    void letsOneThroughPerIntervalAndCountsTheOthers(long origin) {
        LogLimit limit = new LogLimit(100);

        assertThat(limit.tryAcquire(origin)).isZero();
        assertThat(limit.tryAcquire(origin)).isEqualTo(-1);
        assertThat(limit.tryAcquire(origin + 99)).isEqualTo(-1);
        assertThat(limit.tryAcquire(origin + 100)).isEqualTo(2);
        assertThat(limit.tryAcquire(origin + 199)).isEqualTo(-1);
        assertThat(limit.tryAcquire(origin + 1_000)).isEqualTo(1);
        assertThat(limit.tryAcquire(origin + 1_100)).as("none was held back").isZero();
    }

    @Test
    void intervalOfZeroHoldsNothingBack() {
        LogLimit limit = new LogLimit(0);
        assertThat(limit.tryAcquire(7)).isZero();
        assertThat(limit.tryAcquire(7)).isZero();
    }
}
