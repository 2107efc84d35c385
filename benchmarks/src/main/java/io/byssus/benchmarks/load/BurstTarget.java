package io.byssus.benchmarks.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One of the servers that are loaded in turn, and what its bursts have shown.
 *
 * <p><b>Ownership:</b> one thread.
 */
final class BurstTarget {
    private static final long LATENCY_NANOS_MAX = 60_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final long WARMUP_SLICE_NANOS = 1_000_000_000L;
    private static final double NANOS_PER_MICRO = 1e3;

    private final Histogram latencies = new Histogram(LATENCY_NANOS_MAX, SIGNIFICANT_DIGITS);
    private final LoadOptions options;
    private final ClosedLoop loop;

    // One element per burst.
    private final List<Double> cpuMicros = new ArrayList<>();
    private final List<Double> requestsPerSecond = new ArrayList<>();
    private final List<Double> p50Micros = new ArrayList<>();
    private final List<Double> p99Micros = new ArrayList<>();
    private final List<Double> loadBusy = new ArrayList<>();

    BurstTarget(Arena arena, LoadOptions options, Exchange exchange) throws IOException {
        this.options = options;
        this.loop = new ClosedLoop(arena, options, exchange, latencies);
    }

    ClosedLoop loop() {
        return loop;
    }

    /** Loads the server until its JIT compiler rests. */
    void warmUp() throws IOException {
        CompilerRest rest = new CompilerRest(options.serverPid(), options.warmupSeconds());
        loop.start();
        do {
            loop.run(PairedLoad.deadlineAfter(WARMUP_SLICE_NANOS), Long.MAX_VALUE);
        } while (!rest.reached());
        loop.drain();
    }

    /** Loads the server for {@code rampNanos} without and for {@code nanos} with measuring. */
    void burst(long rampNanos, long nanos) throws IOException {
        loop.start();
        loop.run(PairedLoad.deadlineAfter(rampNanos), Long.MAX_VALUE);
        latencies.reset();
        long cpuNanos = -ProcessUsage.cpuNanos(options.serverPid());
        long start = System.nanoTime();
        loop.run(start + nanos, Long.MAX_VALUE);
        long elapsedNanos = System.nanoTime() - start;
        cpuNanos += ProcessUsage.cpuNanos(options.serverPid());
        long requests = loop.requests();
        long idleNanos = loop.idleNanos();
        if (requests == 0) {
            throw new IOException("not one request was answered in a burst");
        }
        cpuMicros.add(cpuNanos / NANOS_PER_MICRO / requests);
        requestsPerSecond.add(requests / PairedLoad.seconds(elapsedNanos));
        p50Micros.add(latencies.getValueAtPercentile(50) / NANOS_PER_MICRO);
        p99Micros.add(latencies.getValueAtPercentile(99) / NANOS_PER_MICRO);
        loadBusy.add(1 - idleNanos / (double) elapsedNanos);
        loop.drain();
    }

    List<Double> cpuMicros() {
        return cpuMicros;
    }

    List<Double> p99Micros() {
        return p99Micros;
    }

    /** By the names of the result line. */
    Map<String, Double> medians() {
        return Map.of(
                "cpu_micros", Quantiles.median(cpuMicros),
                "requests_per_second", Quantiles.median(requestsPerSecond),
                "p50_micros", Quantiles.median(p50Micros),
                "p99_micros", Quantiles.median(p99Micros),
                "load_busy", Quantiles.median(loadBusy));
    }
}
