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
            System.out.println("stalls " + stalls.count() + " pauses " + (stalls.pauseCount() > 0));
        }
        ShardLog.flush(LOG_FLUSH_MILLIS);
    }

    /** Works in tasks that are short of the threshold, until it has seen a pause. */
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
        System.out.println("ready");
        long limit = System.nanoTime() + LIMIT_NANOS;
        while (stalls.pauseTotal().toMillis() < StallProcessTest.STOP_MILLIS / 2
                && System.nanoTime() < limit) {
            LockSupport.parkNanos(STEP_NANOS);
        }
        over = true;
        Object ignored = worker.join();
        assert ignored == null;
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
