package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 6298; RFC 7323, appendix G. */
class RoundTripEstimatorTest {
    private static final long MILLISECOND = 1_000_000L;
    private static final long SECOND = 1000 * MILLISECOND;

    private final RoundTripEstimator estimator = new RoundTripEstimator();

    private void sample(long millis) {
        estimator.onSample(0, millis * MILLISECOND, 1);
    }

    @Test
    void waitsASecondBeforeAnySample() {
        assertThat(estimator.hasSample()).isFalse();
        assertThat(estimator.timeoutNanos()).isEqualTo(SECOND);
        assertThat(estimator.minimumNanos()).isZero();
    }

    @Test
    void theFirstSampleIsTheMeanAndTwiceTheVariation() {
        sample(400);
        assertThat(estimator.smoothedNanos()).isEqualTo(400 * MILLISECOND);
        assertThat(estimator.variationNanos()).isEqualTo(200 * MILLISECOND);
        assertThat(estimator.timeoutNanos()).isEqualTo((400 + 4 * 200) * MILLISECOND);
    }

    @Test
    void furtherSamplesMoveTheMeanByAnEighthAndTheVariationByAQuarter() {
        sample(400);
        sample(480);
        assertThat(estimator.variationNanos()).isEqualTo((200 - (200 - 80) / 4) * MILLISECOND);
        assertThat(estimator.smoothedNanos()).isEqualTo(410 * MILLISECOND);
    }

    @Test
    void theVariationsTermIsNeverBelow200Milliseconds() {
        for (int i = 0; i < 1000; i++) {
            sample(1);
        }
        assertThat(estimator.timeoutNanos()).isEqualTo(201 * MILLISECOND);
    }

    @Test
    @Tag("MUST-19")
    void backsOffExponentiallyUpToTheMaximum() {
        sample(400);
        estimator.backOff();
        assertThat(estimator.timeoutNanos()).isEqualTo(2400 * MILLISECOND);
        estimator.backOff();
        assertThat(estimator.timeoutNanos()).isEqualTo(4800 * MILLISECOND);
        for (int i = 0; i < 1000; i++) {
            estimator.backOff();
        }
        assertThat(estimator.timeoutNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    @Tag("MUST-18")
    void staysBackedOffUntilANewSample() {
        sample(400);
        estimator.backOff();
        estimator.offerMinimum(0, MILLISECOND);
        assertThat(estimator.timeoutNanos()).isEqualTo(2400 * MILLISECOND);
        sample(400);
        assertThat(estimator.timeoutNanos()).isLessThan(1200 * MILLISECOND);
    }

    @Test
    void theMaximumMayBeLargerThanAMinuteAndNotSmaller() {
        RoundTripEstimator patient = new RoundTripEstimator(120 * SECOND);
        for (int i = 0; i < 10; i++) {
            patient.backOff();
        }
        assertThat(patient.timeoutNanos()).isEqualTo(120 * SECOND);
        assertThatThrownBy(() -> new RoundTripEstimator(60 * SECOND - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maximumNanos=59999999999");
    }

    @Test
    void afterARetransmittedSynItWaitsThreeSeconds() {
        estimator.backOff();
        estimator.onSynRetransmitted();
        assertThat(estimator.timeoutNanos()).isEqualTo(3 * SECOND);
        sample(100);
        assertThat(estimator.timeoutNanos()).isEqualTo(300 * MILLISECOND);
    }

    @Test
    void aSampleOfTheHandshakeCountsMoreThanARetransmittedSyn() {
        sample(100);
        estimator.onSynRetransmitted();
        assertThat(estimator.timeoutNanos()).isEqualTo(300 * MILLISECOND);
    }

    @Test
    void manySamplesOfARoundTripMoveItAsMuchAsOne() {
        RoundTripEstimator dense = new RoundTripEstimator();
        sample(400);
        dense.onSample(0, 400 * MILLISECOND, 100);
        sample(800);
        for (int i = 0; i < 100; i++) {
            dense.onSample(0, 800 * MILLISECOND, 100);
        }
        assertThat(dense.smoothedNanos())
                .isCloseTo(estimator.smoothedNanos(), within(5 * MILLISECOND));
        assertThat(dense.variationNanos())
                .isCloseTo(estimator.variationNanos(), within(20 * MILLISECOND));
    }

    @Test
    void forgetsTheSmallestAfterSomeMinutes() {
        long halfWindow = RoundTripEstimator.MINIMUM_HALF_WINDOW_NANOS;
        estimator.onSample(0, 10, 1);
        estimator.onSample(1, 30, 1);
        assertThat(estimator.minimumNanos()).isEqualTo(10);
        estimator.onSample(halfWindow, 20, 1);
        assertThat(estimator.minimumNanos()).isEqualTo(10);
        estimator.onSample(2 * halfWindow, 40, 1);
        assertThat(estimator.minimumNanos()).isEqualTo(20);
        estimator.onSample(10 * halfWindow, 50, 1);
        assertThat(estimator.minimumNanos()).isEqualTo(50);
    }

    @Test
    void aSpuriousTimeoutMakesItMoreCautious() {
        sample(100);
        estimator.backOff();
        estimator.onSpuriousTimeout(900 * MILLISECOND);
        assertThat(estimator.smoothedNanos()).isEqualTo(900 * MILLISECOND);
        assertThat(estimator.timeoutNanos()).isEqualTo((900 + 4 * 450) * MILLISECOND);
    }

    @Test
    void anAnswerThatComesAsLateAsUsualEndsTheBackOffWithoutASample() {
        sample(100);
        estimator.backOff();
        estimator.backOff();
        for (long late : new long[] {0, 50, 301}) {
            estimator.onAmbiguous(late * MILLISECOND);
            assertThat(estimator.timeoutNanos()).isEqualTo(4 * 300 * MILLISECOND);
        }
        estimator.onAmbiguous(110 * MILLISECOND);
        assertThat(estimator.timeoutNanos()).isEqualTo(300 * MILLISECOND);
        assertThat(estimator.smoothedNanos()).isEqualTo(100 * MILLISECOND);
    }

    @Test
    void oneThatAlwaysComesAfterTheSameNumberOfTimeoutsMayAnswerTheFirst() {
        sample(100);
        for (int timeouts = 1; timeouts <= 2; timeouts++) {
            estimator.backOff();
            estimator.onAmbiguous(100 * MILLISECOND);
            assertThat(estimator.timeoutNanos()).isEqualTo(timeouts * 300L * MILLISECOND);
        }
        sample(100);
        estimator.backOff();
        estimator.onAmbiguous(100 * MILLISECOND);
        assertThat(estimator.timeoutNanos()).isEqualTo(300 * MILLISECOND);
    }

    @Test
    void aSampleThatIsOutOfAllReasonIsForgottenSoon() {
        sample(100);
        estimator.onSpuriousTimeout(3600 * SECOND);
        int count = 0;
        while (estimator.timeoutNanos() > SECOND) {
            sample(100);
            count++;
        }
        assertThat(count).isLessThan(50);
    }

    @Test
    void noSampleBreaksIt() {
        for (long sample : new long[] {0, -5, Long.MAX_VALUE / 16, 1, Long.MIN_VALUE}) {
            estimator.onSample(0, sample, 1);
            assertThat(estimator.timeoutNanos()).isBetween(200 * MILLISECOND, 60 * SECOND);
        }
    }

    private static org.assertj.core.data.Offset<Long> within(long nanos) {
        return org.assertj.core.data.Offset.offset(nanos);
    }
}
