package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JvmPausesTest {
    private final ManualClock clock = new ManualClock();
    private final FakeTimes sampler = new FakeTimes();
    private long collectorsNanos = ms(70).toNanos(); // from before
    private final JvmPauses pauses = new JvmPauses(clock, sampler, () -> collectorsNanos);

    @Test
    void samplerThatWakesInTimeHasSeenNone() {
        sleep(10, 10);
        assertPaused(0);
    }

    @Test
    void samplerThatWakesLateHasSeenOne() {
        sleep(10, 300);
        sleep(10, 15);
        assertPaused(295);
    }

    @Test
    void samplerThatWaitedForAProcessorHasNot() {
        pauses.sleeps(ms(10).toNanos());
        clock.advance(ms(300));
        sampler.waited(ms(285));
        sampler.run(ms(5));
        assertPaused(0);
    }

    @Test
    void samplerThatStandsStillAtWorkHasSeenOne() {
        sleep(10, 10);
        assertPaused(0);
        clock.advance(ms(60));
        sampler.run(ms(1));
        assertPaused(59);
        assertPaused(59);
    }

    @Test
    void samplerThatIsWokenEarlyHasSeenNone() {
        sleep(10, 2);
        assertPaused(0);
        clock.advance(ms(3));
        sampler.run(ms(3));
        assertPaused(0);
    }

    @Test
    void restOfUnknownLengthTellsNothing() {
        pauses.sleeps(StallSampler.REST);
        clock.advance(Duration.ofHours(1));
        collectorsNanos += ms(5).toNanos();
        assertPaused(0);
    }

    @Test
    void collectionThatEndsBeforeItWakesIsCountedAndOneThatMadeItLateIsCountedOnce() {
        collectorsNanos += ms(4).toNanos(); // before the first look
        sleep(10, 0);
        clock.advance(ms(10));
        collectorsNanos += ms(6).toNanos();
        assertPaused(6);
        pauses.sleeps(ms(10).toNanos());
        clock.advance(ms(25));
        collectorsNanos += ms(14).toNanos();
        assertPaused(6 + 15);
    }

    private void sleep(long planned, long slept) {
        pauses.sleeps(ms(planned).toNanos());
        clock.advance(ms(slept));
    }

    private void assertPaused(long millis) {
        assertThat(Duration.ofNanos(pauses.totalNanos())).isEqualTo(ms(millis));
    }

    private static Duration ms(long millis) {
        return Duration.ofMillis(millis);
    }
}
