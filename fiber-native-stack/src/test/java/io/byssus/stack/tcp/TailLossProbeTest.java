package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 8985, section 7. */
class TailLossProbeTest {
    private final RecoveryTrace trace = RecoveryTrace.selective().warm();

    @Test
    void comesAfterTwoRoundTripsAndTheTimerStartsAnew() {
        trace.send(2, 3);
        assertThat(trace.deadline()).isEqualTo(300);
        assertThat(trace.fire()).isEqualTo(LossRecovery.PROBE);
        assertThat(trace.resendProbe()).isEqualTo(3);
        assertThat(trace.recovery.probeDue()).isFalse();
        assertThat(trace.deadline()).isEqualTo(600);
        assertThat(trace.fire()).isEqualTo(LossRecovery.TIMEOUT);
    }

    @Test
    void waitsForTheDelayedAcknowledgmentOfASingleSegmentButNotLongerThanTheTimer() {
        trace.send(2, 2);
        assertThat(trace.deadline()).isEqualTo(400);
        assertThat(trace.fire()).isEqualTo(LossRecovery.PROBE);
        assertThat(TailLossProbe.delayNanos(trace.roundTrip, true))
                .isEqualTo(400 * RecoveryTrace.MILLISECOND);
    }

    @Test
    void waitsASecondWhileNoRoundTripIsKnown() {
        RecoveryTrace fresh = RecoveryTrace.selective().send(1, 2);
        assertThat(fresh.deadline()).isEqualTo(1000);
    }

    @Test
    void isNewDataIfThereIsSome() {
        trace.send(2, 3);
        trace.fire();
        trace.send(4, 4);
        assertThat(trace.recovery.probeDue()).isFalse();
        assertThat(trace.recovery.counters().retransmittedSegments).isZero();
        assertThat(trace.deadline()).isEqualTo(600);
        trace.at(400).ack(4).send(5, 5).at(500).ack(5);
        assertThat(trace.congestion.events()).isEmpty();
    }

    @Test
    void showsWhichOfTheTailIsLost() {
        trace.send(2, 5).at(200).ack(3);
        assertThat(trace.fire()).isEqualTo(LossRecovery.PROBE);
        assertThat(trace.resendProbe()).isEqualTo(5);
        trace.at(500).ack(3, "5");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.resend()).containsExactly(4);
    }

    @Test
    void aLossThatItRepairedSlowsDown() {
        trace.send(2, 3);
        trace.fire();
        trace.resendProbe();
        trace.at(400).ack(3);
        assertThat(trace.congestion.events()).isEmpty();
        trace.send(4, 4).at(500).ack(4);
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered");
        assertThat(trace.recovery.cwrPending()).isTrue();
    }

    @Test
    void aNeedlessOneDoesNotSlowDown() {
        trace.send(2, 3);
        trace.fire();
        trace.resendProbe();
        trace.at(310).ack(3).at(400).ack(3, "3");
        trace.send(4, 4).at(500).ack(4);
        assertThat(trace.congestion.events()).isEmpty();
        // Nor does it show that the path reorders.
        trace.send(5, 6).at(600).ack(4, "6");
        assertThat(trace.deadline()).isEqualTo(625);
    }

    @Test
    void isNotSentTwiceForOneFlight() {
        trace.send(2, 3);
        trace.fire();
        trace.resendProbe();
        assertThat(trace.fire()).isEqualTo(LossRecovery.TIMEOUT);
        assertThat(trace.recovery.counters().probes).isEqualTo(1);
    }

    @Test
    void isNotSentWhileSomethingIsSacked() {
        trace.send(2, 4).at(200).ack(1, "3");
        trace.fire();
        trace.resend();
        assertThat(trace.fire()).isEqualTo(LossRecovery.TIMEOUT);
    }

    @Test
    void isNotSentWithoutSack() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm().send(2, 3);
        assertThat(old.fire()).isEqualTo(LossRecovery.TIMEOUT);
    }

    @Test
    void isCalledOffWhenEverythingIsAcknowledgedMeanwhile() {
        trace.send(2, 3);
        trace.fire();
        trace.ack(3);
        assertThat(trace.recovery.probeDue()).isFalse();
        assertThat(trace.deadline()).isEqualTo(-1);
    }
}
