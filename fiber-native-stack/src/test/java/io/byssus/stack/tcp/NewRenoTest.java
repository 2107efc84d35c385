package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Without SACK: RFC 5681, RFC 6582 and RFC 3042. */
class NewRenoTest {
    private final RecoveryTrace trace = RecoveryTrace.withoutSack().warm();

    private void fullWindow() {
        trace.congestion.window(10 * RecoveryTrace.SEGMENT);
        trace.send(2, 11).at(200);
    }

    @Test
    @Tag("MUST-19")
    void theThirdDuplicateShowsALoss() {
        fullWindow();
        trace.duplicates(2);
        assertThat(trace.resend()).isEmpty();
        trace.duplicates(1);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.RECOVERY);
        assertThat(trace.resend()).containsExactly(2);
    }

    @Test
    void eachOfTheFirstTwoLetsANewSegmentOut() {
        fullWindow();
        assertThat(trace.allowedSegments()).isZero();
        trace.duplicates(1);
        assertThat(trace.allowedSegments()).isEqualTo(1);
        trace.send(12, 12).duplicates(1);
        assertThat(trace.allowedSegments()).isEqualTo(1);
    }

    @Test
    void whatCarriesDataOrChangesTheWindowIsNoDuplicate() {
        fullWindow();
        for (int i = 0; i < 5; i++) {
            Acknowledgment data = trace.prepare(1, "");
            data.carriesData = true;
            trace.take(data);
            Acknowledgment window = trace.prepare(1, "");
            window.windowChanged = true;
            trace.take(window);
        }
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
    }

    @Test
    void whileNothingIsOutstandingThereIsNoDuplicate() {
        trace.duplicates(5);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        trace.send(2, 5).at(200).duplicates(2);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.DISORDER);
    }

    @Test
    void aPartialAcknowledgmentShowsTheNextLoss() {
        fullWindow();
        trace.duplicates(4);
        trace.resend();
        trace.at(300).ack(5);
        assertThat(trace.resend()).containsExactly(6);
        assertThat(trace.congestion.events()).containsExactly("LOSS");
        trace.at(400).ack(11);
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(trace.congestion.events()).containsExactly("LOSS", "recovered");
    }

    @Test
    void duplicatesOfNeedlessRetransmissionsStartNoSecondRecovery() {
        fullWindow();
        trace.duplicates(4);
        trace.resend();
        trace.at(300).ack(11).send(12, 20).duplicates(6);
        assertThat(trace.recovery.counters().recoveries).isEqualTo(1);
        assertThat(trace.inFlightSegments()).isEqualTo(7);
        trace.at(400).ack(12).duplicates(3);
        assertThat(trace.recovery.counters().recoveries).isEqualTo(2);
    }

    @Test
    void furtherDuplicatesLetNewSegmentsOutAsTheWindowShrinks() {
        fullWindow();
        trace.duplicates(3);
        trace.resend();
        int sent = 0;
        for (int i = 0; i < 7; i++) {
            trace.duplicates(1);
            int allowed = trace.allowedSegments();
            trace.send(12 + sent, 11 + sent + allowed);
            sent += allowed;
        }
        assertThat(trace.inFlightSegments()).isEqualTo(sent);
        assertThat(sent).isBetween(3, 5);
    }

    @Test
    void aLiarsDuplicatesLetOutAtMostAWindow() {
        fullWindow();
        int sent = 0;
        for (int i = 0; i < 1000; i++) {
            trace.duplicates(1);
            trace.resend();
            int allowed = trace.allowedSegments();
            trace.send(12 + sent, 11 + sent + allowed);
            sent += allowed;
        }
        assertThat(trace.recovery.segments().inFlight() / RecoveryTrace.SEGMENT).isLessThan(25);
    }

    @Test
    void duplicatesAfterATimeoutStartNoFastRetransmit() {
        fullWindow();
        trace.timeOut();
        trace.resend();
        trace.duplicates(5);
        assertThat(trace.recovery.counters().recoveries).isZero();
        assertThat(trace.recovery.phase()).isEqualTo(RecoveryPhase.TIMEOUT);
    }

    @Test
    void onlyTheFirstPartialAcknowledgmentRestartsTheTimer() {
        fullWindow();
        trace.duplicates(4);
        trace.resend();
        trace.at(300).ack(3);
        trace.resend();
        double deadline = trace.deadline();
        assertThat(deadline).isGreaterThan(500);
        trace.at(400).ack(4);
        assertThat(trace.resend()).containsExactly(5);
        assertThat(trace.deadline()).isEqualTo(deadline);
    }
}
