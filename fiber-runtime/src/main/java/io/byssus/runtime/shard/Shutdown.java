package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The end of a runtime, in steps that are each bounded in time:
 *
 * <ol>
 *   <li>readiness off, and the delay, in which load balancers notice;
 *   <li>no periodic timer starts a fiber any more; the stop hooks of each shard: listeners take
 *       what waits in their queues and close;
 *   <li>fibers end by themselves, for the grace period;
 *   <li>services that nobody has stopped are stopped, the last one first, in the same time again;
 *   <li>what is left is cancelled, like what starts from here on, and has {@link #CANCEL_TIME} to
 *       end;
 *   <li>what would not end is logged with its stack; if nothing is, the shards pass nothing on to
 *       each other any more; the carriers stop.
 * </ol>
 *
 * <p><b>Ownership:</b> any thread outside the runtime; runs once.
 */
final class Shutdown {
    private static final Duration CANCEL_TIME = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(1);
    private static final Duration ANNOUNCE_AFTER = Duration.ofSeconds(1);
    private static final int REPORTED_FIBERS_MAX = 10;

    private static final String STOPPED = "the runtime has stopped";

    private final Shards shards;
    private final RuntimeOptions options;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean stopped;
    private volatile boolean clean;

    Shutdown(Shards shards, RuntimeOptions options) {
        this.shards = shards;
        this.options = options;
    }

    boolean isReady() {
        return !begun.get();
    }

    void requireRunning() {
        if (stopped) {
            throw new IllegalStateException(STOPPED);
        }
    }

    /**
     * Stops the runtime, or waits until another thread has stopped it. An interrupt cuts the
     * waiting short and is kept.
     *
     * @return whether every fiber has ended
     */
    boolean run() {
        Reactor caller = Reactor.currentOrNull();
        if (caller != null && Shard.LOCAL.get(caller).shards() == shards) {
            throw new IllegalStateException("a fiber cannot wait for the end of its own runtime");
        }
        try {
            if (begun.compareAndSet(false, true)) {
                stop();
            } else {
                finished.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return clean;
    }

    private void stop() throws InterruptedException {
        try {
            // allow ThreadSleep: the delay is what was asked for
            TimeUnit.NANOSECONDS.sleep(nanos(options.shutdownDelay));
            onEach(shard -> {
                Timers.stopPeriodicOn(shard.reactor());
                shard.stopHooks().run();
            });
            clean = awaitFibers(options.shutdownGrace);
            stopServices();
            if (!clean) {
                cancelFibers();
                clean = awaitFibers(CANCEL_TIME);
            }
        } finally {
            stopped = true;
            // For what has come since the last look, or if an interrupt cut the waiting short.
            cancelFibers();
            try {
                end();
            } finally {
                shards.leaveDumps();
                finished.countDown();
            }
        }
    }

    /** Afterwards {@link #clean} takes into account what they had running. */
    private void stopServices() throws InterruptedException {
        List<Sharded<?>> services = shards.services().close();
        if (services.isEmpty()) {
            return;
        }
        CompletableFuture<Void> end =
                shards.spawn(
                        0,
                        "stop services",
                        () -> {
                            services.forEach(Shutdown::stopInOrder);
                            return null;
                        });
        Duration limit = max(options.shutdownGrace, CANCEL_TIME);
        try {
            end.get(nanos(limit), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            ShardLog.warning("stopping: services did not stop within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new AssertionError("failures are logged", e);
        }
        clean = awaitFibers(ANSWER_TIME);
    }

    private static void stopInOrder(Sharded<?> service) {
        try {
            service.stopWithRuntime();
        } catch (Throwable e) {
            ShardLog.error(service + " did not stop in order", e);
        }
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private void end() throws InterruptedException {
        try {
            if (clean) {
                disconnectShards();
            } else {
                reportFibers();
            }
            stopCarriers();
        } finally {
            shards.stopStallDetector();
            shards.pendingOutcomes().failAll(new IllegalStateException(STOPPED));
        }
    }

    private void cancelFibers() {
        onEach(shard -> Fiber.cancelAllOn(shard.reactor()));
    }

    /** Whether every fiber of every shard has ended within {@code limit}. */
    private boolean awaitFibers(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + nanos(limit);
        boolean announced = false;
        while (true) {
            CountDownLatch idle = new CountDownLatch(shards.count());
            onEach(shard -> Fiber.whenNoneIsLive(shard.reactor(), idle::countDown));
            if (limit.compareTo(ANNOUNCE_AFTER) > 0
                    && !announced
                    && !idle.await(ANNOUNCE_AFTER.toNanos(), TimeUnit.NANOSECONDS)) {
                announced = true;
                ShardLog.info("stopping: fibers have " + limit.toMillis() + " ms to end");
            }
            if (!idle.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
            // Each shard was idle once; a call from another may have come since.
            if (liveFibers().isEmpty()) {
                return true;
            }
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
        }
    }

    /** The live fibers; of a shard that a fiber holds, those that may hold it. */
    private Queue<Fiber<?>> liveFibers() throws InterruptedException {
        Queue<Fiber<?>> live = new ConcurrentLinkedQueue<>();
        Set<Shard> silent = ConcurrentHashMap.newKeySet();
        silent.addAll(shards.all());
        CountDownLatch answered = new CountDownLatch(shards.count());
        onEach(shard -> {
            live.addAll(Fiber.liveOn(shard.reactor()));
            silent.remove(shard);
            answered.countDown();
        });
        if (!answered.await(ANSWER_TIME.toNanos(), TimeUnit.NANOSECONDS)) {
            for (Shard shard : silent) {
                ShardLog.warning("stopping: " + shard + " does not answer: a fiber holds it");
                live.addAll(suspects(shard));
            }
        }
        return live;
    }

    /**
     * The fiber that seems to hold {@code shard}, which does not answer; all of its fibers if none
     * seems to run, because the processor is what its carrier waits for.
     */
    private static List<Fiber<?>> suspects(Shard shard) {
        // Its carrier is stuck, so nothing changes the list as we read it.
        List<Fiber<?>> all = Fiber.liveOn(shard.reactor());
        List<Fiber<?>> running = new ArrayList<>(all);
        running.removeIf(fiber -> fiber.thread().getState() != Thread.State.RUNNABLE);
        return running.isEmpty() ? all : running;
    }

    private void reportFibers() throws InterruptedException {
        Queue<Fiber<?>> live = liveFibers();
        ShardLog.warning("stopping: " + live.size() + " fibers would not end");
        live.stream()
                .limit(REPORTED_FIBERS_MAX)
                .forEach(fiber -> {
                    Throwable stack = new Throwable("stack of " + fiber);
                    stack.setStackTrace(fiber.thread().getStackTrace());
                    ShardLog.error(fiber + " would not end", stack);
                });
    }

    /** What is still on its way from one shard to another ends here. */
    private void disconnectShards() throws InterruptedException {
        for (int round = 0; round < 2; round++) {
            CountDownLatch disconnected = new CountDownLatch(shards.count());
            onEach(shard -> {
                shards.disconnect(shard);
                disconnected.countDown();
            });
            if (!disconnected.await(ANSWER_TIME.toNanos(), TimeUnit.NANOSECONDS)) {
                ShardLog.warning("stopping: a shard does not answer");
            }
        }
    }

    /**
     * Stops the carriers of the shards that have no fiber left. The others go on as daemons until
     * they have none: a fiber that will not end may be the next owner of a lock that threads of
     * other runtimes wait for, and must be run to let it go.
     */
    private void stopCarriers() throws InterruptedException {
        CountDownLatch reported = new CountDownLatch(shards.count());
        onEach(shard -> {
            Fiber.reportUnjoinedFailures(shard.reactor());
            Fiber.whenNoneIsLive(shard.reactor(), () -> stop(shard.reactor()));
            reported.countDown();
        });
        if (!reported.await(ANSWER_TIME.toNanos(), TimeUnit.NANOSECONDS)) {
            ShardLog.warning("stopping: a shard was held by a fiber to the end");
        }
        if (clean) {
            for (Shard shard : shards.all()) {
                shard.carrier().join(ANSWER_TIME.toMillis());
            }
        }
        shards.blockingPool().close();
    }

    /** Stops the shard, after those of its fibers have ended that only wait for more to do. */
    private static void stop(Reactor reactor) {
        Fiber.endIdleOn(reactor);
        reactor.execute(reactor::stop);
    }

    /** At most a century: more would overflow the clock. */
    private static long nanos(Duration duration) {
        return Math.min(TimeUnit.NANOSECONDS.convert(duration), TimeUnit.DAYS.toNanos(36_500));
    }

    private void onEach(Consumer<Shard> action) {
        for (Shard shard : shards.all()) {
            shard.reactor().execute(() -> action.accept(shard));
        }
    }
}
