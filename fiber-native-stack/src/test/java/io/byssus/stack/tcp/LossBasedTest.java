package io.byssus.stack.tcp;

import static io.byssus.stack.tcp.GreedySender.MILLISECOND;
import static io.byssus.stack.tcp.GreedySender.SECOND;
import static io.byssus.stack.tcp.GreedySender.SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.CongestionController.Signal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for Reno and CUBIC alike. */
class LossBasedTest {
    private static final long ROUND_TRIP = 20 * MILLISECOND;

    private static GreedySender flow(CongestionAlgorithm algorithm) {
        return new GreedySender(algorithm.create(SEGMENT), ROUND_TRIP);
    }

    @ParameterizedTest
    @CsvSource({
        "536, 5360",
        "1000, 10000",
        "1220, 12200",
        "1460, 14600",
        "1461, 14600",
        "4000, 14600",
        "7300, 14600",
        "9000, 18000",
        "1, 10"
    })
    @Tag("MUST-19")
    void theInitialWindowIsTenSegments(int segment, int window) {
        // RFC 6928: min(10*MSS, max(2*MSS, 14600))
        for (CongestionAlgorithm algorithm : CongestionAlgorithm.values()) {
            CongestionController controller = algorithm.create(segment);
            assertThat(controller.window()).isEqualTo(window);
            assertThat(controller.slowStartThreshold()).isEqualTo(Integer.MAX_VALUE);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("MUST-19")
    void slowStartDoublesTheWindowInARoundTrip(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm);
        for (int segments = 10; segments < 100_000; segments *= 2) {
            assertThat(flow.windowSegments()).isEqualTo(segments);
            flow.round();
        }
    }

    @ParameterizedTest
    @EnumSource
    void splitAcknowledgmentsGrowItNoFaster(CongestionAlgorithm algorithm) {
        // RFC 3465: each of these would have been worth a segment.
        GreedySender flow = flow(algorithm);
        for (int i = 0; i < 1000; i++) {
            flow.acknowledge(1, 10_000);
        }
        assertThat(flow.window()).isEqualTo(11_000);
    }

    @ParameterizedTest
    @EnumSource
    void spareAcknowledgmentsGrowItNoSlower(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm);
        for (int i = 0; i < 5; i++) {
            flow.acknowledge(2000, 10_000);
        }
        assertThat(flow.window()).isEqualTo(20_000);
    }

    @ParameterizedTest
    @EnumSource
    void slowStartEndsAtTheThreshold(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(4).timeout();
        int threshold = flow.controller.slowStartThreshold();
        flow.rounds(7);
        assertThat(flow.window()).isBetween(threshold, threshold + 4 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    void slowStartEndsBeforeLossWhenTheRoundTripsGetLonger(CongestionAlgorithm algorithm) {
        // RFC 9406: a bottleneck of 100 segments a round trip, and a queue without end.
        GreedySender flow = flow(algorithm);
        while (flow.controller.slowStartThreshold() == Integer.MAX_VALUE) {
            assertThat(flow.windowSegments()).isLessThan(1000);
            flow.roundTripNanos = Math.max(flow.windowSegments(), 100) * (ROUND_TRIP / 100);
            flow.acknowledge(SEGMENT, flow.window());
        }
        // 80 and 160 segments at a round's beginning differ by 12 ms; 160 grows by 1/4 five times.
        assertThat(flow.controller.slowStartThreshold()).isBetween(300 * SEGMENT, 700 * SEGMENT);
        int before = flow.window();
        flow.round();
        assertThat(flow.window() - before).isLessThan(before / 10);
    }

    @ParameterizedTest
    @EnumSource
    void theWindowAfterALossIsTheThreshold(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).loss();
        assertThat(flow.window()).isEqualTo(flow.controller.slowStartThreshold());
        assertThat(flow.window()).isLessThanOrEqualTo(56 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    void theThresholdIsAtLeastTwoSegments(CongestionAlgorithm algorithm) {
        // RFC 5681, equation 4; RFC 9438, 4.6
        GreedySender flow = flow(algorithm);
        flow.controller.onCongestion(0, Signal.LOSS, 0);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(2 * SEGMENT);
        assertThat(flow.window()).isEqualTo(2 * SEGMENT);
        flow.timeout();
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(2 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("SHLD-8")
    void aCongestionMarkIsHeededLikeALoss(CongestionAlgorithm algorithm) {
        GreedySender marked = flow(algorithm).rounds(3);
        marked.controller.onCongestion(marked.now, Signal.ECN, marked.window());
        assertThat(marked.window()).isEqualTo(flow(algorithm).rounds(3).loss().window());
        assertThat(marked.controller.slowStartThreshold()).isEqualTo(marked.window());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("SHLD-8")
    void marksCanBringTheWindowDownToOneSegment(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm);
        for (int i = 0; i < 10; i++) {
            flow.controller.onCongestion(flow.now, Signal.ECN, flow.window());
            flow.controller.onRecovered(flow.now);
        }
        assertThat(flow.window()).isEqualTo(SEGMENT);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(2 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatWasInFlightCountsWhenTheWindowFalls(CongestionAlgorithm algorithm) {
        // RFC 5681, 3.1: FlightSize, not cwnd
        GreedySender flow = flow(algorithm).rounds(5);
        flow.controller.onCongestion(flow.now, Signal.LOSS, 20 * SEGMENT);
        assertThat(flow.window()).isIn(10 * SEGMENT, 14 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("MUST-19")
    void aTimeoutLeavesOneSegmentAndSlowStart(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).timeout();
        assertThat(flow.windowSegments()).isEqualTo(1);
        assertThat(flow.controller.slowStartThreshold()).isIn(40 * SEGMENT, 56 * SEGMENT);
        flow.round();
        assertThat(flow.windowSegments()).isEqualTo(2);
        flow.round();
        assertThat(flow.windowSegments()).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void afterATimeoutAnAcknowledgmentCountsForOneSegment(CongestionAlgorithm algorithm) {
        // RFC 3465, 2.3
        GreedySender flow = flow(algorithm).rounds(3).timeout();
        flow.acknowledge(20 * SEGMENT, SEGMENT);
        assertThat(flow.windowSegments()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("MUST-19")
    void furtherTimeoutsOfTheSegmentLeaveTheThreshold(CongestionAlgorithm algorithm) {
        // RFC 5681, 3.1
        GreedySender flow = flow(algorithm).rounds(3).timeout();
        int threshold = flow.controller.slowStartThreshold();
        flow.timeout().timeout();
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(threshold);
        flow.round().timeout();
        assertThat(flow.controller.slowStartThreshold()).isLessThan(threshold);
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutEndsARecovery(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3);
        flow.controller.onCongestion(flow.now, Signal.LOSS, flow.window());
        flow.timeout();
        flow.controller.onRecovered(flow.now);
        assertThat(flow.windowSegments()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void undoneReductionsLeaveNoTrace(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).loss().rounds(10);
        int window = flow.window();
        int threshold = flow.controller.slowStartThreshold();
        flow.controller.onCongestion(flow.now, Signal.LOSS, window);
        flow.controller.undo(flow.now);
        flow.controller.onRecovered(flow.now);
        assertThat(flow.window()).isEqualTo(window);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(threshold);

        flow.timeout().timeout();
        flow.controller.undo(flow.now);
        assertThat(flow.window()).isEqualTo(window);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(threshold);

        GreedySender untroubled = flow(algorithm).rounds(3).loss().rounds(10);
        assertThat(flow.rounds(30).window()).isEqualTo(untroubled.rounds(30).window());
    }

    @ParameterizedTest
    @EnumSource
    void theFirstSlowStartGoesOnAfterAnUndoneTimeout(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).timeout();
        flow.controller.undo(flow.now);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(Integer.MAX_VALUE);
        flow.acknowledge(8000, 10_000);
        assertThat(flow.window()).isEqualTo(18_000);
    }

    @ParameterizedTest
    @EnumSource
    void aWindowThatHasGrownPastItIsNotUndone(CongestionAlgorithm algorithm) {
        // RFC 9438, 4.9
        GreedySender flow = flow(algorithm).rounds(1).loss().rounds(2000);
        int window = flow.window();
        flow.controller.undo(flow.now);
        assertThat(flow.window()).isEqualTo(window).isGreaterThan(20 * SEGMENT);
    }

    @ParameterizedTest
    @EnumSource
    void thereIsNothingToUndoTwice(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm);
        flow.controller.undo(flow.now);
        assertThat(flow.windowSegments()).isEqualTo(10);
        flow.loss();
        flow.controller.undo(flow.now);
        assertThat(flow.windowSegments()).isEqualTo(10);
        flow.loss();
        int window = flow.window();
        flow.controller.undo(flow.now);
        flow.timeout();
        flow.controller.undo(flow.now);
        flow.controller.undo(flow.now);
        assertThat(window).isLessThan(flow.window());
        assertThat(flow.windowSegments()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void aRecoveryIsOverEvenIfThereIsNothingToUndo(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).loss();
        flow.controller.onCongestion(flow.now, Signal.ECN, flow.window());
        flow.controller.undo(flow.now);
        int window = flow.rounds(20).window();
        flow.controller.onRecovered(flow.now);
        assertThat(flow.window()).isEqualTo(window);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("SHLD-8")
    void aMarkIsNotUndone(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).loss();
        flow.controller.onCongestion(flow.now, Signal.ECN, flow.window());
        int window = flow.window();
        flow.controller.undo(flow.now);
        assertThat(flow.window()).isEqualTo(window);
    }

    @ParameterizedTest
    @EnumSource
    void aPauseOfMoreThanATimeoutRestartsTheWindow(CongestionAlgorithm algorithm) {
        // RFC 5681, 4.1; the threshold remembers (RFC 7661)
        GreedySender flow = flow(algorithm).rounds(3).loss().rounds(100);
        int window = flow.window();
        flow.controller.onIdle(flow.now, 200 * MILLISECOND, 200 * MILLISECOND);
        assertThat(flow.window()).isEqualTo(window);
        flow.controller.onIdle(flow.now, 200 * MILLISECOND + 1, 200 * MILLISECOND);
        assertThat(flow.windowSegments()).isEqualTo(10);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(window - window / 4);
    }

    @ParameterizedTest
    @EnumSource
    void aPauseDoesNotMakeASmallWindowLarger(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).timeout();
        int threshold = flow.controller.slowStartThreshold();
        flow.controller.onIdle(flow.now, SECOND, 200 * MILLISECOND);
        assertThat(flow.windowSegments()).isEqualTo(1);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(threshold);
    }

    @ParameterizedTest
    @EnumSource
    void aWindowThatIsNotUsedDoesNotGrow(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm);
        for (int i = 0; i < 100; i++) {
            flow.limitedRound(4);
        }
        assertThat(flow.windowSegments()).isEqualTo(10);

        flow.rounds(3).loss().rounds(100).limitedRound(5).limitedRound(5);
        int window = flow.window();
        for (int i = 0; i < 100; i++) {
            flow.limitedRound(5);
        }
        assertThat(flow.window()).isEqualTo(window);
    }

    @ParameterizedTest
    @EnumSource
    void aWindowThatIsNotUsedForFiveMinutesIsHalved(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(5).limitedRound(5).limitedRound(5);
        int window = flow.window();
        for (int i = 0; i < 10_000; i++) {
            flow.limitedRound(5);
        }
        assertThat(flow.window()).isEqualTo(window);
        for (int i = 0; i < 6_000; i++) {
            flow.limitedRound(5);
        }
        assertThat(flow.window()).isEqualTo(window / 2);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(Integer.MAX_VALUE);
        for (int i = 0; i < 100_000; i++) {
            flow.limitedRound(2);
        }
        assertThat(flow.windowSegments()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void aHandshakeThatTimedOutStartsWithOneSegment(CongestionAlgorithm algorithm) {
        // RFC 5681, 3.1
        GreedySender flow = flow(algorithm);
        flow.controller.onHandshakeTimeout();
        flow.controller.onHandshakeTimeout();
        assertThat(flow.windowSegments()).isEqualTo(1);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(Integer.MAX_VALUE);
        assertThat(flow.rounds(3).windowSegments()).isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource
    void theInitialWindowFollowsTheSegmentSize(CongestionAlgorithm algorithm) {
        CongestionController controller = algorithm.create(536);
        controller.segmentSize(1460);
        assertThat(controller.window()).isEqualTo(14_600);
    }

    @ParameterizedTest
    @EnumSource
    void laterTheWindowFitsALargerSegment(CongestionAlgorithm algorithm) {
        GreedySender flow = flow(algorithm).rounds(3).loss().timeout();
        flow.controller.segmentSize(50_000);
        assertThat(flow.window()).isEqualTo(50_000);
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(100_000);
        flow.controller.segmentSize(536);
        assertThat(flow.window()).isEqualTo(50_000);
    }

    @Test
    void theWindowIsAtMostAGibibyte() {
        for (CongestionAlgorithm algorithm : CongestionAlgorithm.values()) {
            CongestionController controller = algorithm.create(SEGMENT);
            int sequence = 0;
            for (int i = 0; i < 200_000; i++) {
                sequence += 8 * SEGMENT;
                int window = controller.window();
                controller.onAck(i, 8 * SEGMENT, 1000, window, sequence, sequence + window);
            }
            assertThat(controller.window()).isEqualTo(CongestionController.WINDOW_BYTES_MAX);
        }
    }
}
