package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.diagnostics.FiberSnapshot.State;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.sync.Latch;
import io.byssus.runtime.sync.Lock;
import io.byssus.runtime.sync.Mutex;
import io.byssus.runtime.sync.ReadWriteLock;
import io.byssus.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deadlocks by the runtime's own means: what a dump says of locks, joins, scopes and calls. */
@Timeout(60)
class RuntimeDeadlockTest {
    private static final Duration LONG = Duration.ofDays(1);

    @Test
    void mutexAndJoinMakeARing() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            Mutex mutex = new Mutex("m");
            Fiber<Void> behind =
                    stepped.start(
                            "behind",
                            () -> {
                                Fiber.yield();
                                mutex.lock();
                            });
            stepped.start(
                    "holder",
                    () -> {
                        mutex.lock();
                        behind.join();
                    });
            stepped.settle();
            assertThat(deadlocks())
                    .containsExactly(
                            "DEADLOCK: fiber 'behind' on shard 0 waits for mutex 'm' (held by fiber"
                                    + " 'holder', 1 wait) held by fiber 'holder' on shard 0, which"
                                    + " waits for fiber 'behind' on shard 0");
        });
    }

    @Test
    void readersWritersAndAScopeMakeARing() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            ReadWriteLock lock = new ReadWriteLock("l");
            Mutex mutex = new Mutex("m");
            Latch ready = new Latch("ready", 2);
            stepped.start("reader", both(ready, lock.read(), mutex));
            stepped.start(
                    "owner",
                    () -> {
                        mutex.lock();
                        ready.countDown();
                        ready.await();
                        try (Scope scope = Scope.open("s")) {
                            scope.start("writer", () -> lock.write().lock());
                            scope.join();
                        }
                    });
            stepped.settle();
            assertThat(deadlocks())
                    .singleElement()
                    .asString()
                    .contains("fiber 'reader' on shard 0 waits for mutex 'm'")
                    .contains("waits for scope 's' (1 of 1 fibers live) held by fiber 'writer'")
                    .contains("waits for write lock 'l' (1 read, 1 wait) held by fiber 'reader'");
        });
    }

    private static FiberTask both(Latch ready, Lock first, Lock second) {
        return () -> {
            first.lock();
            ready.countDown();
            ready.await();
            second.lock();
        };
    }

    @Test
    void callThatNeedsWhatItsCallerHoldsIsARingOverTwoShards() {
        try (Shards shards = start()) {
            shards.spawn(
                    0,
                    "caller",
                    () -> {
                        Mutex mutex = new Mutex("m");
                        mutex.lock();
                        return shards.submitTo(
                                1,
                                () ->
                                        shards.submitTo(
                                                0,
                                                () -> {
                                                    mutex.lock();
                                                    return null;
                                                }));
                    });
            String dump = dumpWithADeadlock();
            assertThat(dump)
                    .contains("fiber 'caller' on shard 0 waits for a call to shard 1 held by")
                    .contains("fiber 'submitTo' on shard 1, which waits for a call to shard 0 held")
                    .contains(
                            "fiber 'submitTo' on shard 0, which waits for mutex 'm' (held by fiber"
                                    + " 'caller', 1 wait) held by fiber 'caller' on shard 0")
                    .contains("3 fibers on 2 shards");
        }
    }

    @Test
    void callersOfTwoShardsThatHoldWhatTheOtherWantsAreARing() throws Exception {
        try (Shards shards = start()) {
            List<Mutex> mutexes = shards.map(() -> new Mutex("m"));
            shards.onEach(() -> {
                int here = Shard.current().id();
                Fiber.start(
                        "caller-" + here,
                        () -> {
                            mutexes.get(here).lock();
                            Fiber.sleep(Duration.ofMillis(50)); // so that both hold theirs
                            shards.submitTo(
                                    1 - here,
                                    () -> {
                                        mutexes.get(1 - here).lock();
                                        return null;
                                    });
                        });
            });
            assertThat(dumpWithADeadlock())
                    .contains("waits for a call to shard 1 held by fiber 'submitTo' on shard 1")
                    .contains("waits for a call to shard 0 held by fiber 'submitTo' on shard 0")
                    .contains("waits for mutex 'm' (held by fiber 'caller-1', 1 wait)")
                    .contains("waits for mutex 'm' (held by fiber 'caller-0', 1 wait)");
        }
    }

    @Test
    void fibersThatWaitForCallsAreNotListed() {
        try (Shards shards = start()) {
            shards.submitTo(
                    0,
                    () -> {
                        Parallel.forEach(
                                IntStream.range(0, 64).boxed().toList(),
                                64,
                                item ->
                                        shards.submitTo(
                                                1,
                                                () -> {
                                                    Fiber.sleep(Duration.ofMillis(1));
                                                    return null;
                                                }));
                        return null;
                    });
            Eventually.until(() -> {
                String dump = Fibers.dump();
                return dump.contains("0 fibers on 2 shards") ? "" : dump;
            });
        }
    }

    @Test
    void callIsListedInTheGroupOfItsCaller() {
        try (Shards shards = start();
                SchedulingGroup group = new SchedulingGroup("background", 100)) {
            shards.submitTo(
                    0,
                    () ->
                            Fiber.start(
                                    group,
                                    "caller",
                                    () ->
                                            shards.submitTo(
                                                    1,
                                                    () -> {
                                                        Fiber.sleep(LONG);
                                                        return null;
                                                    })));
            Eventually.until(() -> {
                FiberDump dump = Fibers.snapshot();
                List<String> seen =
                        dump.shards().stream()
                                .flatMap(shard -> shard.fibers().stream())
                                .filter(fiber -> fiber.state() == State.PARKED)
                                .map(fiber -> fiber.name() + " in " + fiber.group())
                                .toList();
                return seen.equals(List.of("caller in background", "submitTo in background"))
                        ? ""
                        : dump.toString();
            });
            assertThat(Fibers.dump())
                    .contains(", parked, group 'background', waits for a call to shard 1");
        }
    }

    private static Shards start() {
        return Shards.start(
                new RuntimeOptions().smp(2).overprovisioned(true).shutdownGrace(Duration.ZERO));
    }

    private static String dumpWithADeadlock() {
        Eventually.until("there is a deadlock", () -> !Fibers.snapshot().deadlocks().isEmpty());
        return Fibers.dump();
    }

    private static List<String> deadlocks() {
        return Fibers.snapshot().deadlocks().stream().map(Deadlock::toString).toList();
    }
}
