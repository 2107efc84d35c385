package io.byssus.runtime.diagnostics;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What {@link StallProcessTest} starts in a JVM of its own; the argument says what to do. */
final class StallChild {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long STOP_NANOS =
            TimeUnit.MILLISECONDS.toNanos(StallProcessTest.STOP_MILLIS);
    private static final int STOPS_MAX = 20;
    private static final long LOG_FLUSH_MILLIS = 5_000;

    private static volatile boolean over;

    private StallChild() {}

    public static void main(String[] args) throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .smp(1)
                        .overprovisioned(true)
                        .stallThreshold(Duration.ofMillis(25));
        try (Shards shards = Shards.start(options)) {
            ShardStalls stalls = shards.get(0).stalls();
            switch (args[0]) {
                case "stopped" -> bePaused(shards, stalls);
                case "stall" -> stall(shards, stalls);
                default -> throw new IllegalArgumentException(args[0]);
            }
            System.out.println(
                    "state stalls " + stalls.count() + " pauses " + (stalls.pauseCount() > 0));
        }
        ShardLog.flush(LOG_FLUSH_MILLIS);
        LockSupport.parkNanos(2 * STOP_NANOS); // for a stop that is still on its way
    }

    /**
     * Works in tasks that are short of the threshold, while it is stopped now and then, until it
     * has seen a pause.
     */
    private static void bePaused(Shards shards, ShardStalls stalls) {
        var worker =
                shards.spawn(
                        0,
                        "innocent",
                        () -> {
                            while (!over) {
                                long start = System.nanoTime();
                                while (System.nanoTime() - start < 2 * STEP_NANOS) {
                                    Thread.onSpinWait();
                                }
                                Thread.yield();
                            }
                            return null;
                        });
        for (int i = 0; i < STOPS_MAX && !hasSeenOne(stalls); i++) {
            System.out.println("state ready");
            awaitStop();
            long limit = System.nanoTime() + STOP_NANOS;
            while (!hasSeenOne(stalls) && System.nanoTime() < limit) {
                LockSupport.parkNanos(STEP_NANOS);
            }
        }
        over = true;
        Object ignored = worker.join();
        assert ignored == null;
    }

    /** A stop that comes while no task has been seen is none of the shard's: there is another. */
    private static boolean hasSeenOne(ShardStalls stalls) {
        return stalls.pauseTotal().toNanos() >= STOP_NANOS / 2;
    }

    /** Returns once the process has been stopped and goes on, or something like it. */
    private static void awaitStop() {
        long limit = System.nanoTime() + LIMIT_NANOS;
        long before;
        long now = System.nanoTime();
        do {
            before = now;
            LockSupport.parkNanos(STEP_NANOS);
            now = System.nanoTime();
        } while (now - before < STOP_NANOS / 2 && now < limit);
    }

    private static void stall(Shards shards, ShardStalls stalls) {
        Object ignored =
                shards.spawn(
                                0,
                                "stalling",
                                () -> {
                                    long limit = System.nanoTime() + LIMIT_NANOS;
                                    while (stalls.count() == 0 && System.nanoTime() < limit) {
                                        Thread.onSpinWait();
                                    }
                                    return null;
                                })
                        .join();
        assert ignored == null;
    }
}
