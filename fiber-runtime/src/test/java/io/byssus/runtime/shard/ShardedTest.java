package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service with an instance on each shard can be asked. Its life: ShardedLifeTest. */
class ShardedTest {
    private static final int COUNT = 3;
    private static final Duration LONG = Duration.ofDays(1);

    private static Shards shards;

    /** A cache, as in the guide; without a start or a stop. */
    private static final class Cache {
        private final int home = Shard.current().id();
        private final Map<String, String> entries = new TreeMap<>();

        String put(String key, String value) {
            assertThat(Shard.current().id()).isEqualTo(home);
            return entries.put(key, value);
        }
    }

    private interface Body {
        void run() throws Exception;
    }

    /** Calls from inside and from outside. */
    private static void run(boolean onShard, Body body) throws Exception {
        if (onShard) {
            shards.submitTo(
                    1,
                    () -> {
                        body.run();
                        return null;
                    });
        } else {
            body.run();
        }
    }

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(COUNT).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachShardHasAnInstanceOfItsOwnThatOthersCall(boolean onShard) throws Exception {
        run(
                onShard,
                () -> {
                    try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
                        assertThat(cache).hasToString("service 'cache'");
                        assertThat(cache.name()).isEqualTo("cache");
                        assertThat(cache.shards()).isSameAs(shards);
                        assertThat(cache.shardIds()).containsExactly(0, 1, 2);

                        for (int id = 0; id < COUNT; id++) {
                            String value = "value " + id;
                            String before = cache.invokeOn(id, c -> c.put("key", value));
                            assertThat(before).isNull();
                            cache.runOn(id, c -> c.put("other", value));
                        }
                        List<String> values =
                                cache.map(c -> c.entries.get("key") + " of " + c.home);
                        assertThat(values)
                                .containsExactly("value 0 of 0", "value 1 of 1", "value 2 of 2");
                        String all = cache.mapReduce(c -> c.home, "", (text, home) -> text + home);
                        assertThat(all).isEqualTo("012");

                        cache.invokeOnAll(c -> c.entries.clear());
                        cache.invokeOnOthers(c -> c.put("from", "another shard"));
                        List<Integer> sizes = cache.map(c -> c.entries.size());
                        assertThat(sizes).isEqualTo(onShard ? List.of(1, 0, 1) : List.of(1, 1, 1));
                    }
                });
    }

    @Test
    void localIsTheInstanceOfTheCallersShard() throws Exception {
        try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
            List<Integer> homes = shards.map(() -> cache.local().home);
            assertThat(homes).containsExactly(0, 1, 2);
            assertThatThrownBy(cache::local)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("not on a shard");
            try (Shards others = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true))) {
                assertThatThrownBy(() -> others.submitTo(0, cache::local))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("service 'cache' belongs to another runtime");
                int home = others.submitTo(0, () -> cache.invokeOn(2, c -> c.home));
                assertThat(home).isEqualTo(2);
            }
        }
    }

    @Test
    void serviceOnOneShardIsCalledByAll() throws Exception {
        try (Sharded<Cache> cache = Sharded.startOn(shards, 2, "single", Cache::new)) {
            assertThat(cache.shardIds()).containsExactly(2);
            shards.onEach(() -> cache.runOn(2, c -> c.put("" + c.entries.size(), "")));
            List<Integer> sizes = cache.map(c -> c.entries.size());
            assertThat(sizes).containsExactly(3);

            for (ThrowingCallable wrong :
                    List.<ThrowingCallable>of(
                            () -> shards.submitTo(0, cache::local),
                            () -> cache.invokeOn(0, c -> c.home))) {
                assertThatThrownBy(wrong)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("service 'single' has no instance on shard 0, only on [2]");
            }
        }
    }

    @Test
    void unknownShardIsRefused() throws Exception {
        try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
            for (int id : new int[] {-1, COUNT}) {
                assertThatThrownBy(() -> cache.invokeOn(id, c -> c.home))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage("shard=" + id + ", and there are shards 0 to 2");
                assertThatThrownBy(() -> Sharded.startOn(shards, id, "none", Cache::new))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void actionsRunOnAllShardsAtOnce(boolean onShard) throws Exception {
        CyclicBarrier together = new CyclicBarrier(COUNT);
        run(
                onShard,
                () -> {
                    try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
                        cache.invokeOnAll(c -> together.await());
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void actionGoesOnElsewhereWhenItFailsOnOneShard(boolean onShard) throws Exception {
        Set<Integer> ran = new ConcurrentSkipListSet<>();
        run(
                onShard,
                () -> {
                    try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
                        assertThatThrownBy(() ->
                                        cache.invokeOnAll(c -> {
                                            if (c.home != 0) {
                                                throw new IOException("on " + c.home);
                                            }
                                            Fiber.sleep(Duration.ofMillis(20));
                                            ran.add(c.home);
                                        }))
                                .isInstanceOf(IOException.class)
                                .hasMessage("on 1")
                                .satisfies(e ->
                                        assertThat(e.getSuppressed())
                                                .singleElement()
                                                .extracting(Throwable::getMessage)
                                                .isEqualTo("on 2"));
                        assertThat(ran).containsExactly(0);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void cancelledCallerCancelsItsActionEverywhere(int callersShard) throws Exception {
        Queue<String> events = new ConcurrentLinkedQueue<>();
        CountDownLatch asleep = new CountDownLatch(COUNT);
        CountDownLatch cancelled = new CountDownLatch(COUNT);
        try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
            shards.submitTo(
                    callersShard,
                    () -> {
                        Fiber<Void> caller =
                                Fiber.start(
                                        "caller",
                                        () ->
                                                cache.invokeOnAll(c -> {
                                                    asleep.countDown();
                                                    try {
                                                        Fiber.sleep(LONG);
                                                    } finally {
                                                        cancelled.countDown();
                                                    }
                                                }));
                        asleep.await();
                        caller.cancel();
                        assertThatThrownBy(caller::join)
                                .isInstanceOf(FiberCancelledException.class);
                        return null;
                    });
            cancelled.await();
        }
        assertThat(events).isEmpty();
    }

    @Test
    void compilerKnowsWhatACallThrows() throws Exception {
        try (Sharded<Cache> cache = Sharded.start(shards, "cache", Cache::new)) {
            unchecked(cache);
            assertThatThrownBy(() ->
                            cache.invokeOn(
                                    1,
                                    c -> {
                                        throw new IOException("checked");
                                    }))
                    .isInstanceOf(IOException.class);
        }
    }

    private static void unchecked(Sharded<Cache> cache) { // throws nothing checked
        int home = cache.invokeOn(2, c -> c.home);
        cache.invokeOnAll(c -> c.put("a", "b"));
        List<Integer> homes = cache.map(c -> c.home);
        assertThat(homes).hasSize(COUNT).contains(home);
    }

    @Test
    void shardsThemselvesAreAskedInTheSameWay() throws Exception {
        for (boolean onShard : new boolean[] {true, false}) {
            run(
                    onShard,
                    () -> {
                        List<Integer> ids = shards.map(() -> Shard.current().id());
                        assertThat(ids).containsExactly(0, 1, 2);
                        int sum = shards.mapReduce(() -> Shard.current().id(), 10, Integer::sum);
                        assertThat(sum).isEqualTo(13);
                        List<Object> nothing = shards.map(() -> null);
                        assertThat(nothing).containsExactly(null, null, null);
                        assertThatThrownBy(() -> shards.map(ShardedTest::failOnTwo))
                                .isInstanceOf(IOException.class)
                                .hasMessage("on 1");
                    });
        }
    }

    private static int failOnTwo() throws IOException {
        int id = Shard.current().id();
        if (id > 0) {
            throw new IOException("on " + id);
        }
        return id;
    }
}
