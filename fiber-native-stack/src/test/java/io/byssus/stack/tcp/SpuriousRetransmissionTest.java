package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 3522 and 4015 (Eifel), RFC 2883 (DSACK) and RFC 5682 (F-RTO). */
class SpuriousRetransmissionTest {
    private final RecoveryTrace trace = RecoveryTrace.selective().warm();

    private void recover(RecoveryTrace in) {
        in.send(2, 11).at(200).ack(1, "3-5");
        assertThat(in.resend()).containsExactly(2);
    }

    private void timeOut(RecoveryTrace in) {
        in.send(2, 11).timeOut();
        assertThat(in.resend()).containsExactly(2);
    }

    // ---- Eifel

    @Test
    void aTimestampShowsThatTheOriginalWasOnlyLate() {
        recover(trace);
        trace.at(210).ackEchoing(100, 5, "");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "undo");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.recovery.counters().spurious).isEqualTo(1);
    }

    @Test
    void aTimestampShowsThatTheRetransmissionArrived() {
        recover(trace);
        trace.at(300).ackEchoing(200, 5, "");
        trace.at(310).ackEchoing(100, 11, "");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered");
    }

    @Test
    void aSpuriousTimeoutIsUndoneAndTheTimerLearns() {
        timeOut(trace);
        trace.at(700).ackEchoing(100, 2, "");
        assertThat(trace.congestion.events()).containsExactly("timeout", "undo");
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.resend()).isEmpty();
        assertThat(trace.inFlightSegments()).isEqualTo(9);
        assertThat(trace.roundTrip.smoothedNanos()).isEqualTo(600 * RecoveryTrace.MILLISECOND);
        trace.at(705).ackEchoing(100, 11, "");
        assertThat(trace.recovery.isIdle()).isTrue();
    }

    @Test
    void aLostAcknowledgmentTeachesTheTimerNothing() {
        timeOut(trace);
        trace.at(700).ackEchoing(100, 2, "2");
        assertThat(trace.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
        trace.ackEchoing(100, 11, "");
        assertThat(trace.recovery.isIdle()).isTrue();
    }

    @Test
    void norDoesOneOfAPeerThatMayNotReportDuplicates() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm();
        old.send(2, 3).timeOut();
        assertThat(old.resend()).containsExactly(2);
        old.at(700).ackEchoing(100, 3, "");
        assertThat(old.congestion.events()).containsExactly("timeout");
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
    }

    @Test
    void norOneThatComesWhenTheAnswerToTheRetransmissionWasDue() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm();
        old.send(2, 4).timeOut();
        assertThat(old.resend()).containsExactly(2);
        old.at(500).ackEchoing(100, 3, ""); // 2 and 3 had arrived, 4 had not
        assertThat(old.congestion.events()).containsExactly("timeout");
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
        assertThat(old.roundTrip.timeoutNanos()).isEqualTo(300 * RecoveryTrace.MILLISECOND);
    }

    @Test
    void butOneThatComesEarlierAnswersTheOriginal() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm();
        old.send(2, 4).timeOut();
        assertThat(old.resend()).containsExactly(2);
        old.at(420).ackEchoing(100, 3, "");
        assertThat(old.congestion.events()).containsExactly("timeout", "undo");
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(320 * RecoveryTrace.MILLISECOND);
    }

    // ---- DSACK

    @Test
    void aReportThatAllWasReceivedTwiceUndoesTheRecovery() {
        recover(trace);
        trace.at(210).ack(5).at(300).ack(5, "2");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "undo");
    }

    @Test
    void alsoWhenItIsOverAlready() {
        recover(trace);
        trace.at(210).ack(11).at(300).ack(11, "2");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered", "undo");
    }

    @Test
    void butNotWhenNewerDataHasBeenAcknowledgedSince() {
        recover(trace);
        trace.at(210).ack(11).send(12, 13).at(310).ack(13).ack(13, "2");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered");
    }

    @Test
    void aReportOfSomeOfItUndoesNothing() {
        trace.send(2, 11).at(200).ack(1, "4-6");
        assertThat(trace.resend()).containsExactly(2);
        trace.ack(1, "4-8");
        assertThat(trace.resend()).containsExactly(3);
        trace.at(300).ack(8, "2");
        assertThat(trace.congestion.events()).containsExactly("LOSS");
    }

    @Test
    void aSegmentThatTheNetworkDoubledUndoesNothing() {
        trace.send(2, 11).at(200).ack(3, "2");
        trace.ack(3, "5-7");
        trace.resend();
        trace.ack(3, "2 5-7");
        assertThat(trace.congestion.events()).containsExactly("LOSS");
    }

    // ---- F-RTO

    @Test
    void anAcknowledgmentOfWhatWasNotSentAgainShowsThatTheTimerWasEarly() {
        timeOut(trace);
        trace.ackWithNewData(2, "", 5);
        assertThat(trace.recovery.hasLost()).isFalse();
        assertThat(trace.allowedSegments()).isEqualTo(2);
        trace.send(12, 13);
        assertThat(trace.allowedSegments()).isZero();
        trace.ackWithNewData(4, "", 5);
        assertThat(trace.congestion.events()).containsExactly("timeout", "undo");
        assertThat(trace.resend()).isEmpty();
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
    }

    @Test
    void alsoASelectiveOne() {
        timeOut(trace);
        trace.ackWithNewData(2, "", 5).send(12, 13).ackWithNewData(2, "4", 3);
        assertThat(trace.congestion.events()).containsExactly("timeout", "undo");
    }

    @Test
    void alsoWithoutSack() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm();
        timeOut(old);
        old.ackWithNewData(2, "", 5).send(12, 13).ackWithNewData(3, "", 3);
        assertThat(old.congestion.events()).containsExactly("timeout", "undo");
        assertThat(old.inFlightSegments()).isEqualTo(10);
    }

    @Test
    void ifOnlyTheNewDataArrivesTheLossWasReal() {
        timeOut(trace);
        trace.ackWithNewData(2, "", 5).send(12, 13).ackWithNewData(2, "12", 3);
        assertThat(trace.congestion.events()).containsExactly("timeout");
        assertThat(trace.resend()).isNotEmpty().startsWith(3);
    }

    @Test
    void aDuplicateWithoutSackMeansThatTheLossWasReal() {
        RecoveryTrace old = RecoveryTrace.withoutSack().warm();
        timeOut(old);
        old.ackWithNewData(2, "", 5).send(12, 13).duplicates(1);
        assertThat(old.congestion.events()).containsExactly("timeout");
        assertThat(old.resend()).as("though two are in flight").containsExactly(3);
        old.duplicates(1);
        assertThat(old.resend()).isEmpty();
        old.ack(5);
        assertThat(old.resend()).startsWith(6);
    }

    @Test
    void withoutNewDataTheRestIsSentAgainAsUsual() {
        timeOut(trace);
        trace.ack(2);
        assertThat(trace.resend()).containsExactly(3, 4);
        trace.ack(5);
        assertThat(trace.congestion.events()).containsExactly("timeout");
    }

    @Test
    void aSecondTimeoutIsNotExamined() {
        timeOut(trace);
        trace.timeOut();
        assertThat(trace.resend()).containsExactly(2);
        trace.ackWithNewData(2, "", 5);
        assertThat(trace.recovery.hasLost()).isTrue();
    }

    @Test
    void aTimeoutInARecoveryIsNotUndone() {
        recover(trace);
        trace.timeOut();
        assertThat(trace.resend()).containsExactly(2);
        trace.ackEchoing(100, 2, "3-5");
        assertThat(trace.congestion.events()).containsExactly("LOSS", "timeout");
    }
}
