package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.diagnostics.FiberSnapshot.State;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps of running runtimes. */
class FibersTest {
    private static final Duration LONG = Duration.ofDays(1);

    @TempDir private Path folder;

    @Test
    void everyFiberOfEveryShardOfEveryRuntimeIsListed() throws Exception {
        try (Shards first = start(2);
                Shards second = start(1)) {
            sleepOn(first, 0, "sleeper-a");
            sleepOn(first, 1, "sleeper-b");
            sleepOn(second, 0, "sleeper-c");
            Eventually.until(() -> {
                String dump = Fibers.dump();
                return dump.contains("sleeper-a")
                                && dump.contains("sleeper-b")
                                && dump.contains("sleeper-c")
                        ? ""
                        : dump;
            });
            FiberDump dump = Fibers.snapshot();
            assertThat(dump.shards()).extracting(ShardSnapshot::shard).containsExactly(0, 1, 0);
            assertThat(dump.shards()).allMatch(ShardSnapshot::answered);
            int number = dump.shards().getFirst().runtime();
            assertThat(dump.toString())
                    .startsWith("3 fibers on 3 shards\n\nruntime " + number + ", shard 0: 1 fiber");
            first.stop();
            assertThat(Fibers.dump()).contains("sleeper-c").doesNotContain("sleeper-a");
        }
        assertThat(Fibers.snapshot().shards()).isEmpty();
    }

    @Test
    void shardThatAFiberHoldsIsReadFromOutside() throws Exception {
        AtomicBoolean released = new AtomicBoolean();
        try (Shards shards = start(2)) {
            sleepOn(shards, 0, "sleeper");
            sleepOn(shards, 1, "other");
            CompletableFuture<Object> held = new CompletableFuture<>();
            CompletableFuture<Object> end = shards.spawn(0, "holder", () -> hold(held, released));
            held.get();
            try {
                FiberDump dump = whenAllAnswer(List.of(1));
                ShardSnapshot shard = dump.shards().getFirst();
                assertThat(shard.answered()).isFalse();
                assertThat(shard.fibers())
                        .extracting(FiberSnapshot::name)
                        .containsExactly("sleeper", "holder");
                FiberSnapshot holder = shard.fibers().getLast();
                assertThat(holder.state()).isEqualTo(State.RUNNING);
                assertThat(holder.stack())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("hold");
                assertThat(dump.toString())
                        .contains("shard 0: 2 fibers (1 running, 1 parked). It does not answer");
            } finally {
                released.set(true);
            }
            end.get();
        }
    }

    @Test
    void fiberThatDumpsIsInTheDumpAndItsShardGoesOn() throws Exception {
        try (Shards shards = start(1)) {
            FiberDump dump = shards.spawn(0, "curious", () -> whenAllAnswer(List.of(0))).get();
            assertThat(dump.shards().getFirst().fibers())
                    .singleElement()
                    .returns("curious", FiberSnapshot::name)
                    .returns(State.PARKED, FiberSnapshot::state);
            Thread.ofVirtual().start(() -> assertThat(Fibers.dump()).isNotEmpty()).join();
        }
    }

    @Test
    void fiberThatIsCancelledWaitsForNoDump() throws Exception {
        try (Shards shards = start(1)) {
            String message =
                    shards.spawn(
                                    0,
                                    "impatient",
                                    () -> {
                                        Fiber.current().cancel();
                                        try {
                                            return Fibers.dump();
                                        } catch (FiberCancelledException e) {
                                            return e.getMessage();
                                        }
                                    })
                            .get();
            assertThat(message).isEqualTo("fiber 'impatient' cancelled in Fibers.snapshot");
        }
    }

    @Test
    void dumpGoesToAFileOrAnywhereElse() throws Exception {
        try (Shards shards = start(1)) {
            sleepOn(shards, 0, "sleeper");
            Eventually.until("it sleeps", () -> Fibers.dump().contains("Fiber.sleep"));
            Path file = Files.writeString(folder.resolve("dump"), "an older dump".repeat(1000));
            Fibers.dump(file);
            StringBuilder text = new StringBuilder();
            Fibers.dump(text);
            assertThat(file).content().isEqualTo(text.toString()).contains("'sleeper'");
            assertThatThrownBy(() -> Fibers.dump(folder.resolve("no/such/folder")))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void mxBeanIsThereWhileARuntimeRuns() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = new ObjectName("io.byssus:type=Fibers");
        assertThat(server.isRegistered(name)).isFalse();
        Shards second;
        try (Shards first = start(1)) {
            second = start(1);
            sleepOn(first, 0, "sleeper");
            FibersMXBean bean = JMX.newMXBeanProxy(server, name, FibersMXBean.class);
            Eventually.until("it sleeps", () -> bean.dump().contains("Fiber.sleep"));
            assertThat(bean.dumpEverything()).contains("'sleeper'");
            assertThat(bean.findDeadlocks()).isEmpty();
            assertThat(server.invoke(name, "dump", null, null)).asString().contains("'sleeper'");
        }
        assertThat(server.isRegistered(name)).as("for the other runtime").isTrue();
        second.stop();
        assertThat(server.isRegistered(name)).isFalse();
    }

    @Test
    void deadlockOverTwoShardsIsFound() throws Exception {
        try (Shards shards = Shards.start(options(2).shutdownGrace(Duration.ZERO))) {
            CompletableFuture<Fiber<?>> first = new CompletableFuture<>();
            CompletableFuture<Fiber<?>> second = new CompletableFuture<>();
            shards.spawn(0, "first", () -> joinTheOther(first, second));
            shards.spawn(1, "second", () -> joinTheOther(second, first));
            Eventually.until(
                    "they wait for each other", () -> Fibers.snapshot().deadlocks().size() == 1);
            assertThat(Fibers.snapshot().deadlocks().getFirst().links())
                    .extracting(Deadlock.Link::fiber)
                    .containsExactlyInAnyOrder(
                            "fiber 'first' on shard 0", "fiber 'second' on shard 1");
        }
    }

    /**
     * A dump that these shards, by their index in it, have answered: on a busy machine one may be
     * late.
     */
    private static FiberDump whenAllAnswer(List<Integer> indexes) {
        AtomicReference<FiberDump> dump = new AtomicReference<>();
        Eventually.until(
                "they answer",
                () -> {
                    dump.set(Fibers.snapshot());
                    return indexes.stream()
                            .allMatch(index -> dump.get().shards().get(index).answered());
                });
        return dump.get();
    }

    private static Object joinTheOther(
            CompletableFuture<Fiber<?>> self, CompletableFuture<Fiber<?>> other) throws Exception {
        self.complete(Fiber.current());
        return other.get().join();
    }

    private static Object hold(CompletableFuture<Object> held, AtomicBoolean released) {
        held.complete("held");
        while (!released.get()) {
            Thread.onSpinWait();
        }
        return null;
    }

    private static void sleepOn(Shards shards, int shard, String name) throws Exception {
        shards.spawn(
                shard,
                name,
                () -> {
                    Fiber.sleep(LONG);
                    return null;
                });
        shards.spawn(shard, "marker", () -> null).get(10, TimeUnit.SECONDS); // it sleeps by now
    }

    private static Shards start(int shards) {
        return Shards.start(options(shards).shutdownGrace(Duration.ZERO));
    }

    private static RuntimeOptions options(int shards) {
        return new RuntimeOptions().smp(shards).overprovisioned(true);
    }
}
