package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 8985, section 6: what is lost, by the time it was sent. */
class RackTest {
    private final RecoveryTrace trace = RecoveryTrace.selective().warm();

    @Test
    void threeSackedSegmentsShowALossAtOnceWhileThePathKeepsTheOrder() {
        trace.send(2, 11).at(200).ack(1, "3").ack(1, "3-4");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.DISORDER);
        assertThat(trace.resend()).isEmpty();
        trace.ack(1, "3-5");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.resend()).containsExactly(2);
        assertThat(trace.congestion.events()).containsExactly("LOSS");
    }

    @Test
    void fewerShowItAfterAQuarterOfTheSmallestRoundTrip() {
        trace.send(2, 3).at(200).ack(1, "3");
        assertThat(trace.deadline()).isEqualTo(225);
        assertThat(trace.resend()).isEmpty();
        assertThat(trace.fire()).isEqualTo(LossRecovery.REORDER);
        assertThat(trace.resend()).containsExactly(2);
    }

    @Test
    void theReorderTimerWaitsForTheLastThatMayBeOutOfOrder() {
        trace.send(2, 2).at(105).send(3, 3).at(110).send(4, 4);
        trace.at(210).ack(1, "4");
        assertThat(trace.deadline()).isEqualTo(230);
        trace.fire();
        assertThat(trace.lost()).containsExactly(2, 3);
    }

    @Test
    void aLateSegmentThatArrivesInTimeIsNotSentAgain() {
        trace.send(2, 3).at(200).ack(1, "3").at(210).ack(3);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.deadline()).isEqualTo(-1);
    }

    @Test
    void aPathThatReordersGetsItsTimeHoweverMuchIsSacked() {
        trace.send(2, 11).at(200).ack(1, "5").ack(1, "4-5").ack(1, "4-8");
        assertThat(trace.resend()).isEmpty();
        assertThat(trace.deadline()).isEqualTo(225);
    }

    @Test
    void whatOneAcknowledgmentDeliversIsNotOutOfOrder() {
        trace.send(2, 11).at(200).ack(1, "5 3");
        trace.ack(1, "5-6 3");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.lost()).containsExactly(2, 4);
    }

    @Test
    void aLostRetransmissionIsSentAgain() {
        trace.send(2, 11).at(200).ack(1, "3-5");
        assertThat(trace.resend()).containsExactly(2);
        trace.at(201).send(12, 12).at(301).ack(1, "12 3-11");
        assertThat(trace.resend()).containsExactly(2);
        assertThat(trace.recovery.counters().lostRetransmissions).isEqualTo(1);
        assertThat(trace.recovery.counters().timeouts).isZero();
    }

    @Test
    void aReportOfANeedlessRetransmissionWidensTheWindowOnceForARoundTrip() {
        trace.send(2, 4).at(200).ack(3, "2").ack(3, "3");
        assertThat(trace.recovery.counters().duplicateSacks).isEqualTo(2);
        trace.send(5, 6).at(300).ack(4, "6");
        assertThat(trace.deadline()).isEqualTo(350);
    }

    @Test
    void theWindowIsAtMostTheSmoothedRoundTrip() {
        ReorderWindow window = new ReorderWindow();
        window.start(0);
        for (int round = 1; round < 10; round++) {
            window.onDuplicateSack(round);
            window.onAcknowledged(round);
        }
        assertThat(window.nanos(trace.roundTrip, false, 0))
                .isEqualTo(trace.roundTrip.smoothedNanos());
    }

    @Test
    void aWiderWindowIsForgottenAfterSixteenRecoveries() {
        ReorderWindow window = new ReorderWindow();
        window.start(0);
        window.onDuplicateSack(1);
        long wide = window.nanos(trace.roundTrip, false, 0);
        for (int i = 1; i < ReorderWindow.PERSISTENCE; i++) {
            window.onRecovered();
        }
        assertThat(window.nanos(trace.roundTrip, false, 0)).isEqualTo(wide);
        window.onRecovered();
        assertThat(window.nanos(trace.roundTrip, false, 0)).isEqualTo(wide / 2);
    }

    @Test
    void anAcknowledgedRetransmissionThatIsTooRecentSaysNothing() {
        SentSegments segments = new SentSegments();
        segments.begin(0);
        segments.append(100, 20, 10);
        segments.markRetransmitted(segments.first(), 200);
        RecentDelivery recent = new RecentDelivery();
        Acknowledgment ack = new Acknowledgment().begin(0, 10);
        recent.offer(210, segments, segments.first(), ack, 50);
        assertThat(recent.isKnown()).isFalse();
        recent.offer(250, segments, segments.first(), ack, 50);
        assertThat(recent.isKnown()).isTrue();
        assertThat(recent.roundTripNanos()).isEqualTo(50);
        assertThat(recent.isAfter(100, 20)).isTrue();
    }

    @Test
    void theRoundTripIsThatOfTheLastSentOfWhatOneAcknowledgmentDelivers() {
        trace.send(2, 11).at(120).send(12, 12).at(220).ack(1, "12 5-6");
        assertThat(trace.lost()).containsExactly(2, 3, 4, 7, 8, 9, 10, 11);
    }

    @Test
    void aRetransmissionThatFollowsNewDataAtTheSameTimeIsTheLaterOne() {
        trace.send(2, 11).at(200).ack(1, "3-4").send(12, 12).ack(1, "3-5");
        assertThat(trace.resend()).containsExactly(2);
        trace.at(300).ack(1, "12 3-11");
        assertThat(trace.lost()).isEmpty();
    }

    @Test
    void aTimestampTellsThatTheFirstTransmissionArrived() {
        long later = 200 * RecoveryTrace.MILLISECOND;
        SentSegments segments = new SentSegments();
        segments.begin(0);
        segments.append(1, 10, 10);
        segments.markRetransmitted(segments.first(), later);
        RecentDelivery recent = new RecentDelivery();
        Acknowledgment ack = new Acknowledgment().begin(0, 10).timestamp(1);
        recent.offer(2 * later, segments, segments.first(), ack, 1);
        assertThat(recent.isKnown()).isFalse();
        recent.offer(2 * later, segments, segments.first(), ack.timestamp(later), 1);
        assertThat(recent.isKnown()).isTrue();
    }

    @Test
    void anAcknowledgmentThatWasOvertakenStillTellsWhatItSacks() {
        trace.send(2, 11).at(200).ack(2).ack(1, "4-6");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.resend()).containsExactly(3);
    }

    @Test
    void recoveryEndsWhenAllThatWasSentBeforeItIsAcknowledged() {
        trace.send(2, 11).at(200).ack(1, "3-5");
        trace.resend();
        trace.send(12, 12).at(300).ack(10);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        trace.ack(11);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered");
    }

    @Test
    void whatIsInFlightIsNeitherSackedNorLost() {
        trace.send(2, 11);
        assertThat(trace.inFlightSegments()).isEqualTo(10);
        trace.at(200).ack(1, "3-5");
        assertThat(trace.inFlightSegments()).isEqualTo(6);
        trace.resend();
        assertThat(trace.inFlightSegments()).isEqualTo(7);
    }
}
