package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReceiveTuningTest {
    private static final int MSS = 1000;
    private static final long MILLI = 1_000_000;
    private static final int MARGIN = 16 * MSS;

    private final ReceiveTuning tuning = new ReceiveTuning();

    @BeforeEach
    void init() {
        tuning.init(MSS);
    }

    @Test
    void theRoundTripIsTheEchoesSmoothed() {
        tuning.onRoundTrip(80 * MILLI);
        assertThat(tuning.roundTrip()).isEqualTo(80 * MILLI);
        tuning.onRoundTrip(160 * MILLI);
        assertThat(tuning.roundTrip()).isEqualTo(90 * MILLI);
        tuning.onRoundTrip(0); // less than a tick of the timestamps' clock
        assertThat(tuning.roundTrip()).isEqualTo(90 * MILLI);
    }

    @Test
    void withoutEchoesItIsTheShortestTimeForAWindow() {
        tuning.onData(0, 1000, 10_000);
        tuning.onData(30 * MILLI, 9999, 15_000);
        assertThat(tuning.roundTrip()).isZero();
        tuning.onData(40 * MILLI, 10_000, 20_000);
        assertThat(tuning.roundTrip()).isEqualTo(40 * MILLI);
        tuning.onData(90 * MILLI, 20_000, 30_000); // the peer had paused
        assertThat(tuning.roundTrip()).isEqualTo(40 * MILLI);
        tuning.onData(110 * MILLI, 31_000, 40_000);
        assertThat(tuning.roundTrip()).isEqualTo(20 * MILLI);
    }

    @Test
    void anEchoReplacesWhatTheRoundsSaid() {
        tuning.onData(0, 0, 1000);
        tuning.onData(500 * MILLI, 1000, 2000);
        tuning.onRoundTrip(10 * MILLI);
        assertThat(tuning.roundTrip()).isEqualTo(10 * MILLI);
        tuning.onData(501 * MILLI, 2000, 3000);
        assertThat(tuning.roundTrip()).isEqualTo(10 * MILLI);
    }

    @Test
    void nothingIsWantedBeforeTheRoundTripIsKnown() {
        assertThat(tuning.onTaken(0, 1_000_000, true)).isZero();
        assertThat(tuning.onTaken(1000 * MILLI, 1_000_000, true)).isZero();
    }

    @Test
    void wantsTwiceWhatWasTakenInARound() {
        tuning.onRoundTrip(10 * MILLI);
        tuning.onTaken(0, 8_000, true);
        tuning.onTaken(5 * MILLI, 4_000, true);
        // A fifth more than the ten segments a sender begins with: two fifths on top.
        int twice = 2 * 12_000 + MARGIN;
        assertThat(tuning.onTaken(10 * MILLI, 0, true)).isEqualTo(twice + twice * 2 / 5);
    }

    @Test
    void theSameRateIsNoNews() {
        tuning.onRoundTrip(10 * MILLI);
        tuning.onTaken(0, 0, true);
        assertThat(tuning.onTaken(10 * MILLI, 50_000, true)).isPositive();
        assertThat(tuning.onTaken(20 * MILLI, 50_000, true)).isZero();
        assertThat(tuning.onTaken(30 * MILLI, 50_001, true)).isPositive();
    }

    @Test
    void whatIsTakenUnderPressureIsAReasonToGrowLater() {
        tuning.onRoundTrip(10 * MILLI);
        tuning.onTaken(0, 0, true);
        assertThat(tuning.onTaken(10 * MILLI, 50_000, false)).isZero();
        assertThat(tuning.onTaken(20 * MILLI, 50_000, true)).isPositive();
    }

    @Test
    void noAmountOverflows() {
        tuning.onRoundTrip(10 * MILLI);
        tuning.onTaken(0, Integer.MAX_VALUE, true);
        assertThat(tuning.onTaken(10 * MILLI, Integer.MAX_VALUE, true)).isEqualTo(1 << 30);
    }
}
