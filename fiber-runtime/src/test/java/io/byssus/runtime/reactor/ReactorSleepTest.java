package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.time.Clock;
import io.byssus.runtime.time.Timer;
import io.byssus.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A reactor driven by its own carrier in real time, with {@link ParkingBackend}. */
class ReactorSleepTest {
    private static final int LIMIT_SECONDS = 20;

    private Reactor reactor;
    private Carrier carrier;

    private void start(Duration idlePoll) {
        ReactorOptions options =
                new ReactorOptions(500_000, idlePoll.toNanos(), BufferPool.Mode.TRACKING);
        reactor = new Reactor(7, Clock.system(), new ParkingBackend(), options);
        carrier = new Carrier("test-carrier", reactor::run);
        carrier.setDaemon(true);
        carrier.start();
    }

    @AfterEach
    void stopEndsTheLoopEvenIfItSleeps() throws InterruptedException {
        reactor.stop();
        carrier.join(Duration.ofSeconds(LIMIT_SECONDS));
        assertThat(carrier.isAlive()).isFalse();
        reactor.close();
    }

    @Test
    void tasksOfManyThreadsAllRunOnTheCarrierInEachSendersOrder() throws Exception {
        start(Duration.ZERO);
        int senders = 4;
        int tasks = 30_000;
        int[] next = new int[senders]; // the carrier's alone
        List<String> wrong = new ArrayList<>();
        CountDownLatch left = new CountDownLatch(senders * tasks);
        List<Thread> threads = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            int id = sender;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < tasks; i++) {
                                    int number = i;
                                    reactor.execute(() -> {
                                        if (Thread.currentThread() != carrier
                                                || next[id]++ != number) {
                                            wrong.add(id + "/" + number);
                                        }
                                        left.countDown();
                                    });
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(left.await(LIMIT_SECONDS, TimeUnit.SECONDS)).as("nothing is lost").isTrue();
        assertThat(wrong).isEmpty();
        assertThat(reactor.counters().remoteTasks).isEqualTo((long) senders * tasks);
    }

    @Test
    void sleepingShardIsWokenByEveryTask() throws Exception {
        start(Duration.ZERO);
        for (int round = 0; round < 2_000; round++) {
            CompletableFuture<Thread> ran = new CompletableFuture<>();
            reactor.execute(() -> ran.complete(Thread.currentThread()));
            assertThat(ran.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isSameAs(carrier);
        }
        assertThat(reactor.counters().sleeps).isPositive();
    }

    @Test
    void timerEndsASleepOnTimeAndNotEarly() throws Exception {
        start(Duration.ZERO);
        long delay = Duration.ofMillis(3).toNanos();
        CompletableFuture<Long> lateness = new CompletableFuture<>();
        reactor.execute(() -> {
            long deadline = System.nanoTime() + delay;
            reactor.arm(
                    new Timer() {
                        @Override
                        protected void onExpiry() {
                            lateness.complete(System.nanoTime() - deadline);
                        }
                    },
                    deadline);
        });
        assertThat(lateness.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNegative();
    }

    @Test
    void idleShardPollsForItsTimeAndThenSleeps() throws Exception {
        start(Duration.ofMillis(20));
        CompletableFuture<Void> ran = new CompletableFuture<>();
        reactor.execute(() -> ran.complete(null));
        ran.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        long before = System.nanoTime();
        long sleeps = reactor.counters().sleeps;
        Eventually.until("the carrier sleeps", () -> reactor.counters().sleeps > sleeps);
        assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofMillis(5).toNanos());
    }

    @Test
    void timerEndsAnIdlePoll() throws Exception {
        start(Duration.ofSeconds(3_600));
        CompletableFuture<Void> fired = new CompletableFuture<>();
        reactor.execute(() ->
                reactor.arm(
                        new Timer() {
                            @Override
                            protected void onExpiry() {
                                fired.complete(null);
                            }
                        },
                        System.nanoTime() + 1_000_000));
        fired.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(reactor.counters().sleeps).isZero();
    }
}
