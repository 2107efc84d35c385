package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** A fiber stays in the group that it was started in, whatever wakes it. */
class FiberGroupTest {
    private final SchedulingGroup main = SchedulingGroup.main();
    private final SchedulingGroup group = new SchedulingGroup("batch", 100);
    private final SchedulingGroup other = new SchedulingGroup("other", 100);
    private final List<SchedulingGroup> seen = new ArrayList<>();

    private void look() {
        seen.add(Reactor.current().runningGroup());
        assertThat(SchedulingGroup.current()).isSameAs(seen.getLast());
    }

    @Test
    void fiberRunsInTheGroupItWasStartedIn() throws Throwable {
        SteppedReactor.run(stepped -> {
            assertThat(stepped.reactor().runningGroup()).isNull();
            stepped.onFiber(() -> {
                look();
                Fiber<Void> fiber = Fiber.start(group, "worker", this::look);
                assertThat(fiber.group()).isSameAs(group);
                assertThat(Fiber.current().group()).isSameAs(main);
                fiber.join();
                look();
            });
            assertThat(seen).containsExactly(main, group, main);
            assertThat(stepped.reactor().runningGroup()).isNull();
        });
    }

    @Test
    void childrenInheritTheGroupAsFibersAndAsPlainVirtualThreads() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.onFiber(() ->
                    Fiber.start(
                                    group,
                                    "parent",
                                    () -> {
                                        Fiber<Void> child = Fiber.start("child", this::look);
                                        assertThat(child.group()).isSameAs(group);
                                        child.join();
                                        Thread thread =
                                                Thread.startVirtualThread(() -> {
                                                    look();
                                                    Fiber.start("grandchild", this::look).join();
                                                });
                                        thread.join();
                                        Fiber.start(other, "elsewhere", this::look).join();
                                        Fiber.start(main, "main", this::look).join();
                                        look();
                                    })
                            .join());
            assertThat(seen).containsExactly(group, group, group, other, main, group);
        });
    }

    @Test
    void whateverWakesAFiberItGoesOnInItsGroup() throws Throwable {
        SteppedReactor.run(stepped -> {
            WaitPoint point = new WaitPoint();
            ReentrantLock lock = new ReentrantLock();
            CompletableFuture<Thread> parked = new CompletableFuture<>();
            Fiber<Void> holder =
                    stepped.start(
                            "holder",
                            () -> {
                                lock.lock();
                                Fiber.sleep(Duration.ofMillis(5));
                                lock.unlock();
                                Fiber.sleep(Duration.ofMillis(1));
                                point.signal();
                            });
            stepped.turn();
            Fiber<Void> fiber =
                    Fiber.startOn(
                            stepped.reactor(),
                            group,
                            "worker",
                            () -> {
                                Fiber.yield();
                                look();
                                Fiber.sleep(Duration.ofMillis(1));
                                look();
                                LockSupport.parkNanos(1); // a timer of the JDK's
                                look();
                                lock.lock(); // released by a fiber of the main group
                                lock.unlock();
                                look();
                                point.await("a signal of the main group");
                                look();
                                parked.complete(Thread.currentThread());
                                LockSupport.park(); // ended by another thread
                                look();
                                return null;
                            });
            for (int i = 0; i < 10; i++) {
                stepped.advance(Duration.ofMillis(1));
            }
            assertThat(holder.isDone()).isTrue();
            Thread waker = Thread.ofPlatform().start(() -> LockSupport.unpark(parked.getNow(null)));
            waker.join();
            stepped.settle();
            assertThat(fiber.isDone()).isTrue();
            fiber.join();
            assertThat(seen).hasSize(6).containsOnly(group);
            assertThat(stepped.reactor().counters().remoteTasks).isEqualTo(1);
        });
    }

    @Test
    void scopeMayHaveFibersOfSeveralGroups() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    try (Scope scope = Scope.open("mixed")) {
                        for (SchedulingGroup each : List.of(group, other)) {
                            Fiber<SchedulingGroup> fiber =
                                    scope.start(each, "member", SchedulingGroup::current);
                            assertThat(fiber.join()).isSameAs(each);
                        }
                        scope.start(
                                other,
                                "sleeper",
                                () -> {
                                    Fiber.sleep(Duration.ofDays(1));
                                    return null;
                                });
                        group.close();
                        assertThatThrownBy(() -> scope.start(group, "late", () -> null))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("scheduling group 'batch' is closed");
                    }
                    assertThat(Fiber.liveOn(Reactor.current())).containsExactly(Fiber.current());
                }));
    }

    @Test
    void closedGroupTakesNothingNew() throws Throwable {
        SchedulingGroup closed = new SchedulingGroup("over", 100);
        closed.close();
        SteppedReactor.run(stepped -> {
            List<FiberTask> uses =
                    List.of(
                            () -> Fiber.start(closed, "late", () -> {}),
                            () -> Fiber.start(closed, "late", () -> "result"),
                            () -> Fiber.call(closed, () -> "result"));
            for (FiberTask use : uses) {
                stepped.onFiber(() ->
                        assertThatThrownBy(use::run)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("scheduling group 'over' is closed"));
            }
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
        });
    }

    @Test
    void yieldLetsTheOthersOfTheGroupRunFirst() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<String> order = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                stepped.start(
                        name,
                        () -> {
                            order.add(name);
                            Fiber.yield();
                            order.add(name);
                        });
            }
            stepped.settle();
            assertThat(order).containsExactly("a", "b", "c", "a", "b", "c");
        });
    }

    @Test
    void shardsFibersAreListedAndCancelledWhateverTheirGroup() throws Throwable {
        SteppedReactor.run(stepped -> {
            Reactor reactor = stepped.reactor();
            List<Fiber<Void>> fibers = new ArrayList<>();
            for (SchedulingGroup each : List.of(main, group, other)) {
                fibers.add(
                        Fiber.startOn(
                                reactor,
                                each,
                                "sleeper",
                                () -> {
                                    Fiber.sleep(Duration.ofDays(1));
                                    return null;
                                }));
            }
            stepped.settle();
            assertThat(Fiber.liveOn(reactor)).containsExactlyInAnyOrderElementsOf(fibers);
            Fiber.cancelAllOn(reactor);
            stepped.settle();
            assertThat(Fiber.liveOn(reactor)).isEmpty();
        });
    }
}
