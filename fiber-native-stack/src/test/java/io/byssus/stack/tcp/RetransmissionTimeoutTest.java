package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 6298, section 5; RFC 8985, section 6.3; RFC 2018, section 8. */
class RetransmissionTimeoutTest {
    private final RecoveryTrace trace = RecoveryTrace.selective().warm();
    private final RecoveryTrace old = RecoveryTrace.withoutSack().warm();

    @Test
    void runsFromTheFirstSegmentAndStartsAnewWithEachAcknowledgment() {
        old.send(2, 2).at(150).send(3, 3);
        assertThat(old.deadline()).isEqualTo(400);
        old.at(200).ack(2);
        assertThat(old.deadline()).isEqualTo(500);
        old.at(250).ack(3);
        assertThat(old.deadline()).isEqualTo(-1);
    }

    @Test
    void aDuplicateDoesNotPutItOff() {
        old.send(2, 3).at(200).duplicates(1);
        assertThat(old.deadline()).isEqualTo(400);
    }

    @Test
    @Tag("MUST-19")
    void sendsTheFirstSegmentAgainAndWaitsTwiceAsLong() {
        old.send(2, 6);
        assertThat(old.fire()).isEqualTo(LossRecovery.TIMEOUT);
        assertThat(old.recovery.phase()).isEqualTo(RecoveryPhase.TIMEOUT);
        assertThat(old.resend()).containsExactly(2);
        assertThat(old.deadline()).isEqualTo(400 + 600);
        old.fire();
        assertThat(old.resend()).containsExactly(2);
        assertThat(old.deadline()).isEqualTo(1000 + 1200);
        assertThat(old.congestion.events()).containsExactly("timeout");
    }

    @Test
    @Tag("MUST-19")
    void isOneInTheRecoveryAfterAnUndoneOneTooThoughNothingWasAcknowledgedBetween() {
        trace.send(2, 11).timeOut();
        assertThat(trace.resend()).containsExactly(2);
        trace.ack(1, "5 4-6"); // the network has doubled 5, so that it looks as if 2 was in vain
        assertThat(trace.congestion.events()).containsExactly("timeout", "undo", "LOSS");
        trace.timeOut();
        assertThat(trace.congestion.events()).containsExactly("timeout", "undo", "LOSS", "timeout");
    }

    @Test
    @Tag("MUST-20")
    void countsHowOftenInARowItFiredAndSinceWhenNothingCame() {
        old.send(2, 6);
        for (int i = 1; i <= 8; i++) {
            old.fire();
            old.resend();
            assertThat(old.recovery.consecutiveTimeouts()).isEqualTo(i);
        }
        long since = old.recovery.firstUnackedSinceNanos();
        assertThat(since).isEqualTo(RecoveryTrace.withoutSack().at(100).now());
        old.ack(2);
        assertThat(old.recovery.consecutiveTimeouts()).isZero();
        assertThat(old.recovery.firstUnackedSinceNanos()).isEqualTo(old.now());
        assertThat(old.recovery.counters().timeouts).isEqualTo(8);
    }

    @Test
    @Tag("MUST-19")
    void afterwardsSlowStartGoesOverAllThatWasInFlight() {
        old.send(2, 9);
        old.fire();
        assertThat(old.resend()).containsExactly(2);
        old.ack(2);
        assertThat(old.resend()).containsExactly(3, 4);
        old.ack(4);
        assertThat(old.resend()).hasSizeBetween(3, 4);
        old.ack(9);
        assertThat(old.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(old.congestion.events()).containsExactly("timeout");
    }

    @Test
    @Tag("MUST-18")
    void aSegmentThatWasSentTwiceGivesNoSample() {
        old.send(2, 2);
        old.fire();
        old.resend();
        long before = old.roundTrip.smoothedNanos();
        old.at(900).ack(2);
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(before);
        old.send(3, 3);
        assertThat(old.deadline()).isEqualTo(900 + 600);
        old.at(1000).ack(3).send(4, 4);
        assertThat(old.deadline()).isEqualTo(1000 + 300);
    }

    @Test
    @Tag("MUST-18")
    void butItsAnswerEndsTheBackOffIfItComesWhenItIsDue() {
        old.send(2, 2);
        old.fire();
        old.resend();
        old.fire();
        old.resend();
        assertThat(old.deadline()).isEqualTo(1000 + 1200);
        old.at(1105).ack(2).send(3, 3);
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
        assertThat(old.deadline()).isEqualTo(1105 + 300);
    }

    @Test
    @Tag("MUST-18")
    void anAcknowledgmentThatCoversOneGivesNoneEither() {
        old.send(2, 3);
        old.fire();
        old.resend();
        old.at(900).ack(3);
        assertThat(old.roundTrip.smoothedNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
    }

    @Test
    @Tag("MUST-18")
    void unlessATimestampTellsWhichTransmissionArrived() {
        old.send(2, 2);
        old.fire();
        old.resend();
        old.at(500).ackEchoing(400, 2, "").send(3, 3);
        assertThat(old.roundTrip.latestNanos()).isEqualTo(100 * RecoveryTrace.MILLISECOND);
        assertThat(old.deadline()).isEqualTo(500 + 300);
    }

    @Test
    void withSackWhatWasSentRecentlyIsNotLostYet() {
        SentSegments segments = new SentSegments();
        segments.begin(0);
        segments.append(0, 10, 10);
        RecoveryCounters counters = new RecoveryCounters();
        RecentDelivery recent = new RecentDelivery();
        recent.offer(100, segments, segments.first(), new Acknowledgment().begin(0, 10), 0);
        segments.removeFirst();
        segments.append(200, 20, 10);
        segments.append(800, 30, 10);
        segments.append(950, 40, 10);
        LossDetector detector =
                new LossDetector(
                        segments, recent, new ReorderWindow(), new RoundTripEstimator(), counters);
        detector.markOnTimeout(1000, true);
        assertThat(segments.lostBytes()).isEqualTo(20);
        detector.markOnTimeout(1000, false);
        assertThat(segments.lostBytes()).isEqualTo(30);
        assertThat(counters.lostSegments).isEqualTo(3);
    }

    @Test
    void theFirstSegmentIsSentAgainWhateverIsInFlight() {
        trace.congestion.window(4 * RecoveryTrace.SEGMENT);
        trace.send(2, 5);
        trace.timeOut();
        trace.congestion.window(0);
        assertThat(trace.resend()).containsExactly(2);
    }

    @Test
    void whatIsSackedIsNotSentAgain() {
        trace.send(2, 7).at(200).ack(1, "4 6");
        trace.timeOut();
        assertThat(trace.resend()).containsExactly(2);
        trace.ack(2, "4 6");
        assertThat(trace.resend()).containsExactly(3, 5);
        trace.ack(6);
        assertThat(trace.resend()).containsExactly(7);
    }

    @Test
    void aPeerThatThrewAwayWhatItSackedGetsItAgain() {
        trace.send(2, 5).at(200).ack(1, "3-4");
        trace.at(210).ack(2);
        assertThat(trace.recovery.counters().reneged).isZero();
        trace.timeOut();
        assertThat(trace.recovery.counters().reneged).isEqualTo(1);
        assertThat(trace.resend()).containsExactly(3);
        trace.ack(3);
        assertThat(trace.resend()).containsExactly(4, 5);
        trace.ack(5);
        assertThat(trace.recovery.isIdle()).isTrue();
    }
}
