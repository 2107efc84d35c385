package io.byssus.benchmarks;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.time.Timer;
import io.byssus.runtime.time.TimerWheel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a parked fiber with a stack of three frames costs in heap, a virtual thread on the JDK's
 * scheduler beside it, and an armed timer: the heap that is in use after a full collection, before
 * and with so many of them. Fibers park in {@code LockSupport.park}, as do all operations.
 */
public final class FiberMemory {
    private static final String USAGE =
            """
            usage: FiberMemory [options]
              --count N     fibers, and virtual threads; default 200000
              --timers N    default 1000000
            """;
    private static final int COLLECTIONS = 3;
    private static final long SETTLE_MILLIS = 200;

    private static volatile boolean ended;

    private FiberMemory() {}

    public static void main(String[] arguments) throws InterruptedException {
        Arguments given = Arguments.parse(arguments, USAGE, List.of("count", "timers"), List.of());
        int count = given.number("count", 200_000);
        // The first of a kind loads classes: its figure is thrown away.
        virtualThreads(1000);
        fibers(1000);
        System.out.println("| what | bytes each |\n| --- | --: |");
        System.out.printf("| parked fiber, 3 frames | %.0f |%n", fibers(count));
        System.out.printf(
                "| parked virtual thread of the JDK, 3 frames | %.0f |%n", virtualThreads(count));
        System.out.printf("| armed timer | %.0f |%n", timers(given.number("timers", 1_000_000)));
    }

    private static double fibers(int count) throws InterruptedException {
        ended = false;
        List<Fiber<Void>> fibers = new ArrayList<>(count);
        try (Shards shards = Shards.start(new RuntimeOptions().smp(1))) {
            long before = heapBytes();
            shards.submitTo(
                    0,
                    () -> {
                        for (int i = 0; i < count; i++) {
                            fibers.add(Fiber.start("parked", () -> first(null)));
                        }
                        return null;
                    });
            awaitParked(fibers.getLast().thread());
            long after = heapBytes();
            ended = true;
            fibers.forEach(fiber -> LockSupport.unpark(fiber.thread()));
            fibers.forEach(Fiber::join);
            return (after - before) / (double) count;
        }
    }

    private static double virtualThreads(int count) throws InterruptedException {
        ended = false;
        CountDownLatch started = new CountDownLatch(count);
        List<Thread> threads = new ArrayList<>(count);
        long before = heapBytes();
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().name("parked").start(() -> first(started)));
        }
        started.await();
        awaitParked(threads.getLast());
        long after = heapBytes();
        ended = true;
        threads.forEach(LockSupport::unpark);
        for (Thread thread : threads) {
            thread.join();
        }
        return (after - before) / (double) count;
    }

    private static double timers(int count) {
        TimerWheel wheel = new TimerWheel(0);
        SplittableRandom random = new SplittableRandom(1);
        long before = heapBytes();
        for (int i = 0; i < count; i++) {
            wheel.arm(new IdleTimer(), random.nextLong(1, TimeUnit.HOURS.toNanos(1)));
        }
        long after = heapBytes();
        if (wheel.armedCount() != count) {
            throw new AssertionError("armed=" + wheel.armedCount());
        }
        return (after - before) / (double) count;
    }

    private static void first(CountDownLatch started) {
        second(started, 1);
    }

    private static int second(CountDownLatch started, int local) {
        return third(started, local + 1L) + local;
    }

    private static int third(CountDownLatch started, long local) {
        if (started != null) {
            started.countDown();
        }
        while (!ended) {
            LockSupport.park(FiberMemory.class);
        }
        return (int) local;
    }

    private static void awaitParked(Thread last) throws InterruptedException {
        do {
            // allow ThreadSleep: the last one parks before all the others have
            Thread.sleep(SETTLE_MILLIS);
        } while (last.getState() != Thread.State.WAITING);
    }

    private static long heapBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static final class IdleTimer extends Timer {
        @Override
        protected void onExpiry() {
            throw new AssertionError("nobody advances the wheel");
        }
    }
}
