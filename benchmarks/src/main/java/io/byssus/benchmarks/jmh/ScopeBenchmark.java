package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to keep fibers together and to limit what they do. */
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
public class ScopeBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 100_000;

    private static final int CONCURRENCY = 100;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final List<Integer> ITEMS = Collections.nCopies(OPERATIONS, 1);

    private Shards shards;

    /** One shard. */
    @Setup(Level.Trial)
    public void start() {
        shards = Shards.start(new RuntimeOptions().smp(1));
    }

    @TearDown(Level.Trial)
    public void stop() {
        shards.stop();
    }

    private Object repeat(Runnable operation) {
        return shards.submitTo(
                0,
                () -> {
                    for (int i = 0; i < OPERATIONS; i++) {
                        operation.run();
                    }
                    return null;
                });
    }

    /** The measure of the next one: a fiber that ends at once, without a scope. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object startAndJoin() {
        return repeat(() -> Fiber.start("child", () -> {}).join());
    }

    /** A scope of one fiber: opened, started, joined, closed. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object scopeOfOne() {
        return repeat(() -> {
            try (var scope = io.byssus.runtime.fiber.Scope.open("scope")) {
                scope.start("child", () -> {});
                scope.join();
            }
        });
    }

    /** Per item, a hundred at a time. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object parallelForEach() {
        return shards.submitTo(
                0,
                () -> {
                    Parallel.forEach(ITEMS, CONCURRENCY, item -> {});
                    return null;
                });
    }

    /** A time limit that is not reached: entered and left. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object deadline() {
        return repeat(() -> Deadline.within(LIMIT, () -> {}));
    }

    /** An abort source that is not aborted: entered and left. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object abortSource() {
        AbortSource source = new AbortSource("source");
        return repeat(() -> source.run(() -> {}));
    }
}
