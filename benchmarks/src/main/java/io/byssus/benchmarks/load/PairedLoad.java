package io.byssus.benchmarks.load;

import io.byssus.benchmarks.Arguments;
import io.byssus.benchmarks.load.ClosedLoop.Waiting;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Loads several servers in turn, in short bursts: what disturbs the machine for longer than a round
 * of bursts disturbs them all alike, so that the ratio of two servers within a round stays steady
 * where their figures do not.
 *
 * <p>Before the bursts each server is loaded until its JIT compiler rests. A burst begins with an
 * unmeasured moment, until the batches have their size, and ends when every request is answered, so
 * that no server works in another one's burst.
 *
 * <p>Prints one {@link ResultLine}: the figures of the n-th server begin with {@code n.}; every
 * figure is a median over the rounds.
 */
public final class PairedLoad {
    private static final String USAGE =
            """
            usage: --servers PORT:PID[:RESPONSE_BYTES],... [options]
              --connections C      to each server, default 64
              --size B             bytes per echoed message, default 64
              --pipeline N         HTTP requests per batch instead; then RESPONSE_BYTES is needed
              --warmup-seconds S   least load before the first burst, default 8
              --burst-millis M     default 400
              --rounds N           bursts per server, default 30
            """;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int RAMP_MILLIS = 20;

    private PairedLoad() {}

    public static void main(String[] arguments) {
        Arguments given =
                Arguments.parse(
                        arguments,
                        USAGE,
                        List.of(
                                "servers",
                                "connections",
                                "size",
                                "pipeline",
                                "warmup-seconds",
                                "burst-millis",
                                "rounds"),
                        List.of());
        try (Arena arena = Arena.ofShared()) {
            List<BurstTarget> targets = new ArrayList<>();
            for (String server : given.list("servers", List.of())) {
                targets.add(target(arena, given, server));
            }
            if (targets.isEmpty()) {
                throw given.refusal("--servers must be given");
            }
            run(targets, given);
            System.out.println(ResultLine.format(figures(targets)));
            for (BurstTarget target : targets) {
                target.loop().close();
            }
        } catch (IOException failure) {
            System.err.println("load: " + failure.getMessage());
            System.exit(1);
        }
    }

    private static BurstTarget target(Arena arena, Arguments given, String server)
            throws IOException {
        String[] parts = server.split(":");
        int port = Integer.parseInt(parts[0]);
        LoadOptions options =
                new LoadOptions(
                        given,
                        LoadOptions.LOOPBACK,
                        port,
                        given.number("connections", 64),
                        given.number("warmup-seconds", 8),
                        0,
                        0,
                        Integer.parseInt(parts[1]),
                        Waiting.SPIN);
        Exchange exchange =
                given.has("pipeline")
                        ? Exchange.http(
                                port, given.number("pipeline", 1), Integer.parseInt(parts[2]))
                        : Exchange.echo(given.number("size", 64));
        return new BurstTarget(arena, options, exchange);
    }

    private static void run(List<BurstTarget> targets, Arguments given) throws IOException {
        long burstNanos = given.number("burst-millis", 400) * NANOS_PER_MILLI;
        for (BurstTarget target : targets) {
            target.warmUp();
        }
        List<BurstTarget> order = new ArrayList<>(targets);
        for (int round = 0; round < given.number("rounds", 30); round++) {
            for (BurstTarget target : order) {
                target.burst(RAMP_MILLIS * NANOS_PER_MILLI, burstNanos);
            }
            Collections.reverse(order); // nobody always follows the same neighbour
        }
    }

    private static Map<String, Double> figures(List<BurstTarget> targets) {
        Map<String, Double> figures = new TreeMap<>();
        BurstTarget first = targets.getFirst();
        for (int i = 0; i < targets.size(); i++) {
            String prefix = i + ".";
            BurstTarget target = targets.get(i);
            target.medians().forEach((name, value) -> figures.put(prefix + name, value));
            // The first server's figure divided by this one's, burst by burst.
            double[] cpu = Quantiles.ratios(first.cpuMicros(), target.cpuMicros());
            figures.put(prefix + "cpu_ratio", Quantiles.median(cpu));
            figures.put(prefix + "cpu_ratio_low", Quantiles.of(cpu, 0.25));
            figures.put(prefix + "cpu_ratio_high", Quantiles.of(cpu, 0.75));
            double[] p99 = Quantiles.ratios(first.p99Micros(), target.p99Micros());
            figures.put(prefix + "p99_ratio", Quantiles.median(p99));
        }
        return figures;
    }

    static long deadlineAfter(long nanos) {
        return System.nanoTime() + nanos;
    }

    static double seconds(long nanos) {
        return nanos / NANOS_PER_SECOND;
    }
}
