package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorCounters;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Start, join, results. Cancellation is in {@link FiberCancelTest}. */
class FiberTest {
    private final List<String> events = new ArrayList<>();

    @Test
    void startedFiberRunsOnceItsStarterParks() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Fiber<String> child =
                            Fiber.start(
                                    "child",
                                    () -> {
                                        events.add("child");
                                        return "result";
                                    });
                    events.add("starter");
                    assertThat(child.isDone()).isFalse();
                    assertThat(child.join()).isEqualTo("result");
                    assertThat(child.isDone()).isTrue();
                    assertThat(child.join()).as("again").isEqualTo("result");
                    assertThat(events).containsExactly("starter", "child");
                }));
    }

    @Test
    void fiberIsAVirtualThreadWithItsNameAndShard() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            SteppedReactor stepped = new SteppedReactor(3, new ManualClock());
            AtomicReference<Thread> self = new AtomicReference<>();
            Fiber<Void> fiber = stepped.start("worker", () -> self.set(Thread.currentThread()));
            assertThat(fiber.name()).isEqualTo("worker");
            assertThat(fiber.shard()).isEqualTo(3);
            assertThat(fiber).hasToString("fiber 'worker' on shard 3");
            stepped.settle();
            assertThat(self.get()).isSameAs(fiber.thread());
            assertThat(self.get().isVirtual()).isTrue();
            assertThat(fiber.join()).as("no result").isNull();
        });
    }

    @Test
    void fiberKnowsItself() throws Throwable {
        assertThat(Fiber.currentOrNull()).isNull();
        assertThatThrownBy(Fiber::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not a fiber");
        SteppedReactor.run(stepped -> {
            AtomicReference<Fiber<?>> self = new AtomicReference<>();
            AtomicReference<Fiber<?>> child = new AtomicReference<>();
            Fiber<Void> fiber =
                    stepped.start(
                            "worker",
                            () -> {
                                self.set(Fiber.current());
                                Thread plain =
                                        Thread.startVirtualThread(
                                                () -> child.set(Fiber.currentOrNull()));
                                plain.join();
                            });
            assertThat(Fiber.of(fiber.thread())).isSameAs(fiber);
            stepped.settle();
            assertThat(self.get()).isSameAs(fiber);
            assertThat(child.get()).as("a plain virtual thread").isNull();
            assertThat(Fiber.of(fiber.thread())).as("of one that has ended").isNull();
        });
    }

    @Test
    void joinOfAFailedFiberThrowsWithTheFailureAsCause() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    for (Throwable failure :
                            List.of(new IOException("gone"), new AssertionError("bug"))) {
                        Fiber<Void> child = Fiber.start("child", () -> FiberTest.fail(failure));
                        assertThatThrownBy(child::join)
                                .isInstanceOf(FiberFailedException.class)
                                .hasMessage("fiber 'child' on shard 0 failed: " + failure)
                                .cause()
                                .isSameAs(failure);
                    }
                }));
    }

    @Test
    void everyJoinerGetsTheResult() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Integer> target =
                    stepped.start(
                            "target",
                            () -> {
                                Fiber.sleep(Duration.ofSeconds(1));
                                return 42;
                            });
            List<Fiber<Integer>> joiners = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                joiners.add(stepped.start("joiner", target::join));
            }
            stepped.settle();
            assertThat(joiners).noneMatch(Fiber::isDone);
            stepped.advance(Duration.ofSeconds(2));
            assertThat(joiners).allMatch(Fiber::isDone);
            for (Fiber<Integer> joiner : joiners) {
                assertThat(joiner.join()).isEqualTo(42);
            }
        });
    }

    @Test
    void fiberOfAnotherShardCanBeJoined() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor here = new SteppedReactor(0, clock);
            SteppedReactor there = new SteppedReactor(1, clock);
            Fiber<String> target = there.start("target", () -> "from " + shard());
            Fiber<String> failing =
                    there.start("failing", () -> FiberTest.fail(new IOException("there")));
            Fiber<Void> joiner =
                    here.start(
                            "joiner",
                            () -> {
                                assertThat(target.join()).isEqualTo("from 1");
                                assertThat(shard()).as("and is back on its own").isEqualTo(0);
                                assertThatThrownBy(failing::join).hasRootCauseMessage("there");
                            });
            here.settle();
            assertThat(joiner.isDone()).isFalse();
            there.settle();
            here.settle();
            assertThat(joiner.isDone()).isTrue();
            joiner.join();
        });
    }

    @Test
    void platformThreadCanJoin() throws Throwable {
        AtomicReference<Fiber<String>> started = new AtomicReference<>();
        CountDownLatch joined = new CountDownLatch(1);
        CountDownLatch ready = new CountDownLatch(1);
        AtomicReference<String> result = new AtomicReference<>();
        Thread joiner =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                ready.await();
                                result.set(started.get().join());
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            joined.countDown();
                        });
        SteppedReactor.run(stepped -> {
            started.set(stepped.start("target", () -> "result"));
            ready.countDown();
            stepped.settle();
        });
        joiner.join();
        assertThat(result).hasValue("result");
    }

    @Test
    void fiberCannotJoinItself() throws Throwable {
        SteppedReactor.run(stepped -> {
            AtomicReference<Fiber<Void>> self = new AtomicReference<>();
            Fiber<Void> fiber = stepped.start("loner", () -> self.get().join());
            self.set(fiber);
            stepped.settle();
            assertThatThrownBy(fiber::join)
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasRootCauseMessage("fiber 'loner' on shard 0 joins itself");
        });
    }

    @Test
    void liveFibersAreKnownAndTheLastOneAnnouncesItsEnd() throws Throwable {
        SteppedReactor.run(stepped -> {
            Reactor reactor = stepped.reactor();
            Fiber.whenNoneIsLive(reactor, () -> events.add("none yet"));
            Fiber<Void> first = stepped.start("1", () -> Fiber.sleep(Duration.ofSeconds(1)));
            Fiber<Void> second = stepped.start("2", () -> Fiber.sleep(Duration.ofSeconds(3)));
            Fiber<Void> third = stepped.start("3", () -> Fiber.sleep(Duration.ofSeconds(2)));
            Fiber.whenNoneIsLive(reactor, () -> events.add("none left"));
            assertThat(Fiber.liveOn(reactor)).containsExactlyInAnyOrder(first, second, third);

            stepped.settle();
            stepped.advance(Duration.ofMillis(1_500));
            assertThat(Fiber.liveOn(reactor)).containsExactlyInAnyOrder(second, third);
            stepped.advance(Duration.ofSeconds(1));
            assertThat(Fiber.liveOn(reactor)).containsExactly(second);
            assertThat(events).containsExactly("none yet");
            stepped.advance(Duration.ofSeconds(1));
            assertThat(Fiber.liveOn(reactor)).isEmpty();
            assertThat(events).containsExactly("none yet", "none left");
        });
    }

    @Test
    void startedLiveAndFailedFibersAreCounted() throws Throwable {
        SteppedReactor.run(stepped -> {
            ReactorCounters counters = stepped.reactor().counters();
            stepped.start("ok", () -> {});
            stepped.start("bad", () -> FiberTest.fail(new IOException()));
            Fiber<Void> parked = stepped.start("parked", () -> Fiber.sleep(Duration.ofDays(1)));
            assertThat(counters.fibersLive).isEqualTo(3);
            stepped.settle();
            assertThat(counters.fibersStarted).isEqualTo(3);
            assertThat(counters.fibersLive).isEqualTo(1);
            assertThat(counters.fibersFailed).isEqualTo(1);
            parked.cancel();
            stepped.settle();
            assertThat(counters.fibersLive).isZero();
            assertThat(counters.fibersFailed).as("cancelled is not failed").isEqualTo(1);
        });
    }

    @Test
    void operationsOfAFiberSayClearlyThatTheCallerIsNone() {
        List<ThrowingCallable> operations =
                List.of(
                        () -> Fiber.start("x", () -> {}),
                        () -> Fiber.sleep(Duration.ofMillis(1)),
                        Fiber::yieldIfNeeded,
                        () -> Deadline.after(Duration.ofMillis(1)));
        for (ThrowingCallable operation : operations) {
            assertThatThrownBy(operation)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "not on a shard: thread '%s' is not a fiber of a running Byssus",
                            Thread.currentThread().getName());
        }
    }

    private static int shard() {
        return Reactor.current().shard();
    }

    /** As a value, so that it can be a body with any result. */
    static <T> T fail(Throwable failure) throws Exception {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (Exception) failure;
    }
}
