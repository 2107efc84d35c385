package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

/** Whether counts are what chance makes of equal probabilities. */
final class Uniformity {
    /** Standard deviations: less than one sound generator in a million is refused. */
    private static final double TOLERANCE = 6;

    private Uniformity() {}

    /** Pearson's chi-square is within what is likely; too even is not likely either. */
    static void assertUniform(String what, int[] counts) {
        long sum = 0;
        for (int count : counts) {
            sum += count;
        }
        double expected = (double) sum / counts.length;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        double freedom = counts.length - 1.0;
        assertThat((chiSquare - freedom) / Math.sqrt(2 * freedom))
                .as(what)
                .isBetween(-TOLERANCE, TOLERANCE);
    }
}
