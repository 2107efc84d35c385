package io.byssus.benchmarks.jmh;

import io.byssus.runtime.diagnostics.DumpOptions;
import io.byssus.runtime.diagnostics.Fibers;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A dump of ten thousand parked fibers. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED"
        })
public class DumpBenchmark {
    private static final int FIBERS = 10_000;

    private Shards shards;

    /** One shard with fibers that sleep. */
    @Setup(Level.Trial)
    public void start() {
        shards = Shards.start(new RuntimeOptions().smp(1).shutdownGrace(Duration.ZERO));
        shards.submitTo(
                0,
                () -> {
                    for (int i = 0; i < FIBERS; i++) {
                        Fiber.start("sleeper", () -> Fiber.sleep(Duration.ofDays(1)));
                    }
                    return null;
                });
    }

    @TearDown(Level.Trial)
    public void stop() {
        shards.stop();
    }

    /** With stacks, as text. */
    @Benchmark
    public String dump() {
        return Fibers.dump();
    }

    /** Names, states and what they wait for, as data. */
    @Benchmark
    public Object withoutStacks() {
        return Fibers.snapshot(new DumpOptions(0, 1, 1));
    }
}
