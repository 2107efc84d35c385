package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds on the calls of one purpose, and that they never stand in each other's way. */
class CallGroupTest {
    private static final Duration LONG = Duration.ofDays(1);

    private static Shards shards;

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
    }

    /** Counts what is under way at a time. */
    private static final class Traffic {
        private final AtomicInteger now = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        Object pass() {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                Fiber.sleep(Duration.ofNanos(100_000));
                return null;
            } finally {
                now.decrementAndGet();
                ended.incrementAndGet();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noMoreCallsAreUnderWayThanTheGroupAllows(boolean fromAShard) throws Exception {
        CallGroup group = shards.callGroup("scan", 3);
        assertThat(group).hasToString("call group 'scan'");
        assertThat(group.callsMax()).isEqualTo(3);
        Traffic traffic = new Traffic();
        if (fromAShard) {
            shards.submitTo(
                    0,
                    () -> {
                        List<Fiber<Object>> callers = new ArrayList<>();
                        for (int i = 0; i < 100; i++) {
                            callers.add(
                                    Fiber.start(
                                            "caller",
                                            () -> shards.submitTo(1, group, traffic::pass)));
                        }
                        callers.forEach(Fiber::join);
                        return null;
                    });
        } else {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                callers.add(
                        Thread.startVirtualThread(() -> shards.submitTo(1, group, traffic::pass)));
            }
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertThat(traffic.ended).hasValue(fromAShard ? 100 : 30);
        assertThat(traffic.most).hasValue(3);
    }

    @Test
    void callsWithoutTheGroupAndToTheOwnShardNeedNoSlot() throws Exception {
        CallGroup group = shards.callGroup("full", 1);
        CountDownLatch inCall = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        shards.submitTo(
                0,
                () -> {
                    Fiber<Object> holder =
                            Fiber.start(
                                    "holder",
                                    () ->
                                            shards.submitTo(
                                                    1,
                                                    group,
                                                    () -> {
                                                        inCall.countDown();
                                                        end.await();
                                                        return null;
                                                    }));
                    inCall.await();
                    int here = shards.submitTo(0, group, () -> 1);
                    int there = shards.submitTo(1, () -> 2);
                    int other = shards.submitTo(1, shards.callGroup("other", 1), () -> 3);
                    assertThat(List.of(here, there, other)).containsExactly(1, 2, 3);
                    end.countDown();
                    return holder.join();
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancelledWaiterGivesUpAndAGivenUpCallKeepsItsSlotUntilItEnds(boolean fromAShard)
            throws Exception {
        CallGroup group = shards.callGroup("io", 1);
        CountDownLatch inCall = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        Thread holder =
                caller(
                        fromAShard,
                        () ->
                                shards.submitTo(
                                        1,
                                        group,
                                        () -> {
                                            inCall.countDown();
                                            awaitWhateverHappens(mayEnd);
                                            return ran.incrementAndGet();
                                        }));
        inCall.await();
        CompletableFuture<String> refused = new CompletableFuture<>();
        Thread waiter =
                caller(
                        fromAShard,
                        () -> {
                            try {
                                return shards.submitTo(1, group, ran::incrementAndGet);
                            } catch (FiberCancelledException e) {
                                refused.complete(e.getMessage());
                                throw e;
                            }
                        });
        Eventually.parked(waiter);
        waiter.interrupt();
        assertThat(refused.get())
                .endsWith("cancelled in a slot of call group 'io' for a call to shard 1");

        holder.interrupt();
        holder.join();
        Thread next = caller(fromAShard, () -> shards.submitTo(1, group, ran::incrementAndGet));
        Eventually.parked(next);
        assertThat(ran).as("the call is still under way").hasValue(0);
        mayEnd.countDown();
        next.join();
        assertThat(ran).hasValue(2);
    }

    private static void awaitWhateverHappens(CountDownLatch latch) {
        boolean ended = false;
        while (!ended) {
            try {
                latch.await();
                ended = true;
            } catch (InterruptedException e) {
                ended = false; // it is stubborn
            }
        }
    }

    private interface Caller {
        Object call() throws Exception;
    }

    private static Thread caller(boolean onShard, Caller caller) throws Exception {
        if (!onShard) {
            return Thread.ofPlatform()
                    .start(() -> {
                        try {
                            caller.call();
                        } catch (Exception e) {
                            assertThat(e).isInstanceOf(FiberCancelledException.class);
                        }
                    });
        }
        return shards.submitTo(
                0, () -> Fiber.<Object>start("caller", () -> caller.call()).thread());
    }

    /** How a call gets to the next one. */
    private enum Way {
        ITSELF {
            @Override
            int take(Step next) throws Exception {
                return next.take();
            }
        },
        CHILD_FIBER {
            @Override
            int take(Step next) throws Exception {
                return Fiber.start("child", () -> next.take()).join();
            }
        },
        PLAIN_VIRTUAL_THREAD {
            @Override
            int take(Step next) throws Exception {
                CompletableFuture<Integer> result = new CompletableFuture<>();
                Thread.startVirtualThread(() -> {
                    try {
                        result.complete(next.take());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                });
                return result.get();
            }
        },
        CALL_WITHOUT_GROUP {
            @Override
            int take(Step next) throws Exception {
                int there = 1 - Shard.current().id();
                return shards.<Integer, Exception>submitTo(there, () -> next.take());
            }
        },
        SPAWNED {
            @Override
            int take(Step next) throws Exception {
                return shards.spawn(Shard.current().id(), "spawned", () -> next.take()).get();
            }
        };

        abstract int take(Step next) throws Exception;
    }

    private interface Step {
        int take() throws Exception;
    }

    @Test
    void nestedCallsOfFullGroupsDoNotWaitForEachOther() throws Exception {
        CallGroup a = shards.callGroup("a", 1);
        CallGroup b = shards.callGroup("b", 1);
        for (Way way : Way.values()) {
            int depth = 6;
            List<CompletableFuture<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int number = i;
                results.add(
                        shards.spawn(
                                i % 2,
                                "caller",
                                () ->
                                        nest(
                                                depth,
                                                number % 4 < 2 ? a : b,
                                                number % 4 < 2 ? b : a,
                                                way)));
            }
            for (CompletableFuture<Integer> result : results) {
                assertThat(result.get()).as("%s", way).isEqualTo(depth);
            }
        }
    }

    /** There and back, in turns by this group and the other. */
    private static int nest(int depth, CallGroup group, CallGroup other, Way way) throws Exception {
        if (depth == 0) {
            return 0;
        }
        int there = 1 - Shard.current().id();
        int below =
                shards.<Integer, Exception>submitTo(
                        there, group, () -> way.take(() -> nest(depth - 1, other, group, way)));
        return 1 + below;
    }

    @Test
    void callsThatNestTooDeepAreRefused() {
        CallGroup group = shards.callGroup("deep", 1);
        assertThatThrownBy(() ->
                        shards.<Integer, Exception>submitTo(
                                0, () -> nest(CallGroup.LEVELS_MAX + 1, group, group, Way.ITSELF)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("call group 'deep': calls nest deeper than 32");
        int stillServes = shards.submitTo(1, group, () -> 7);
        assertThat(stillServes).isEqualTo(7);
    }

    @Test
    void badInputIsRefused() {
        for (int callsMax : new int[] {0, -1}) {
            assertThatThrownBy(() -> shards.callGroup("bad", callsMax))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("call group 'bad': callsMax=" + callsMax + ": must be positive");
        }
        CallGroup group = shards.callGroup("mine", 1);
        assertThatThrownBy(() -> shards.submitTo(2, group, () -> 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("shard=2, and there are shards 0 to 1");
        try (Shards others = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true))) {
            assertThatThrownBy(() -> others.submitTo(0, group, () -> 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("call group 'mine' belongs to another runtime");
        }
    }

    @Test
    void nothingIsLostWhoeverIsCancelled() throws Exception {
        CallGroup group = shards.callGroup("storm", 4);
        Traffic traffic = new Traffic();
        AtomicInteger begun = new AtomicInteger();
        Random random = new Random(Seeds.next("CallGroupTest"));
        int answered =
                shards.submitTo(
                        0,
                        () -> {
                            List<Fiber<Object>> callers = new ArrayList<>();
                            for (int i = 0; i < 1_000; i++) {
                                callers.add(
                                        Fiber.start(
                                                "caller",
                                                () ->
                                                        shards.submitTo(
                                                                1,
                                                                group,
                                                                () -> {
                                                                    begun.incrementAndGet();
                                                                    return traffic.pass();
                                                                })));
                                if (random.nextInt(3) == 0) {
                                    Thread.yield();
                                }
                                callers.get(i - random.nextInt(Math.min(i + 1, 20))).cancel();
                            }
                            int cancelled = 0;
                            for (Fiber<Object> caller : callers) {
                                try {
                                    Object none = caller.join();
                                    assertThat(none).isNull();
                                } catch (FiberCancelledException e) {
                                    cancelled++;
                                }
                            }
                            return callers.size() - cancelled;
                        });
        Eventually.until(
                "every slot is free again",
                () ->
                        shards.<Integer, RuntimeException>submitTo(
                                        0, () -> group.slots(0, 1, 0).free())
                                == 4);
        assertThat(answered).isBetween(1, 999);
        assertThat(traffic.ended).as("what has begun has ended").hasValue(begun.get());
        assertThat(traffic.most.get()).isBetween(1, 4);
    }

    @Test
    void cancelledCallerOfALongCallIsFreeAtOnce() throws Exception {
        CallGroup group = shards.callGroup("long", 1);
        CountDownLatch inCall = new CountDownLatch(1);
        Thread caller =
                caller(
                        true,
                        () ->
                                shards.submitTo(
                                        1,
                                        group,
                                        () -> {
                                            inCall.countDown();
                                            Fiber.sleep(LONG);
                                            return null;
                                        }));
        inCall.await();
        caller.interrupt();
        caller.join();
        int next = shards.submitTo(0, () -> shards.submitTo(1, group, () -> 5));
        assertThat(next).isEqualTo(5);
    }
}
