package io.byssus.benchmarks.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * A load generator's life: connect, warm the server up, measure, print one {@link ResultLine}.
 *
 * <p>The warm-up lasts as long as it is told, and then until the server's JIT compiler has come to
 * rest, within a bound. The server's CPU clock is read at the very ends of the measured interval,
 * so that neither the opening of the connections nor the warm-up is in the figure. When the load
 * was itself the bottleneck it says so on the error stream: the server then had idle time that a
 * faster load would have filled.
 *
 * <p><b>Ownership:</b> one thread.
 */
final class MeasuredRun {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long LATENCY_NANOS_MAX = 60_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double SATURATED = 0.95;

    private final LoadOptions options;
    private final ClosedLoop loop;
    private final Histogram latencies;

    private MeasuredRun(LoadOptions options, ClosedLoop loop, Histogram latencies) {
        this.options = options;
        this.loop = loop;
        this.latencies = latencies;
    }

    /** Runs the whole program; a failure ends the process with one sentence. */
    static void runProgram(LoadOptions options, Exchange exchange) {
        try (Arena arena = Arena.ofShared()) {
            Histogram latencies = new Histogram(LATENCY_NANOS_MAX, SIGNIFICANT_DIGITS);
            ClosedLoop loop = new ClosedLoop(arena, options, exchange, latencies);
            loop.start();
            MeasuredRun run = new MeasuredRun(options, loop, latencies);
            double warmupSeconds = run.warmUp();
            latencies.reset();
            run.measure(warmupSeconds);
            loop.close();
        } catch (IOException failure) {
            System.err.println("load: " + failure.getMessage());
            System.exit(1);
        }
    }

    /** Answers how many seconds it took. */
    private double warmUp() throws IOException {
        CompilerRest rest = new CompilerRest(options.serverPid(), options.warmupSeconds());
        long start = System.nanoTime();
        do {
            loop.run(deadline(1), Long.MAX_VALUE);
        } while (!rest.reached());
        return (System.nanoTime() - start) / NANOS_PER_SECOND;
    }

    private void measure(double warmupSeconds) throws IOException {
        long self = ProcessHandle.current().pid();
        long server = options.serverPid() == 0 ? self : options.serverPid();
        long requestsMax = options.requestsMax() == 0 ? Long.MAX_VALUE : options.requestsMax();

        // The slow reading is outside the interval on both sides, the exact one inside.
        long serverWait = -ProcessUsage.waitNanos(server);
        long ownWait = -ProcessUsage.waitNanos(self);
        long busy = -BusyTime.nanos();
        long ownCpu = -ProcessUsage.cpuNanos(self);
        long serverCpu = -ProcessUsage.cpuNanos(server);
        long start = System.nanoTime();
        loop.run(deadline(options.seconds()), requestsMax);
        double elapsed = System.nanoTime() - start;
        serverCpu += ProcessUsage.cpuNanos(server);
        ownCpu += ProcessUsage.cpuNanos(self);
        busy += BusyTime.nanos();
        serverWait += ProcessUsage.waitNanos(server);
        ownWait += ProcessUsage.waitNanos(self);

        long requests = loop.requests();
        if (requests == 0) {
            throw new IOException("not one request was answered in the measured interval");
        }
        // A spinning wait burns CPU without doing anything; only the rest is the load's own cost.
        double working =
                options.waiting() == ClosedLoop.Waiting.SPIN
                        ? Math.max(0, ownCpu - loop.idleNanos())
                        : ownCpu;
        boolean serverKnown = options.serverPid() != 0;
        Map<String, Double> figures = new TreeMap<>();
        figures.put("requests", (double) requests);
        figures.put("seconds", elapsed / NANOS_PER_SECOND);
        figures.put("warmup_seconds", warmupSeconds);
        figures.put("p50_micros", percentile(50));
        figures.put("p99_micros", percentile(99));
        figures.put("p99.9_micros", percentile(99.9));
        figures.put("load_cpu_micros", working / NANOS_PER_MICRO / requests);
        figures.put("busy_micros", busy / NANOS_PER_MICRO / requests);
        figures.put("load_busy", working / elapsed);
        figures.put("load_wait", ownWait / elapsed);
        if (serverKnown) {
            figures.put("server_cpu_micros", serverCpu / NANOS_PER_MICRO / requests);
            figures.put("server_busy", serverCpu / elapsed);
            figures.put("server_wait", serverWait / elapsed);
        }
        System.out.println(ResultLine.format(figures));
        if (serverKnown && working / elapsed > SATURATED && serverCpu / elapsed < SATURATED) {
            System.err.printf(
                    "load: the load generator was the bottleneck: it used %.0f %% of its core,"
                            + " the server %.0f %%%n",
                    100 * working / elapsed, 100 * serverCpu / elapsed);
        }
    }

    private double percentile(double percent) {
        return latencies.getValueAtPercentile(percent) / NANOS_PER_MICRO;
    }

    private static long deadline(int seconds) {
        return System.nanoTime() + seconds * 1_000_000_000L;
    }
}
