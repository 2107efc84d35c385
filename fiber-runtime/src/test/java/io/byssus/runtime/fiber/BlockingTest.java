package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockingTest {
    private static final int THREADS = 2;

    private Shards shards;

    @BeforeEach
    void start() {
        start(THREADS);
    }

    private void start(int blockingThreads) {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .blockingThreads(blockingThreads));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    void callRunsOnAPlatformThreadAndTheFiberGoesOnOnItsShard() throws Exception {
        for (int shard = 0; shard < shards.count(); shard++) {
            Thread ran =
                    shards.submitTo(
                            shard,
                            () -> {
                                Shard before = Shard.current();
                                Thread worker = Blocking.call(Thread::currentThread);
                                assertThat(Shard.current()).isSameAs(before);
                                return worker;
                            });
            assertThat(ran.isVirtual()).isFalse();
            assertThat(ran.getName()).startsWith("byssus-blocking-");
            assertThat(ran.isDaemon()).isTrue();
        }
    }

    @Test
    void nothingOfOneCallerIsLeftForAnother() throws Exception {
        stop();
        start(1);
        FiberLocal<String> request = FiberLocal.inherited();
        InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
        String first =
                shards.submitTo(
                        0,
                        () -> {
                            user.set("somebody"); // this fiber's, not the new pool thread's
                            return Blocking.call(() -> {
                                request.set("first");
                                return request.get() + " of " + user.get();
                            });
                        });
        String second =
                shards.submitTo(
                        0, () -> Blocking.call(() -> request.orElse("none") + " of " + user.get()));
        assertThat(List.of(first, second)).containsExactly("first of null", "none of null");
    }

    @Test
    void shardRunsOnWhileACallBlocks() throws Exception {
        String order =
                shards.submitTo(
                        0,
                        () -> {
                            CountDownLatch gate = new CountDownLatch(1);
                            Fiber<String> blocked =
                                    Fiber.start(
                                            "blocked",
                                            () ->
                                                    Blocking.call(() -> {
                                                        gate.await();
                                                        return "the gate opened";
                                                    }));
                            Fiber<Void> opener = Fiber.start("opener", gate::countDown);
                            opener.join();
                            return blocked.join();
                        });
        assertThat(order).isEqualTo("the gate opened");
    }

    @Test
    void whatTheCallThrowsIsThrownToTheFiber() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    for (Throwable failure :
                            List.of(
                                    new IOException("checked"),
                                    new IllegalStateException("unchecked"),
                                    new AssertionError("error"))) {
                        assertThatThrownBy(() -> Blocking.call(() -> FiberTest.fail(failure)))
                                .isSameAs(failure);
                    }
                    return null;
                });
    }

    @Test
    void cancelledFiberInterruptsItsCallAndDoesNotWaitForIt() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<String> call = new CompletableFuture<>();
        Fiber<String> fiber =
                shards.submitTo(
                        0,
                        () ->
                                Fiber.start(
                                        "blocked",
                                        () ->
                                                Blocking.call(() -> {
                                                    running.countDown();
                                                    return untilInterrupted(call);
                                                })));
        running.await();
        fiber.cancel();

        assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
        assertThat(call.get()).isEqualTo("interrupted");
    }

    @Test
    void cancelledCallThatHasNotBegunLeavesTheQueue() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        int queued =
                shards.submitTo(
                        0,
                        () -> {
                            ThreadPoolExecutor pool = BlockingPool.LOCAL.get().executor();
                            List<Fiber<Void>> busy = new ArrayList<>();
                            for (int i = 0; i < THREADS; i++) {
                                busy.add(Fiber.start("busy", () -> await(gate)));
                            }
                            Fiber<Void> waiting = Fiber.start("waiting", () -> await(gate));
                            Eventually.until("queued", () -> pool.getQueue().size() == 1);
                            waiting.cancel();
                            assertThatThrownBy(waiting::join)
                                    .isInstanceOf(FiberCancelledException.class);
                            int left = pool.getQueue().size();
                            gate.countDown();
                            busy.forEach(Fiber::join);
                            return left;
                        });
        assertThat(queued).isZero();
    }

    private static void await(CountDownLatch gate) throws Exception {
        Blocking.call(() -> {
            gate.await();
            return null;
        });
    }

    private static String untilInterrupted(CompletableFuture<String> outcome) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            outcome.complete("interrupted");
        }
        return "late";
    }

    @Test
    void moreCallsThanThreadsWaitTheirTurn() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        int calls = 200;
        int ended =
                shards.submitTo(
                        1,
                        () -> {
                            List<Fiber<Integer>> fibers = new ArrayList<>();
                            for (int i = 0; i < calls; i++) {
                                fibers.add(
                                        Fiber.start(
                                                "caller",
                                                () ->
                                                        Blocking.call(() -> {
                                                            most.accumulateAndGet(
                                                                    now.incrementAndGet(),
                                                                    Math::max);
                                                            Thread.yield();
                                                            return now.decrementAndGet();
                                                        })));
                            }
                            fibers.forEach(Fiber::join);
                            return fibers.size();
                        });
        assertThat(ended).isEqualTo(calls);
        assertThat(most.get()).isBetween(1, THREADS);
    }

    @Test
    void callerThatIsNoFiberRunsTheCallItself() throws Exception {
        assertThat(Blocking.call(Thread::currentThread)).isSameAs(Thread.currentThread());
    }

    @Test
    void shardWithoutARuntimeSaysThatItHasNoPool() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() ->
                        assertThatThrownBy(() -> Blocking.call(() -> 1))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("shard 0 has no blocking pool")));
    }

    @Test
    void poolThatIsClosedTakesNoCalls() throws Throwable {
        SteppedReactor.run(stepped -> {
            BlockingPool pool = new BlockingPool(1);
            pool.install(stepped.reactor());
            pool.close();
            stepped.onFiber(() ->
                    assertThatThrownBy(() -> Blocking.call(() -> 1))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("Blocking.call: the runtime has stopped"));
        });
    }
}
