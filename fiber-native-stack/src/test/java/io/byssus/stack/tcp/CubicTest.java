package io.byssus.stack.tcp;

import static io.byssus.stack.tcp.GreedySender.MILLISECOND;
import static io.byssus.stack.tcp.GreedySender.SECOND;
import static io.byssus.stack.tcp.GreedySender.SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.byssus.stack.tcp.CongestionController.Signal;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9438; what it shares with Reno is in LossBasedTest. */
@Tag("MAY-18")
class CubicTest {
    private static final double BETA = 0.7;
    private static final double C = 0.4;

    private static GreedySender flow(long roundTripMillis) {
        return new GreedySender(new Cubic(SEGMENT), roundTripMillis * MILLISECOND);
    }

    /** In congestion avoidance, with so many segments at the time of the loss. */
    private static GreedySender afterLoss(long roundTripMillis, int rounds) {
        return flow(roundTripMillis).rounds(rounds).loss();
    }

    /** Figure 1 of the RFC, in segments. */
    private static double curve(double seconds, double maximum, double start) {
        double k = Math.cbrt((maximum - start) / C);
        return C * Math.pow(seconds - k, 3) + maximum;
    }

    @Test
    void aLossTakesThreeTenths() {
        GreedySender flow = flow(20).rounds(3);
        assertThat(flow.windowSegments()).isEqualTo(80);
        assertThat(flow.loss().windowSegments()).isEqualTo(56);
    }

    @Test
    void aTimeoutLowersTheThresholdByThreeTenths() {
        assertThat(flow(20).rounds(3).timeout().controller.slowStartThreshold())
                .isEqualTo(56 * SEGMENT);
    }

    @ParameterizedTest
    @ValueSource(longs = {50, 100, 200})
    void theWindowFollowsTheCurve(long roundTripMillis) {
        GreedySender flow = afterLoss(roundTripMillis, 9);
        double maximum = 5120;
        long start = flow.now;
        double k = Math.cbrt(maximum * (1 - BETA) / C);
        for (double seconds = 1; seconds < 1.6 * k; seconds += 0.5) {
            while (flow.now - start < seconds * SECOND) {
                flow.round();
            }
            // The window is on its way to where the curve will be in a round trip.
            double now = (flow.now - start) / 1e9;
            double low = curve(now - 0.001 * roundTripMillis, maximum, maximum * BETA);
            double high = curve(now + 0.001 * roundTripMillis, maximum, maximum * BETA);
            assertThat(flow.window() / (double) SEGMENT).isBetween(0.998 * low, 1.002 * high);
        }
    }

    @Test
    void returnsToTheWindowOfTheLossAfterKSeconds() {
        GreedySender flow = afterLoss(50, 7);
        long start = flow.now;
        double k = Math.cbrt(1280 * (1 - BETA) / C);
        while (flow.now - start < k * SECOND) {
            flow.round();
        }
        assertThat(flow.windowSegments()).isCloseTo(1280, within(2));
    }

    @Test
    void theWindowGrowsByHalfInARoundTripAtMost() {
        GreedySender flow = afterLoss(100, 5);
        int before = flow.window();
        // A round trip, and then the curve is far above.
        flow.round();
        flow.now += 100 * SECOND;
        before = flow.window();
        flow.round();
        assertThat(flow.window()).isBetween(before * 14 / 10, before * 166 / 100);
    }

    @Test
    void growthDoesNotDependOnHowAcknowledgmentsAreSplit() {
        GreedySender whole = afterLoss(100, 7);
        GreedySender split = afterLoss(100, 7);
        for (int i = 0; i < 50; i++) {
            int count = whole.windowSegments();
            for (int j = 0; j < count; j++) {
                whole.advance(whole.roundTripNanos / count);
                whole.acknowledge(SEGMENT, whole.window());
                split.advance(whole.roundTripNanos / count);
                for (int k = 0; k < 10; k++) {
                    split.acknowledge(SEGMENT / 10, split.window());
                }
            }
        }
        assertThat((double) split.window())
                .isCloseTo(whole.window(), Percentage.withPercentage(0.1));
    }

    @Test
    void partsOfAByteAreNotLost() {
        // Near the plateau an acknowledgment is worth less than a byte.
        GreedySender flow = afterLoss(100, 9);
        long start = flow.now;
        double k = Math.cbrt(5120 * (1 - BETA) / C);
        while (flow.now - start < (k - 1) * SECOND) {
            flow.round();
        }
        int before = flow.window();
        while (flow.now - start < (k - 0.5) * SECOND) {
            flow.round();
        }
        // From W_max - 0.4 to W_max - 0.05 segments, over 25,000 acknowledgments.
        assertThat(flow.window() - before).isBetween(250, 400);
    }

    @Test
    void aShrinkingWindowMakesRoomForOthers() {
        // Fast convergence, 4.7: the second loss comes at 1024 segments instead of 1280.
        GreedySender flow = afterLoss(100, 7);
        while (flow.windowSegments() < 1024) {
            flow.round();
        }
        int before = flow.windowSegments();
        flow.loss();
        double plateau = before * (1 + BETA) / 2;
        double k = Math.cbrt((plateau - before * BETA) / C);
        long start = flow.now;
        while (flow.now - start < k * SECOND) {
            flow.round();
        }
        assertThat((double) flow.windowSegments()).isCloseTo(plateau, within(2.0));
    }

    @Test
    void growsLikeRenoWhereRenoIsFaster() {
        // 4.3: by 9/17 of a segment in a round trip up to the window before the loss, then by one.
        GreedySender flow = afterLoss(1, 1);
        assertThat(flow.windowSegments()).isEqualTo(14);
        flow.rounds(11);
        assertThat(flow.window()).isCloseTo(14_000 + 11 * 9000 / 17, within(700));
        while (flow.windowSegments() < 20) {
            flow.round();
        }
        int before = flow.window();
        flow.rounds(20);
        assertThat(flow.window() - before).isBetween(18_500, 20_500);
    }

    @Test
    void afterATimeoutTheCurveBeginsFlat() {
        // 4.8: K is 0, W_max the window when slow start ends, not that of the loss before.
        GreedySender flow = flow(100).rounds(7).loss().timeout();
        int threshold = flow.controller.slowStartThreshold();
        while (flow.window() < threshold) {
            flow.round();
        }
        int window = flow.windowSegments();
        long start = flow.now;
        while (flow.now - start < 5 * SECOND) {
            flow.round();
        }
        double expected = window + C * 125;
        assertThat((double) flow.windowSegments()).isBetween(expected - 10, expected + 10);
    }

    @Test
    void aPauseIsNoPartOfTheEpoch() {
        GreedySender paused = afterLoss(100, 7);
        GreedySender busy = afterLoss(100, 7);
        for (int i = 0; i < 20; i++) {
            paused.round();
            busy.round();
            paused.now += SECOND;
            paused.controller.onIdle(paused.now, SECOND, 2 * SECOND);
        }
        assertThat((double) paused.window())
                .isCloseTo(busy.window(), Percentage.withPercentage(0.5));
    }

    @Test
    void timeInWhichTheWindowIsNotUsedIsNoPartOfTheEpoch() {
        // 5.8
        GreedySender limited = afterLoss(100, 7).rounds(20);
        for (int i = 0; i < 600; i++) {
            limited.limitedRound(10);
        }
        limited.rounds(20);
        // One round more until the last full window is acknowledged, another that is counted full.
        GreedySender busy = afterLoss(100, 7).rounds(42);
        assertThat((double) limited.window())
                .isCloseTo(busy.window(), Percentage.withPercentage(0.5));
    }

    @Test
    void anUndoneReductionRestoresTheEpoch() {
        // 4.9: the plateau too, which a second loss would have lowered.
        GreedySender flow = afterLoss(100, 7).rounds(20);
        GreedySender untroubled = afterLoss(100, 7).rounds(20);
        flow.controller.onCongestion(flow.now, Signal.LOSS, flow.window());
        flow.controller.undo(flow.now);
        flow.rounds(60);
        untroubled.rounds(60);
        assertThat(flow.window()).isEqualTo(untroubled.window());
    }
}
