package io.byssus.benchmarks.jmh;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A switch on the JDK's own scheduler, at parallelism 1 and as it comes, and the same code on a
 * shard. {@code ./byssus bench jmh 'parkAnd'} runs them and {@link FiberBenchmark}'s.
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
public class DefaultSchedulerBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 100_000;

    /** Two virtual threads wake each other in turn: per switch. */
    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1"
            })
    @OperationsPerInvocation(OPERATIONS)
    public void parkAndUnpark() throws InterruptedException {
        play();
    }

    /** The same with as many carriers as the JDK takes by default. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void parkAndUnparkAtDefaultParallelism() throws InterruptedException {
        play();
    }

    /** The same on a shard. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void parkAndUnparkOnAShard(OneShard shard) throws InterruptedException {
        shard.shards.submitTo(
                0,
                () -> {
                    play();
                    return null;
                });
    }

    /** A runtime of one shard. */
    @State(Scope.Benchmark)
    public static class OneShard {
        private final Shards shards = Shards.start(new RuntimeOptions().smp(1));

        @TearDown
        public void stop() {
            shards.stop();
        }
    }

    private static void play() throws InterruptedException {
        PingPong game = new PingPong();
        game.one = Thread.ofVirtual().unstarted(() -> game.play(0));
        game.two = Thread.ofVirtual().unstarted(() -> game.play(1));
        game.one.start();
        game.two.start();
        game.one.join();
        game.two.join();
    }

    private static final class PingPong {
        private volatile Thread one;
        private volatile Thread two;
        private volatile int turn;

        void play(int player) {
            for (int i = player; i < OPERATIONS; i += 2) {
                while (turn != i) {
                    LockSupport.park();
                }
                turn = i + 1;
                LockSupport.unpark(player == 0 ? two : one);
            }
        }
    }
}
