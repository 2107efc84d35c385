package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is neither of RACK alone nor of the timer: marks, sizes, idleness. */
class LossRecoveryTest {
    private final RecoveryTrace trace = RecoveryTrace.selective().warm();

    // ---- Congestion marks (RFC 3168)

    @Test
    @Tag("SHLD-8")
    void aCongestionMarkSlowsDownOnceForARoundTrip() {
        trace.send(2, 11).at(200).congestionMark(2).congestionMark(3);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.CWR);
        assertThat(trace.congestion.events()).containsExactly("ECN");
        trace.send(12, 12).congestionMark(11);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.CWR);
        trace.ack(12);
        assertThat(trace.congestion.events()).containsExactly("ECN", "recovered");
        trace.send(13, 20).congestionMark(13);
        assertThat(trace.congestion.events()).containsExactly("ECN", "recovered", "ECN");
    }

    @Test
    @Tag("SHLD-8")
    void everyReductionIsToldToThePeerOnce() {
        assertThat(trace.recovery.cwrPending()).isFalse();
        trace.send(2, 11).at(200).congestionMark(2);
        assertThat(trace.recovery.cwrPending()).isTrue();
        trace.recovery.onCwrSent();
        assertThat(trace.recovery.cwrPending()).isFalse();
        trace.timeOut();
        assertThat(trace.recovery.cwrPending()).isTrue();
    }

    @Test
    void aLossInTheSameRoundTripAsAMarkSlowsDownNoFurther() {
        trace.send(2, 11).at(200).congestionMark(2).ack(2, "4-6");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.congestion.events()).containsExactly("ECN");
        assertThat(trace.resend()).containsExactly(3);
    }

    @Test
    void aMarkOnTheLastAcknowledgmentDoesNotBlock() {
        trace.send(2, 11).at(200).congestionMark(11);
        assertThat(trace.congestion.events()).containsExactly("ECN", "recovered");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.allowedSegments()).isPositive();
    }

    // ---- Sizes

    @Test
    void smallLostSegmentsAreSentAgainTogether() {
        int start = trace.recovery.next();
        for (int i = 0; i < 10; i++) {
            trace.recovery.onSent(trace.now(), trace.recovery.next(), trace.recovery.next() + 150);
        }
        trace.timeOut();
        assertThat(trace.recovery.lostStart()).isEqualTo(start);
        assertThat(trace.recovery.lostEnd()).isEqualTo(start + 900);
        trace.recovery.onRetransmitted(trace.now(), start, start + 900);
        assertThat(trace.recovery.inFlight()).isEqualTo(900);
        assertThat(trace.recovery.lostStart()).isEqualTo(start + 900);
    }

    @Test
    void severalSegmentsMayBeSentAtOnceAndAreLostOneByOne() {
        int start = trace.recovery.next();
        trace.recovery.onSent(trace.now(), start, start + 3500);
        assertThat(trace.recovery.segments().count()).isEqualTo(4);
        trace.timeOut();
        assertThat(trace.recovery.lostEnd()).isEqualTo(start + 1000);
    }

    @Test
    void afterTheSegmentSizeShrankLostDataGoesInSmallerPieces() {
        trace.send(2, 4);
        trace.recovery.segmentBytes(400);
        trace.timeOut();
        trace.congestion.window(10_000);
        List<Integer> sizes = new ArrayList<>();
        while (trace.recovery.hasLost()) {
            int start = trace.recovery.lostStart();
            int end = trace.recovery.lostEnd();
            sizes.add(end - start);
            trace.recovery.onRetransmitted(trace.now(), start, end);
        }
        assertThat(sizes).containsExactly(400, 400, 200, 400, 400, 200, 400, 400, 200);
    }

    @Test
    void anAcknowledgmentMayEndInsideASegment() {
        trace.send(2, 3);
        Acknowledgment ack = trace.prepare(1, "");
        ack.una += 300;
        trace.take(ack);
        assertThat(trace.recovery.una()).isEqualTo(RecoveryTrace.sequence(1) + 300);
        assertThat(trace.recovery.inFlight()).isEqualTo(1700);
        trace.timeOut();
        assertThat(trace.recovery.lostStart()).isEqualTo(trace.recovery.una());
        assertThat(trace.recovery.lostEnd()).isEqualTo(RecoveryTrace.sequence(2));
    }

    @Test
    void aBlockThatCoversASegmentPartlySaysNothingOfIt() {
        trace.send(2, 5).at(200);
        Acknowledgment ack = trace.prepare(1, "");
        ack.sack(RecoveryTrace.sequence(2) + 1, RecoveryTrace.sequence(4) + 1);
        trace.take(ack);
        assertThat(trace.recovery.segments().sackedBytes()).isEqualTo(RecoveryTrace.SEGMENT);
    }

    @Test
    void aPieceAtTheFrontOfASegmentCountsAsItsRetransmission() {
        trace.send(2, 3).timeOut();
        int start = trace.recovery.lostStart();
        trace.recovery.onRetransmitted(trace.now(), start, start + 1);
        assertThat(trace.recovery.lostStart()).isEqualTo(start + RecoveryTrace.SEGMENT);
    }

    @Test
    void whatIsKnownToBeSentOnlyByItsAcknowledgmentGivesNoSample() {
        trace.at(5000).send(2, 2).ack(2);
        assertThat(trace.roundTrip.minimumNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
        assertThat(trace.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
    }

    // ---- How much

    @Test
    void newDataWaitsForWhatIsLost() {
        trace.congestion.window(1_000_000);
        trace.send(2, 11).at(200).ack(1, "3-11");
        assertThat(trace.allowedSegments()).isZero();
        assertThat(trace.resend()).containsExactly(2);
    }

    @Test
    void theWindowLimitsWhatIsInFlight() {
        trace.congestion.window(12 * RecoveryTrace.SEGMENT);
        assertThat(trace.allowedSegments()).isEqualTo(12);
        trace.send(2, 11);
        assertThat(trace.allowedSegments()).isEqualTo(2);
        trace.at(200).ack(1, "11");
        assertThat(trace.allowedSegments()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void oneSegmentMayAlwaysBeInFlight() {
        trace.congestion.window(0);
        assertThat(trace.allowedSegments()).isEqualTo(1);
        trace.send(2, 2);
        assertThat(trace.allowedSegments()).isZero();
    }

    // ---- Idleness

    @Test
    void theCongestionControlLearnsOfALongPauseBeforeTheWindowIsAsked() {
        trace.recovery.allowance(trace.now());
        assertThat(trace.congestion.pausesNanos()).isEmpty();
        trace.at(5000);
        trace.recovery.allowance(trace.now());
        assertThat(trace.congestion.pausesNanos()).hasSize(1);
        trace.recovery.allowance(trace.now());
        trace.send(2, 2).at(5100).ack(2).at(9000);
        trace.recovery.allowance(trace.now());
        assertThat(trace.congestion.pausesNanos())
                .containsExactly(
                        5000 * RecoveryTrace.MILLISECOND, 4000 * RecoveryTrace.MILLISECOND);
    }

    @Test
    void andOfAShortOneWhenItEnds() {
        trace.at(290).send(2, 3).at(300).send(4, 4);
        assertThat(trace.congestion.pausesNanos()).containsExactly(290 * RecoveryTrace.MILLISECOND);
    }

    @Test
    void anIdleConnectionHasNoArrays() {
        trace.recovery.trim();
        assertThat(trace.recovery.segments().capacity()).isZero();
        assertThat(trace.deadline()).isEqualTo(-1);
        trace.send(2, 2).at(200).ack(2);
        assertThat(trace.recovery.isIdle()).isTrue();
    }

    @Test
    void aClosedOneHasNoTimerAndNothingInFlight() {
        trace.send(2, 5).timeOut();
        trace.recovery.close();
        assertThat(trace.recovery.isIdle()).isTrue();
        assertThat(trace.recovery.hasLost()).isFalse();
        assertThat(trace.recovery.probeDue()).isFalse();
        assertThat(trace.deadline()).isEqualTo(-1);
    }
}
