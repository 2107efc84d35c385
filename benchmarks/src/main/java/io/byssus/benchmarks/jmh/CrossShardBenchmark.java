package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Calls from shard 0 to shard 1, each run by a fiber there. Needs two processors to itself. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED"
        })
public class CrossShardBenchmark {
    private static final int OPERATIONS = 128_000;
    private static final int CALLERS = 128;

    /** 0: an idle shard sleeps in the kernel at once; else both shards spin and are awake. */
    @Param({"0", "10000"})
    public int idlePollMicros;

    private final Histogram latencies = new Histogram(3);
    private Shards shards;

    /** Two shards. */
    @Setup(Level.Trial)
    public void start() {
        Duration idlePoll = Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(idlePollMicros));
        shards = Shards.start(new RuntimeOptions().smp(2).idlePollTime(idlePoll));
    }

    @TearDown(Level.Trial)
    public void stop() {
        shards.stop();
    }

    /** One caller: there and back. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object roundTrip() {
        return shards.submitTo(0, () -> call(OPERATIONS));
    }

    /**
     * As {@link #roundTrip}, with a look at the clock around each call; says the percentiles. To be
     * read with idle polling: without, this is what it takes to wake a sleeping thread.
     */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object roundTripPercentiles() {
        return shards.submitTo(
                0,
                () -> {
                    Object last = null;
                    for (int i = 0; i < OPERATIONS; i++) {
                        long start = System.nanoTime();
                        last = shards.submitTo(1, () -> null);
                        latencies.recordValue(System.nanoTime() - start);
                    }
                    return last;
                });
    }

    /** Says what {@link #roundTripPercentiles} has measured. */
    @TearDown(Level.Iteration)
    public void report() {
        if (latencies.getTotalCount() > 0) {
            System.out.printf(
                    "p50 %d ns, p99 %d ns, p99.9 %d ns: ",
                    latencies.getValueAtPercentile(50),
                    latencies.getValueAtPercentile(99),
                    latencies.getValueAtPercentile(99.9));
            latencies.reset();
        }
    }

    /** 128 callers at a time: the cost per call when there is always another. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object throughput() {
        return shards.submitTo(
                0,
                () -> {
                    List<Fiber<Object>> callers = new ArrayList<>();
                    for (int i = 0; i < CALLERS; i++) {
                        callers.add(Fiber.start("caller", () -> call(OPERATIONS / CALLERS)));
                    }
                    callers.forEach(Fiber::join);
                    return null;
                });
    }

    private Object call(int times) {
        Object last = null;
        for (int i = 0; i < times; i++) {
            last = shards.submitTo(1, () -> null);
        }
        return last;
    }
}
