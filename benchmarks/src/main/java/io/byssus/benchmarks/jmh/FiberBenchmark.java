package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.time.Timer;
import io.byssus.runtime.time.TimerWheel;
import java.time.Duration;
import java.util.SplittableRandom;
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

/** What a fiber costs on one shard: switching, starting, being preempted, arming a timer. */
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
public class FiberBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 1_000_000;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long TIMEOUT_NANOS = TIMEOUT.toNanos();

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

    /** A fiber that yields with nothing else to run: out of the fiber and back. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object yieldAlone() {
        return shards.submitTo(
                0,
                () -> {
                    for (int i = 0; i < OPERATIONS; i++) {
                        Thread.yield();
                    }
                    return null;
                });
    }

    /** Two fibers wake each other in turn: per switch, parking and unparking included. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object parkAndSignal() {
        return shards.submitTo(0, FiberBenchmark::pingPong);
    }

    private static Object pingPong() {
        WaitPoint ping = new WaitPoint();
        WaitPoint pong = new WaitPoint();
        Fiber<Void> other =
                Fiber.start(
                        "pong",
                        () -> {
                            for (int i = 0; i < OPERATIONS / 2; i++) {
                                pong.await("ping");
                                ping.signal();
                            }
                        });
        Thread.yield(); // lets the other fiber get to its wait
        for (int i = 0; i < OPERATIONS / 2; i++) {
            pong.signal();
            ping.await("pong");
        }
        return other.join();
    }

    /** Starts a fiber that ends at once, and joins it. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object startAndJoin() {
        return shards.submitTo(
                0,
                () -> {
                    for (int i = 0; i < OPERATIONS; i++) {
                        Fiber.start("child", () -> {}).join();
                    }
                    return null;
                });
    }

    /** The preemption point of a loop that computes. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object yieldIfNeeded() {
        return shards.submitTo(
                0,
                () -> {
                    for (int i = 0; i < OPERATIONS; i++) {
                        Fiber.yieldIfNeeded();
                    }
                    return null;
                });
    }

    /** A deadline that does not expire: one timer armed and cancelled. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object armAndCancelTimer() {
        return shards.submitTo(
                0,
                () -> {
                    Reactor reactor = Reactor.current();
                    long deadline = reactor.clock().nanoTime() + TimeUnit.SECONDS.toNanos(10);
                    Timer timer = new IdleTimer();
                    for (int i = 0; i < OPERATIONS; i++) {
                        reactor.arm(timer, deadline + i);
                        reactor.cancel(timer);
                    }
                    return null;
                });
    }

    /** The same for a time-out: a duration, which needs no clock. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object armAndCancelTimeout() {
        return shards.submitTo(
                0,
                () -> {
                    Reactor reactor = Reactor.current();
                    Timer timer = new IdleTimer();
                    for (int i = 0; i < OPERATIONS; i++) {
                        reactor.armAfter(timer, TIMEOUT_NANOS);
                        reactor.cancel(timer);
                    }
                    return null;
                });
    }

    /** The same among a million that are armed. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object armAndCancelAmongAMillion(ArmedTimers others) {
        return shards.submitTo(
                0,
                () -> {
                    TimerWheel wheel = others.wheel;
                    Timer timer = new IdleTimer();
                    for (int i = 0; i < OPERATIONS; i++) {
                        wheel.arm(timer, others.deadline(i));
                        wheel.cancel(timer);
                    }
                    return null;
                });
    }

    /** A timer that is made, armed and cancelled, as a program does it. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object makeAndCancelOneShot() {
        return shards.submitTo(
                0,
                () -> {
                    boolean inTime = true;
                    for (int i = 0; i < OPERATIONS; i++) {
                        inTime &= Timers.after("idle", TIMEOUT, () -> {}).cancel();
                    }
                    return inTime;
                });
    }

    /** A wheel that a million timers are in, at random times of an hour. */
    @State(Scope.Benchmark)
    public static class ArmedTimers {
        private static final int COUNT = 1_000_000;
        private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

        private final TimerWheel wheel = new TimerWheel(0);
        private final long[] deadlines = new long[OPERATIONS];

        /** Arms them. */
        @Setup(Level.Trial)
        public void arm() {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < COUNT; i++) {
                wheel.arm(new IdleTimer(), random.nextLong(1, HOUR_NANOS));
            }
            for (int i = 0; i < OPERATIONS; i++) {
                deadlines[i] = random.nextLong(1, HOUR_NANOS);
            }
        }

        long deadline(int i) {
            return deadlines[i];
        }
    }

    private static final class IdleTimer extends Timer {
        @Override
        protected void onExpiry() {
            throw new AssertionError("cancelled before");
        }
    }
}
