package io.byssus.stack.tcp;

import static io.byssus.stack.tcp.GreedySender.MILLISECOND;
import static io.byssus.stack.tcp.GreedySender.SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The average window when one of so many segments is lost, compared with the theory. */
class ResponseFunctionTest {
    private static final int CYCLES = 60;

    private static double average(CongestionController controller, long millis, int interval) {
        GreedySender flow = new GreedySender(controller, millis * MILLISECOND).losesOneOf(interval);
        while (flow.segments < 20L * interval) {
            flow.round();
        }
        flow.measure();
        long end = flow.segments + (long) CYCLES * interval;
        while (flow.segments < end) {
            flow.round();
        }
        return flow.averageSegments();
    }

    /** AIMD(1, 0.5) with losses that are equally far apart. */
    private static double reno(int interval) {
        return Math.sqrt(1.5 * interval);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 1000, 10_000, 100_000})
    @Tag("MUST-19")
    void renoMakesItsAverageWindow(int interval) {
        assertThat(average(new Reno(SEGMENT), 50, interval))
                .isCloseTo(reno(interval), Percentage.withPercentage(15));
    }

    @ParameterizedTest
    @CsvSource({"100, 10000", "100, 100000", "200, 10000", "50, 200000"})
    @Tag("MAY-18")
    void cubicMakesItsAverageWindow(long millis, int interval) {
        // RFC 9438, 5.1: (C (3 + beta) / (4 (1 - beta)))^(1/4) (RTT/p)^(3/4)
        double theory =
                Math.pow(0.4 * 3.7 / 1.2, 0.25) * Math.pow(millis / 1000.0 * interval, 0.75);
        assertThat(average(new Cubic(SEGMENT), millis, interval))
                .isCloseTo(theory, Percentage.withPercentage(15));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 1000, 10_000})
    @Tag("MAY-18")
    void withShortRoundTripsCubicMakesRenosAverage(int interval) {
        assertThat(average(new Cubic(SEGMENT), 2, interval))
                .isCloseTo(average(new Reno(SEGMENT), 2, interval), Percentage.withPercentage(15));
    }
}
