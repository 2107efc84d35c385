package io.byssus.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UtilizationTest {
    private final ManualClock clock = new ManualClock();
    private long carrierNanos = Duration.ofSeconds(3).toNanos(); // from before
    private final Utilization utilization = new Utilization(clock, () -> carrierNanos);

    private void pass(long millis, long ofThemOnTheProcessor) {
        clock.advance(Duration.ofMillis(millis));
        carrierNanos += Duration.ofMillis(ofThemOnTheProcessor).toNanos();
    }

    @Test
    void carrierThatComputesIsUsedWhollyAndOneThatSleepsNotAtAll() {
        pass(100, 100);
        assertThat(utilization.read()).isEqualTo(1);
        pass(100, 0);
        assertThat(utilization.read()).isZero();
    }

    @Test
    void itIsOfTheTimeSinceTheLastReading() {
        pass(100, 50);
        assertThat(utilization.read()).isEqualTo(0.5);
        pass(200, 20);
        assertThat(utilization.read()).isEqualTo(0.1);
    }

    @Test
    void clocksThatDisagreeALittleDoNotMakeItMoreThanOneProcessor() {
        pass(100, 101);
        assertThat(utilization.read()).isEqualTo(1);
    }

    @Test
    void readingAtTheSameMomentRepeatsTheLast() {
        pass(100, 50);
        assertThat(utilization.read()).isEqualTo(0.5);
        assertThat(utilization.read()).isEqualTo(0.5);
    }

    @Test
    void carrierThatHasEndedKeepsItsLast() {
        pass(100, 50);
        assertThat(utilization.read()).isEqualTo(0.5);
        clock.advance(Duration.ofSeconds(1));
        carrierNanos = -1;
        assertThat(utilization.read()).isEqualTo(0.5);
    }
}
