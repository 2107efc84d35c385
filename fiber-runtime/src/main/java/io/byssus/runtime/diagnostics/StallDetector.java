package io.byssus.runtime.diagnostics;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Affinity;
import io.byssus.runtime.os.ThreadId;
import io.byssus.runtime.reactor.Carrier;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Notices a fiber that holds its shard for longer than a threshold, and tells once per stall who it
 * is, and with its stack at that moment, where: to the log (five a minute per shard, then a count),
 * to {@link ShardStalls} and so to the meters, and to Flight Recorder (event {@code
 * io.byssus.Stall}).
 *
 * <p>It looks from outside, on a thread of its own, at what each shard counts anyway; the shards do
 * nothing for it. The thread sleeps when all shards sleep. In the first second, in which the JVM
 * loads classes, only what takes ten times the threshold is told. Time in which the fiber's carrier
 * had no processor, or the JVM was paused, is no stall: it is counted apart and no fiber is named.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class StallDetector implements AutoCloseable {
    private static final long JOIN_MILLIS = 1_000;

    /** Enough to leave the processors to the program while it starts. */
    private static final int LOOKS_BEFORE_PREPARATION = 4;

    private static final long STACK_TAKER_IDLE_SECONDS = 10;

    private final StallSampler sampler;
    private final List<PlatformTimes> times = new ArrayList<>();
    private final ThreadPoolExecutor stackTakers;
    private final Clock clock;
    private final Thread thread;
    private volatile boolean closed;

    /** Counts to {@link #LOOKS_BEFORE_PREPARATION}. */
    private int looks;

    /**
     * A shard to look at.
     *
     * @param reactor its loop
     * @param carrier the thread that drives it
     * @param stalls where to count
     * @param startTasks how many tasks it has run when it is ready, and is looked at
     */
    public record Watched(Reactor reactor, Carrier carrier, ShardStalls stalls, int startTasks) {}

    private StallDetector(Duration threshold, List<Watched> shards, Clock clock) {
        long thresholdNanos = threshold.toNanos();
        this.clock = clock;
        this.stackTakers =
                new ThreadPoolExecutor(
                        0,
                        shards.size() * ReportLimit.REPORTS_MAX,
                        STACK_TAKER_IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("byssus-stacks-", 0).factory());
        JvmPauses pauses =
                new JvmPauses(
                        clock,
                        newTimes(ThreadId::current, () -> Thread.currentThread().threadId()),
                        new CollectorPauses());
        List<ShardWatch> watches = new ArrayList<>();
        for (Watched shard : shards) {
            watches.add(
                    new ShardWatch(
                            shard.reactor,
                            shard.carrier,
                            shard.stalls,
                            new StallThreshold(thresholdNanos, shard.startTasks),
                            new HeldTime(
                                    clock,
                                    newTimes(shard.carrier::kernelId, shard.carrier::threadId),
                                    pauses),
                            stackTakers));
        }
        this.sampler = new StallSampler(watches, pauses, thresholdNanos);
        this.thread = Thread.ofPlatform().daemon().name("byssus-stalls").unstarted(this::run);
    }

    /**
     * Starts to look at {@code shards}; for the runtime.
     *
     * @param threshold how long a fiber may hold its shard; at least a millisecond
     */
    public static StallDetector start(Duration threshold, List<Watched> shards) {
        StallDetector detector = new StallDetector(threshold, shards, Clock.system());
        detector.thread.start();
        return detector;
    }

    /** Ends it. Waits until its thread has ended, for a second at most. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        stackTakers.shutdown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its thread. */
    Thread thread() {
        return thread;
    }

    private PlatformTimes newTimes(IntSupplier kernelId, LongSupplier threadId) {
        PlatformTimes of = PlatformTimes.of(kernelId, threadId);
        times.add(of);
        return of;
    }

    private void run() {
        Affinity.bindThread(Affinity.ofProcess()); // the starter may be bound
        try {
            while (!closed) {
                look();
            }
            sampler.close();
        } catch (Throwable e) {
            ShardLog.error("the stall detector failed, and has ended", e);
        } finally {
            times.forEach(PlatformTimes::close);
        }
    }

    private void look() {
        if (looks < LOOKS_BEFORE_PREPARATION && ++looks == LOOKS_BEFORE_PREPARATION) {
            StallReports.prepare();
            // Opens their files, so that there is nothing left to open when descriptors run out.
            times.forEach(PlatformTimes::read);
        }
        long nanos = sampler.sample(clock.nanoTime());
        if (nanos != StallSampler.REST) {
            LockSupport.parkNanos(this, nanos);
        } else if (sampler.rest(thread)) {
            rest(sampler.restNanos(clock.nanoTime()));
        }
    }

    private void rest(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }
}
