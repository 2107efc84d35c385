package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.FiberContext;
import io.byssus.runtime.fiber.FiberLocal;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
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

/** A fiber's own variables, beside a thread-local in the same fiber. */
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
public class FiberLocalBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 1_000_000;

    private static final FiberLocal<Long> CONFINED = FiberLocal.confined();
    private static final FiberLocal<Long> INHERITED = FiberLocal.inherited();
    private static final ThreadLocal<Long> THREAD_LOCAL = new ThreadLocal<>();

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

    /** Reads one that stays with its fiber. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long getConfined() {
        return repeat(CONFINED::get);
    }

    /** Reads one that goes to children. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long getInherited() {
        return repeat(INHERITED::get);
    }

    /** Reads a thread-local. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long getThreadLocal() {
        return repeat(THREAD_LOCAL::get);
    }

    /** Writes one that stays with its fiber. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long setConfined() {
        return repeat(() -> {
            CONFINED.set(2L);
            return 2;
        });
    }

    /** Writes one that goes to children: a copy of all of these. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long setInherited() {
        return repeat(() -> {
            INHERITED.set(2L);
            return 2;
        });
    }

    /** What every start of a fiber and every call to another shard does. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long capture() {
        return repeat(() -> FiberContext.capture() == null ? 0 : 1);
    }

    private long repeat(LongSupplier operation) {
        return shards.submitTo(
                0,
                () -> {
                    CONFINED.set(1L);
                    INHERITED.set(1L);
                    THREAD_LOCAL.set(1L);
                    long sum = 0;
                    for (int i = 0; i < OPERATIONS; i++) {
                        sum += operation.getAsLong();
                    }
                    return sum;
                });
    }
}
