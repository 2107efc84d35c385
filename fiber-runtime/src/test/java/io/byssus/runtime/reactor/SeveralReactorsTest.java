package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A simulation: one carrier drives several shards, one after the other. */
class SeveralReactorsTest {
    @Test
    void currentShardFollowsTheTurns() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor a = new SteppedReactor(0, clock);
            SteppedReactor b = new SteppedReactor(1, clock);
            List<Reactor> seen = new ArrayList<>();
            for (SteppedReactor each : List.of(a, b)) {
                each.start(
                        "fiber",
                        () -> {
                            for (int i = 0; i < 2; i++) {
                                seen.add(Reactor.current());
                                Fiber.sleep(Duration.ofMillis(1));
                            }
                        });
            }
            a.turn();
            b.turn();
            clock.advance(Duration.ofSeconds(1));
            b.settle();
            a.settle();

            assertThat(seen).containsExactly(a.reactor(), b.reactor(), b.reactor(), a.reactor());
        });
    }

    @Test
    void taskForTheOtherShardWaitsForItsTurn() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor a = new SteppedReactor(0, clock);
            SteppedReactor b = new SteppedReactor(1, clock);
            List<Integer> shards = new ArrayList<>();
            a.start(
                    "sender",
                    () -> {
                        b.reactor().execute(() -> shards.add(Reactor.current().shard()));
                        a.reactor().execute(() -> shards.add(Reactor.current().shard()));
                    });
            a.settle();
            assertThat(shards).containsExactly(0);
            b.settle();
            assertThat(shards).containsExactly(0, 1);
        });
    }

    @Test
    void sameWorkInTheSameTurnsGivesTheSameOrder() throws Throwable {
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        simulate(first);
        simulate(second);
        assertThat(first).hasSize(60).isEqualTo(second);
    }

    private static void simulate(List<String> trace) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            List<SteppedReactor> shards =
                    List.of(new SteppedReactor(0, clock), new SteppedReactor(1, clock));
            for (SteppedReactor shard : shards) {
                for (int i = 0; i < 10; i++) {
                    int id = i;
                    shard.start(
                            "fiber-" + i,
                            () -> {
                                for (int step = 0; step < 3; step++) {
                                    Fiber.sleep(Duration.ofMillis((id * 7 + step) % 5));
                                    trace.add(
                                            clock.nanoTime()
                                                    + " "
                                                    + Reactor.current().shard()
                                                    + " "
                                                    + id);
                                }
                            });
                }
            }
            for (int milli = 0; milli < 100; milli++) {
                shards.forEach(SteppedReactor::settle);
                clock.advance(Duration.ofMillis(1));
            }
        });
    }

    @Test
    void fiberThatYieldsForTimeToPassDoesNotHoldATurnForEver() throws Throwable {
        int yields = 1_000_000;
        SteppedReactor.run(stepped -> {
            AtomicInteger count = new AtomicInteger();
            stepped.start(
                    "impatient",
                    () -> {
                        while (count.incrementAndGet() < yields) {
                            Thread.yield();
                        }
                    });
            stepped.turn(); // no time passes within it: the quota alone does not end it
            assertThat(count.get()).as("yields in a turn").isLessThan(yields);
        });
    }

    @Test
    void shardLocalHasAValueForEachShardMadeAtTheFirstLook() throws Throwable {
        AtomicInteger made = new AtomicInteger();
        ShardLocal<String> local =
                new ShardLocal<>(reactor -> made.incrementAndGet() + " of " + reactor.shard());
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor a = new SteppedReactor(0, clock);
            SteppedReactor b = new SteppedReactor(1, clock);
            assertThat(made).hasValue(0);
            b.onFiber(() -> assertThat(local.get()).isEqualTo("1 of 1"));
            a.onFiber(() -> assertThat(local.get()).isEqualTo("2 of 0"));
            a.onFiber(() -> local.set(Reactor.current(), "set"));
            a.onFiber(() -> assertThat(local.get()).isEqualTo("set"));
            b.onFiber(() -> assertThat(local.get()).isEqualTo("1 of 1"));
            b.onFiber(() ->
                    assertThatThrownBy(() -> local.set(a.reactor(), "not mine"))
                            .isInstanceOf(AssertionError.class));
        });
        assertThatThrownBy(local::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("not on a shard");
    }

    @Test
    void shardHasRoomForAnyNumberOfVariables() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<ShardLocal<Integer>> locals = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int value = i;
                locals.add(new ShardLocal<>(reactor -> value));
            }
            stepped.onFiber(() -> {
                for (int i = 99; i >= 0; i--) {
                    assertThat(locals.get(i).get()).isEqualTo(i);
                }
            });
        });
    }
}
