package io.byssus.benchmarks.cubic;

import io.byssus.benchmarks.Arguments;
import io.byssus.stack.SimulatedTransfer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * What {@code ./byssus bench cubic} runs: bulk connections of the kernel's under CUBIC in real
 * time, and ours in virtual time, over the same path and from the same seeds.
 */
public final class CubicComparison {
    private static final String USAGE =
            """
            usage: ./byssus bench cubic [options]
              --seeds N      how many, from 1; default 10
              --seconds S    of each transfer; default 60
              --at-once N    transfers of the kernel's at the same time; default 5
            """;
    private static final int SEEDS = 10;
    private static final int SECONDS = 60;
    private static final int AT_ONCE = 5;

    private CubicComparison() {}

    public static void main(String[] arguments) throws InterruptedException {
        Arguments given =
                Arguments.parse(
                        arguments,
                        USAGE,
                        List.of("seeds", "seconds", "at-once", "namespaces"),
                        List.of());
        int count = given.number("seeds", SEEDS);
        int seconds = given.number("seconds", SECONDS);
        int atOnce = given.number("at-once", AT_ONCE);
        if (count < 1 || seconds < 1 || atOnce < 1) {
            throw given.refusal("--seeds, --seconds and --at-once are at least 1");
        }
        try {
            KernelRuns kernel = new KernelRuns(given.text("namespaces", ""), seconds, atOnce);
            System.out.printf(
                    "# ./byssus bench cubic --seeds %d --seconds %d --at-once %d%n# %s%n",
                    count, seconds, atOnce, LossyPath.description());
            compare(LongStream.rangeClosed(1, count).boxed().toList(), seconds, kernel);
        } catch (IOException failure) {
            System.err.println("cubic: " + failure.getMessage() + ": " + failure.getCause());
            System.exit(1);
        }
    }

    private static void compare(List<Long> seeds, int seconds, KernelRuns kernel)
            throws IOException, InterruptedException {
        RealTime.begin();
        SortedMap<Long, Outcome> theirs = kernel.run(seeds);
        RealTime.end();
        System.out.printf(
                "# the kernel's CUBIC, Linux %s, in real time%n", System.getProperty("os.version"));
        double kernelMedian = print("kernel", theirs);
        SortedMap<Long, Outcome> ours = new TreeMap<>();
        for (long seed : seeds) {
            ours.put(seed, simulated(seed, seconds));
        }
        System.out.printf("%n# ours, in virtual time%n");
        double ourMedian = print("ours", ours);
        System.out.printf("%nratio %.3f%n", ourMedian / kernelMedian);
    }

    private static Outcome simulated(long seed, int seconds) throws IOException {
        SimulatedTransfer transfer = new SimulatedTransfer(seed, LossyPath.FAULTS);
        long bytes = transfer.run(Duration.ofSeconds(seconds));
        return Outcome.of(
                bytes, seconds, transfer.data(), transfer.acknowledgments(), Outcome.Lateness.NONE);
    }

    /** The table; answers the median of the goodput. */
    private static double print(String name, SortedMap<Long, Outcome> outcomes) {
        System.out.println(
                "seed   Mbit/s    data  lost %  overflowed    ACKs  lost %   late by, us: p50  p99");
        outcomes.forEach((seed, outcome) ->
                System.out.printf(
                        "%4d %8.3f %7d %7.2f %11d %7d %7.2f %18.0f %4.0f%n",
                        seed,
                        outcome.megabits(),
                        outcome.data().offered(),
                        outcome.data().lossPercent(),
                        outcome.data().overflowed(),
                        outcome.acknowledgments().offered(),
                        outcome.acknowledgments().lossPercent(),
                        outcome.lateness().medianMicros(),
                        outcome.lateness().p99Micros()));
        double median = median(outcomes);
        System.out.printf("%s-median %.3f Mbit/s%n", name, median);
        return median;
    }

    private static double median(SortedMap<Long, Outcome> outcomes) {
        double[] sorted =
                outcomes.values().stream().mapToDouble(Outcome::megabits).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
