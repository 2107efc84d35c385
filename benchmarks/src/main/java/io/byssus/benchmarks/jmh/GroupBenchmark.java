package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
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

/**
 * What scheduling groups add to a switch between two fibers of a shard that wake each other in
 * turn, parking and unparking included.
 */
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
public class GroupBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 100_000;

    private final SchedulingGroup first = new SchedulingGroup("first", 100);
    private final SchedulingGroup second = new SchedulingGroup("second", 100);
    private Shards shards;

    /** One shard. */
    @Setup(Level.Iteration)
    public void start() {
        shards = Shards.start(new RuntimeOptions().smp(1));
    }

    @TearDown(Level.Iteration)
    public void stop() {
        shards.stop();
    }

    /** The shard knows no group but main, to which both belong. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object mainAlone() {
        SchedulingGroup main = SchedulingGroup.main();
        return shards.submitTo(0, () -> pingPong(main, main));
    }

    /** The shard knows a second group, which has nothing to run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object secondGroupKnown() {
        SchedulingGroup main = SchedulingGroup.main();
        return shards.submitTo(
                0,
                () -> {
                    Object known = Reactor.current().queueOf(second);
                    return known == null ? null : pingPong(main, main);
                });
    }

    /** Every switch is from one group to another. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object groupsAlternate() {
        return shards.submitTo(0, () -> pingPong(first, second));
    }

    /** Both fibers run in the same group, which is not main. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object withinAGroup() {
        return shards.submitTo(0, () -> pingPong(first, first));
    }

    private static Object pingPong(SchedulingGroup mine, SchedulingGroup others) {
        WaitPoint ping = new WaitPoint();
        WaitPoint pong = new WaitPoint();
        Fiber<Void> other =
                Fiber.start(
                        others,
                        "pong",
                        () -> {
                            for (int i = 0; i < OPERATIONS / 2; i++) {
                                pong.await("ping");
                                ping.signal();
                            }
                        });
        Fiber<Void> one =
                Fiber.start(
                        mine,
                        "ping",
                        () -> {
                            while (!pong.isWaiting()) {
                                Fiber.yield(); // lets the other fiber get to its wait
                            }
                            for (int i = 0; i < OPERATIONS / 2; i++) {
                                pong.signal();
                                ping.await("pong");
                            }
                        });
        one.join();
        return other.join();
    }
}
