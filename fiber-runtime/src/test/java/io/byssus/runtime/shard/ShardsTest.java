package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.diagnostics.FiberSnapshot;
import io.byssus.runtime.diagnostics.Fibers;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A runtime's shards, and one body on each of them. */
class ShardsTest {
    private static final int COUNT = 3;
    private static final Duration LONG = Duration.ofDays(1);

    private Shards shards;

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(COUNT).overprovisioned(true));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    void shardsAreNumberedAndKnowTheirRuntime() throws Exception {
        assertThat(shards.count()).isEqualTo(COUNT);
        assertThat(shards).hasToString("runtime of 3 shards");
        assertThat(shards.all()).extracting(Shard::id).containsExactly(0, 1, 2);
        assertThat(shards.get(2)).hasToString("shard 2");
        assertThatThrownBy(() -> shards.get(COUNT)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> shards.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        for (Shard shard : shards.all()) {
            assertThat(shards.<Shard, RuntimeException>submitTo(shard.id(), Shard::current))
                    .isSameAs(shard);
            assertThat(shards.<Shards, RuntimeException>submitTo(shard.id(), Shards::current))
                    .isSameAs(shards);
        }
        assertThatThrownBy(Shard::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("not on a shard");
        assertThatThrownBy(Shards::current).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sharedObjectIsMadeOnceForAllShards() throws Exception {
        Set<Integer> seen = new ConcurrentSkipListSet<>();
        shards.onEach(() -> {
            AtomicInteger counter = shards.shared(AtomicInteger.class, AtomicInteger::new);
            seen.add(counter.incrementAndGet());
        });
        assertThat(seen).containsExactly(1, 2, 3);
    }

    @Test
    void eachShardAllocatesFromItsOwnBuffers() throws Exception {
        shards.onEach(() -> {
            Shard shard = Shard.current();
            try (Buffer buffer = shard.allocate(100)) {
                assertThat(buffer.length()).isEqualTo(100);
                assertThat(shard.buffers().liveBlocks()).isEqualTo(1);
            }
        });
    }

    @Test
    void bufferClosedOnAnotherShardGoesBackToItsOwn() throws Exception {
        Buffer buffer = shards.submitTo(0, () -> Shard.current().allocate(10));
        shards.submitTo(
                1,
                () -> {
                    buffer.close();
                    return null;
                });
        int live = shards.submitTo(0, () -> Shard.current().buffers().liveBlocks());
        assertThat(live).isZero();
    }

    @Test
    void onEachRunsOnAllShardsAtOnceAndReturnsWhenAllHave() throws Exception {
        CyclicBarrier together = new CyclicBarrier(COUNT);
        Set<Integer> ids = new ConcurrentSkipListSet<>();
        shards.onEach(() -> {
            together.await();
            ids.add(Shard.current().id());
        });
        assertThat(ids).containsExactly(0, 1, 2);
    }

    @Test
    void onEachCanBeCalledFromAFiber() throws Exception {
        Set<Integer> ids = new ConcurrentSkipListSet<>();
        shards.submitTo(
                1,
                () -> {
                    shards.onEach(() -> ids.add(Shard.current().id()));
                    return null;
                });
        assertThat(ids).containsExactly(0, 1, 2);
    }

    @Test
    void dumpSaysThatACallerWaitsForOnEach() throws Exception {
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        CyclicBarrier together = new CyclicBarrier(COUNT + 1);
        CompletableFuture<Void> caller =
                shards.spawn(
                        0,
                        "caller",
                        () -> {
                            shards.onEach(() -> {
                                together.await();
                                goOn.get();
                            });
                            return null;
                        });
        together.await();
        Eventually.until(() -> {
            String wait = waitOf("caller");
            return wait.equals("onEach (3 of 3 fibers live)") ? "" : "waits for '" + wait + "'";
        });
        goOn.complete(null);
        caller.get();
    }

    private static String waitOf(String fiber) {
        return Fibers.snapshot().shards().stream()
                .flatMap(shard -> shard.fibers().stream())
                .filter(snapshot -> snapshot.name().equals(fiber))
                .map(FiberSnapshot::waitsFor)
                .findAny()
                .orElse("");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void failureOnOneShardCancelsTheOthersAndIsThrown(boolean fromAFiber) {
        Set<Integer> cancelled = new ConcurrentSkipListSet<>();
        CyclicBarrier together = new CyclicBarrier(COUNT);
        IOException failure = new IOException("port in use");
        Callable onEach =
                () ->
                        shards.onEach(() -> {
                            together.await();
                            if (Shard.current().id() == 1) {
                                throw failure;
                            }
                            try {
                                Fiber.sleep(LONG);
                            } catch (FiberCancelledException e) {
                                cancelled.add(Shard.current().id());
                                throw e;
                            }
                        });
        assertThatThrownBy(
                        () -> {
                            if (fromAFiber) {
                                shards.submitTo(
                                        0,
                                        () -> {
                                            onEach.call();
                                            return null;
                                        });
                            } else {
                                onEach.call();
                            }
                        })
                .isSameAs(failure);
        assertThat(cancelled).containsExactly(0, 2);
    }

    private interface Callable {
        void call() throws Exception;
    }

    @Test
    void firstRealFailureWinsOverTheCancellationsItCauses() {
        CountDownLatch othersParked = new CountDownLatch(COUNT - 1);
        Error failure = new AssertionError("the cause");
        assertThatThrownBy(() ->
                        shards.onEach(() -> {
                            if (Shard.current().id() == 2) {
                                othersParked.await();
                                throw failure;
                            }
                            othersParked.countDown();
                            try {
                                Fiber.sleep(LONG);
                            } catch (FiberCancelledException e) {
                                throw new IOException("only a consequence", e);
                            }
                        }))
                .isSameAs(failure);
    }

    @Test
    void cancelledCallerCancelsItsBodiesAndWaitsForThem() throws Exception {
        CountDownLatch parked = new CountDownLatch(COUNT);
        AtomicInteger ended = new AtomicInteger();
        FiberTask body =
                () -> {
                    parked.countDown();
                    try {
                        Fiber.sleep(LONG);
                    } finally {
                        ended.incrementAndGet();
                    }
                };
        Fiber<Void> caller =
                shards.submitTo(0, () -> Fiber.start("caller", () -> shards.onEach(body)));
        parked.await();
        caller.cancel();

        assertThatThrownBy(caller::join).isInstanceOf(FiberCancelledException.class);
        assertThat(ended).hasValue(COUNT);
    }

    @Test
    void spawnedFiberCompletesItsFutureWithTheResultOrTheFailure() throws Exception {
        assertThat(shards.spawn(2, "spawned", () -> Shard.current().id()).get()).isEqualTo(2);

        CompletableFuture<Integer> failure =
                shards.spawn(
                        2,
                        "spawned",
                        () -> {
                            throw new IOException("no");
                        });
        assertThatThrownBy(failure::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("no");
    }

    @Test
    void severalRuntimesLiveSideBySide() throws Exception {
        try (Shards others = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true))) {
            List<Shards> seen =
                    shards.submitTo(
                            0,
                            () ->
                                    List.of(
                                            Shards.current(),
                                            others.<Shards, RuntimeException>submitTo(
                                                    1, Shards::current),
                                            Shards.current()));
            assertThat(seen).containsExactly(shards, others, shards);
            assertThat(others.stop()).isTrue();
        }
        int stillAlive = shards.submitTo(1, () -> Shard.current().id());
        assertThat(stillAlive).isEqualTo(1);
    }
}
