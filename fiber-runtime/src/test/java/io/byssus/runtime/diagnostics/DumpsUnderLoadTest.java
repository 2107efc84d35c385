package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Dumps without end beside fibers that switch without end. A dump suspends fibers and adds them to
 * run queues again, so that each might be lost or run twice: then a count would be wrong, or the
 * test would not end.
 */
class DumpsUnderLoadTest {
    private static final int ROUNDS = 20_000;
    private static final int PAIRS = 4;
    private static final int LIMIT_SECONDS = 50;

    @Test
    void dumpsLoseAndDuplicateNothing() throws Exception {
        RuntimeOptions options = new RuntimeOptions().smp(2).overprovisioned(true);
        try (Shards shards = Shards.start(options)) {
            List<CompletableFuture<Integer>> counts = new ArrayList<>();
            for (int shard = 0; shard < shards.count(); shard++) {
                counts.add(shards.spawn(shard, "main", DumpsUnderLoadTest::workOnShard));
                int other = 1 - shard;
                counts.add(shards.spawn(shard, "caller", () -> callEachOther(shards, other)));
            }
            CompletableFuture<Void> end =
                    CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new));
            int dumps = 0;
            while (!end.isDone() || dumps < 10) {
                assertThat(Fibers.snapshot().shards()).hasSize(2);
                dumps++;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            for (CompletableFuture<Integer> count : counts) {
                assertThat(count.get() % ROUNDS).as("after %d dumps", dumps).isZero();
            }
        }
    }

    /** Fibers that yield, that signal each other, and that meet in the JDK's way. */
    private static int workOnShard() throws Exception {
        List<Fiber<Integer>> fibers = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            fibers.add(Fiber.start("yielder", DumpsUnderLoadTest::yieldOn));
            WaitPoint ping = new WaitPoint();
            WaitPoint pong = new WaitPoint();
            fibers.add(Fiber.start("ping", () -> signalEachOther(ping, pong)));
            fibers.add(Fiber.start("pong", () -> answerEachOther(ping, pong)));
            SynchronousQueue<Integer> queue = new SynchronousQueue<>();
            fibers.add(Fiber.start("taker", () -> take(queue)));
            fibers.add(Fiber.start("putter", () -> put(queue)));
        }
        fibers.add(Fiber.start("starter", DumpsUnderLoadTest::startAndJoin));
        int sum = 0;
        for (Fiber<Integer> fiber : fibers) {
            int count = fiber.join();
            assertThat(count).as(fiber.name()).isEqualTo(ROUNDS);
            sum += count;
        }
        return sum;
    }

    private static int yieldOn() {
        int count = 0;
        for (int i = 0; i < ROUNDS; i++) {
            Thread.yield();
            count++;
        }
        return count;
    }

    private static int signalEachOther(WaitPoint ping, WaitPoint pong) {
        int count = 0;
        while (!pong.isWaiting()) {
            Thread.yield();
        }
        for (int i = 0; i < ROUNDS; i++) {
            pong.signal();
            ping.await("ping");
            count++;
        }
        return count;
    }

    private static int answerEachOther(WaitPoint ping, WaitPoint pong) {
        int count = 0;
        for (int i = 0; i < ROUNDS; i++) {
            pong.await("pong");
            ping.signal();
            count++;
        }
        return count;
    }

    private static int take(SynchronousQueue<Integer> queue) throws InterruptedException {
        int count = 0;
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(queue.take().intValue()).isEqualTo(i);
            count++;
        }
        return count;
    }

    private static int put(SynchronousQueue<Integer> queue) throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            queue.put(i);
        }
        return ROUNDS;
    }

    private static int startAndJoin() {
        int count = 0;
        for (int i = 0; i < ROUNDS; i++) {
            count += Fiber.start("child", () -> 1).join();
        }
        return count;
    }

    private static int callEachOther(Shards shards, int other) {
        int count = 0;
        for (int i = 0; i < ROUNDS; i++) {
            count += shards.submitTo(other, () -> 1);
            if (i % (ROUNDS / 4) == 0) {
                Fiber.sleep(Duration.ofMillis(1));
            }
        }
        return count;
    }
}
