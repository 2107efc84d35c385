package io.byssus.benchmarks.report;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The figures that are quoted for one server under one load: the median over the better half of the
 * rounds.
 *
 * <p>On a shared machine noise mostly adds. So the rounds are ordered by CPU time per request, the
 * steadiest of the figures; the better half of them (rounded up) is kept, and every column is the
 * median over those same rounds, so that no column is picked by itself. Disturbed rounds come last
 * in that order, whatever their figures: a server that was pushed off its core works in larger
 * batches afterwards and looks cheaper than it is. Peak memory is the exception: the highest of all
 * rounds is quoted, since neighbours do not add to it.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param roundCount how many rounds there were
 * @param disturbedCount how many of the quoted half were disturbed
 */
public record BetterHalf(
        String server,
        int roundCount,
        int disturbedCount,
        double requestsPerSecond,
        double serverCpuMicros,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double serverBusy,
        double loadBusy,
        double peakMebibytes) {

    /**
     * Summarises at least one round.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static BetterHalf of(List<Round> rounds) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("rounds=0");
        }
        List<Round> kept =
                rounds.stream()
                        .sorted(
                                Comparator.comparing(Round::disturbed)
                                        .thenComparingDouble(Round::serverCpuMicros))
                        .limit((rounds.size() + 1) / 2)
                        .toList();
        return new BetterHalf(
                rounds.getFirst().server(),
                rounds.size(),
                (int) kept.stream().filter(Round::disturbed).count(),
                median(kept, Round::requestsPerSecond),
                median(kept, Round::serverCpuMicros),
                median(kept, Round::p50Micros),
                median(kept, Round::p99Micros),
                median(kept, Round::p999Micros),
                median(kept, Round::serverBusy),
                median(kept, Round::loadBusy),
                rounds.stream().mapToDouble(Round::peakMebibytes).max().orElseThrow());
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
