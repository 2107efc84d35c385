package io.byssus.benchmarks.jmh;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.sync.BoundedQueue;
import io.byssus.runtime.sync.Gate;
import io.byssus.runtime.sync.Mutex;
import io.byssus.runtime.sync.ReadWriteLock;
import io.byssus.runtime.sync.Semaphore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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
 * What the primitives of a shard cost where nobody waits, and the JDK's beside them. Between taking
 * and giving back is a call that the compiler does not look into, as there would be in a program:
 * without it, both sides are compiled to nothing. {@link #nothing} is the call alone.
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
public class SyncBenchmark {
    /** So many that the way to the shard and back does not count. */
    private static final int OPERATIONS = 1_000_000;

    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Object ITEM = new Object();

    private Shards shards;
    private Semaphore semaphore;
    private Gate gate;
    private Mutex mutex;
    private ReadWriteLock readWriteLock;
    private BoundedQueue<Object> queue;
    private final java.util.concurrent.Semaphore jdkSemaphore =
            new java.util.concurrent.Semaphore(4, true);
    private final ReentrantLock jdkLock = new ReentrantLock(true);

    /** One shard, and one of each on it. */
    @Setup(Level.Trial)
    public void start() {
        shards = Shards.start(new RuntimeOptions().smp(1));
        shards.submitTo(
                0,
                () -> {
                    semaphore = new Semaphore("semaphore", 4);
                    gate = new Gate("gate");
                    mutex = new Mutex("mutex");
                    readWriteLock = new ReadWriteLock("lock");
                    queue = new BoundedQueue<>("queue", 16);
                    return null;
                });
    }

    @TearDown(Level.Trial)
    public void stop() {
        shards.stop();
    }

    /** What all the others do besides. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object nothing() {
        return repeat(SyncBenchmark::work);
    }

    /** Takes a unit and gives it back. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object semaphore() {
        return repeat(() -> {
            semaphore.acquire(1);
            work();
            semaphore.release(1);
        });
    }

    /** As {@link #semaphore}, with a limit that is not needed. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object semaphoreWithLimit() {
        return repeat(() -> {
            semaphore.acquire(1, LIMIT);
            work();
            semaphore.release(1);
        });
    }

    /** As {@link #semaphore}, by try-with-resources. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object semaphoreHold() {
        return repeat(() -> {
            try (var _ = semaphore.hold(1)) {
                work();
            }
        });
    }

    /** Enters and leaves. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object gate() {
        return repeat(() -> {
            gate.enter();
            work();
            gate.leave();
        });
    }

    /** Locks and unlocks. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object mutex() {
        return repeat(() -> {
            mutex.lock();
            work();
            mutex.unlock();
        });
    }

    /** Locks for reading, and unlocks. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object readLock() {
        return repeat(() -> {
            readWriteLock.read().lock();
            work();
            readWriteLock.read().unlock();
        });
    }

    /** Locks for writing, and unlocks. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object writeLock() {
        return repeat(() -> {
            readWriteLock.write().lock();
            work();
            readWriteLock.write().unlock();
        });
    }

    /** An item in and out again; nobody waits. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object queuePutAndTake() {
        return repeat(() -> {
            queue.put(ITEM);
            work();
            if (queue.take() != ITEM) {
                throw new AssertionError("another item");
            }
        });
    }

    /** Per item, from a producer to a consumer that both wait for each other, 16 at a time. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object queueBetweenFibers() {
        return shards.submitTo(
                0,
                () -> {
                    Fiber<Void> producer =
                            Fiber.start(
                                    "producer",
                                    () -> {
                                        for (int i = 0; i < OPERATIONS; i++) {
                                            queue.put(ITEM);
                                        }
                                    });
                    for (int i = 0; i < OPERATIONS; i++) {
                        queue.take();
                    }
                    return producer.join();
                });
    }

    /** java.util.concurrent's, fair as ours is. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object jdkSemaphore() {
        return repeat(() -> {
            jdkSemaphore.acquireUninterruptibly();
            work();
            jdkSemaphore.release();
        });
    }

    /** java.util.concurrent's, fair as ours is. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object jdkLock() {
        return repeat(() -> {
            jdkLock.lock();
            work();
            jdkLock.unlock();
        });
    }

    private Object repeat(Runnable operation) {
        return shards.submitTo(
                0,
                () -> {
                    loop(operation);
                    return null;
                });
    }

    /**
     * Compiled for itself: inlined into the whole of its fiber, down from the JDK's first frame, it
     * would reach the compiler's limit of depth (MaxInlineLevel).
     */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static void loop(Runnable operation) {
        for (int i = 0; i < OPERATIONS; i++) {
            operation.run();
        }
    }

    /** What is done while it is held. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static void work() {}
}
