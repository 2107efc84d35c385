package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.SlowStart.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HyStart++, RFC 9406, section 4.2. */
class SlowStartTest {
    private static final int SEGMENT = 1000;
    private static final long MICROSECOND = 1000;

    private final SlowStart slowStart = new SlowStart();

    /** A round of so many acknowledgments; whether slow start is over at its end. */
    private boolean round(int samples, long micros) {
        boolean over = false;
        for (int i = 1; i <= samples; i++) {
            over = slowStart.onAck(micros * MICROSECOND, i == samples);
            assertThat(over && i < samples).isFalse();
        }
        return over;
    }

    @Test
    void anAcknowledgmentCountsForEightSegmentsAtMostInTheFirstSlowStart() {
        assertThat(slowStart.growth(700, SEGMENT)).isEqualTo(700);
        assertThat(slowStart.growth(8000, SEGMENT)).isEqualTo(8000);
        assertThat(slowStart.growth(50_000, SEGMENT)).isEqualTo(8000);
    }

    @Test
    void forTwoAfterALoss() {
        slowStart.onCongestion();
        assertThat(slowStart.growth(1999, SEGMENT)).isEqualTo(1999);
        assertThat(slowStart.growth(50_000, SEGMENT)).isEqualTo(2000);
    }

    @Test
    void forOneAfterATimeoutUntilTheThreshold() {
        slowStart.onTimeout();
        assertThat(slowStart.growth(50_000, SEGMENT)).isEqualTo(1000);
        slowStart.onThreshold();
        assertThat(slowStart.growth(50_000, SEGMENT)).isEqualTo(2000);
    }

    @ParameterizedTest
    @CsvSource({
        // An eighth of the last round's, but at least 4 ms and at most 16 ms.
        "1000, 4000",
        "32000, 4000",
        "80000, 10000",
        "128000, 16000",
        "1000000, 16000"
    })
    void growsSlowerAfterARoundWithLongerRoundTrips(long micros, long rise) {
        round(8, micros);
        round(8, micros + rise - 1);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);

        SlowStart other = new SlowStart();
        for (int i = 1; i <= 8; i++) {
            other.onAck(micros * MICROSECOND, i == 8);
        }
        for (int i = 1; i <= 8; i++) {
            assertThat(other.mode()).isEqualTo(Mode.INITIAL);
            other.onAck((micros + rise) * MICROSECOND, false);
        }
        assertThat(other.mode()).isEqualTo(Mode.CONSERVATIVE);
        assertThat(other.growth(4000, SEGMENT)).isEqualTo(1000);
        assertThat(other.growth(50_000, SEGMENT)).isEqualTo(2000);
    }

    @Test
    void theShortestRoundTripOfARoundCounts() {
        round(8, 100_000);
        slowStart.onAck(100_000 * MICROSECOND, false);
        round(20, 200_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
    }

    @Test
    void sevenSamplesDecideNothing() {
        round(8, 100_000);
        round(7, 200_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
    }

    @Test
    void acknowledgmentsWithoutASampleAreNoSamples() {
        round(8, 100_000);
        round(7, 200_000);
        SlowStart other = new SlowStart();
        for (int i = 1; i <= 8; i++) {
            other.onAck(100_000 * MICROSECOND, i == 8);
        }
        for (int i = 1; i <= 20; i++) {
            other.onAck(i <= 7 ? 200_000 * MICROSECOND : 0, false);
        }
        assertThat(other.mode()).isEqualTo(Mode.INITIAL);
    }

    @Test
    void aRoundWithoutASampleIsNothingToCompareWith() {
        round(8, 100_000);
        slowStart.onAck(0, true);
        round(8, 200_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
    }

    @Test
    void isOverAfterFiveRoundsOfLongerRoundTrips() {
        round(10, 100_000);
        // The first of them is the one that shows the rise: a part of a round counts.
        for (int i = 1; i < SlowStart.CONSERVATIVE_ROUNDS; i++) {
            assertThat(round(10, 120_000)).isFalse();
            assertThat(slowStart.mode()).isEqualTo(Mode.CONSERVATIVE);
        }
        assertThat(round(10, 120_000)).isTrue();
    }

    @Test
    void goesOnWhenTheRoundTripsGetShorterAgain() {
        round(10, 100_000);
        round(10, 120_000);
        round(10, 120_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.CONSERVATIVE);
        for (int i = 1; i <= 8; i++) {
            assertThat(slowStart.mode()).isEqualTo(Mode.CONSERVATIVE);
            slowStart.onAck(119_999 * MICROSECOND, false);
        }
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
        assertThat(slowStart.growth(4000, SEGMENT)).isEqualTo(4000);
    }

    @Test
    void butNotWithinTheRoundThatShowedTheRise() {
        round(10, 100_000);
        for (int i = 1; i <= 8; i++) {
            slowStart.onAck(120_000 * MICROSECOND, false);
        }
        assertThat(slowStart.mode()).isEqualTo(Mode.CONSERVATIVE);
        round(10, 100_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.CONSERVATIVE);
        round(10, 105_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
    }

    @Test
    void afterAnInterruptionTheFiveRoundsBeginAnew() {
        round(10, 100_000);
        round(10, 120_000);
        round(10, 119_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
        for (int i = 1; i < SlowStart.CONSERVATIVE_ROUNDS; i++) {
            assertThat(round(10, 140_000)).isFalse();
        }
        assertThat(round(10, 140_000)).isTrue();
    }

    @Test
    void onlyTheFirstSlowStartLooksAtRoundTrips() {
        slowStart.onCongestion();
        for (int i = 1; i < 20; i++) {
            assertThat(round(10, i * 100_000L)).isFalse();
        }
        assertThat(slowStart.mode()).isEqualTo(Mode.LATER);
    }

    @Test
    void roundTripsBeforeAPauseAreNotCompared() {
        round(10, 100_000);
        slowStart.onIdle();
        round(10, 200_000);
        assertThat(slowStart.mode()).isEqualTo(Mode.INITIAL);
    }
}
