package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.Clock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a shard knows of a group, from its first fiber there to its last. */
class GroupLifeTest {
    private static final int MANY = 10_000;

    private final SchedulingGroup main = SchedulingGroup.main();
    private final SchedulingGroup group = new SchedulingGroup("batch", 100);
    private int readings;

    private static Stream<SchedulingGroup> known(SteppedReactor stepped) {
        return stepped.reactor().groups().stream().map(GroupQueue::group);
    }

    private static Fiber<Void> sleeper(SteppedReactor stepped, SchedulingGroup group) {
        return Fiber.startOn(
                stepped.reactor(),
                group,
                "sleeper",
                () -> {
                    Fiber.sleep(Duration.ofSeconds(1));
                    return null;
                });
    }

    private static Fiber<Void> quick(SteppedReactor stepped, SchedulingGroup group) {
        return Fiber.startOn(stepped.reactor(), group, "quick", () -> null);
    }

    private static void second(SteppedReactor stepped) {
        stepped.advance(Duration.ofMillis(1_100));
    }

    @Test
    void shardKnowsAGroupFromItsFirstFiberUntilItIsClosedAndTheLastHasEnded() throws Throwable {
        SteppedReactor.run(stepped -> {
            assertThat(known(stepped)).containsExactly(main);
            quick(stepped, group);
            assertThat(known(stepped)).containsExactly(main, group);
            stepped.settle();
            assertThat(known(stepped)).as("open").containsExactly(main, group);
            sleeper(stepped, group);
            stepped.settle();
            group.close();
            stepped.settle();
            assertThat(known(stepped)).as("closed, with a fiber").containsExactly(main, group);
            second(stepped);
            assertThat(known(stepped)).containsExactly(main);
        });
    }

    @Test
    void closedGroupWithoutFibersIsForgottenWithTheNextTurn() throws Throwable {
        SteppedReactor.run(stepped -> {
            quick(stepped, group);
            stepped.settle();
            group.close();
            stepped.turn();
            assertThat(known(stepped)).containsExactly(main);
        });
    }

    @Test
    void whatLivesInAClosedGroupMayStartMoreThere() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber.startOn(
                    stepped.reactor(),
                    group,
                    "parent",
                    () -> {
                        Fiber.sleep(Duration.ofSeconds(1));
                        assertThat(group.isClosed()).isTrue();
                        Fiber<Void> child =
                                Fiber.start("child", () -> Fiber.sleep(Duration.ofSeconds(1)));
                        assertThat(child.group()).isSameAs(group);
                        return null;
                    });
            stepped.settle();
            group.close();
            second(stepped);
            assertThat(known(stepped)).containsExactly(main, group);
            second(stepped);
            assertThat(known(stepped)).containsExactly(main);
        });
    }

    @Test
    void outerGroupIsKnownAsLongAsItsNestedOnes() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup middle = group.nested("middle", 10);
            SchedulingGroup inner = middle.nested("inner", 10);
            sleeper(stepped, inner);
            assertThat(known(stepped)).containsExactly(main, group, middle, inner);
            List.of(inner, middle, group).forEach(SchedulingGroup::close);
            stepped.settle();
            assertThat(known(stepped)).hasSize(4);
            second(stepped);
            assertThat(known(stepped)).containsExactly(main);
        });
    }

    @Test
    void threadThatIsNoFiberMayOutliveWhatTheShardKnows() throws Throwable {
        SteppedReactor.run(stepped -> {
            Thread[] plain = new Thread[1];
            Fiber.startOn(
                    stepped.reactor(),
                    group,
                    "starter",
                    () -> {
                        plain[0] = Thread.startVirtualThread(() -> nap(1_000));
                        return null;
                    });
            stepped.settle();
            group.close();
            stepped.settle();
            assertThat(known(stepped)).containsExactly(main);
            second(stepped);
            assertThat(plain[0].isAlive()).isFalse();
            assertThat(known(stepped)).containsExactly(main);
        });
    }

    private static void nap(int millis) {
        Fiber.sleep(Duration.ofMillis(millis));
    }

    @Test
    void tenThousandGroupsThatCameAndWentLeaveNothing() throws Throwable {
        SteppedReactor.run(stepped -> {
            WeakReference<SchedulingGroup> last = null;
            for (int i = 0; i < MANY; i++) {
                SchedulingGroup tenant =
                        i % 2 == 0
                                ? new SchedulingGroup("tenant", 1 + i % 1000)
                                : group.nested("tenant", 1 + i % 1000);
                quick(stepped, tenant);
                if (i % 3 > 0) { // some are closed while their fiber waits for its turn
                    stepped.settle();
                }
                tenant.close();
                last = new WeakReference<>(tenant);
            }
            stepped.settle();
            assertThat(known(stepped)).containsExactly(main, group);
            group.close();
            stepped.settle();
            assertThat(known(stepped)).containsExactly(main);
            assertThat(stepped.reactor().counters().fibersLive).isZero();
            assertThat(stepped.reactor().runQueueLength()).isZero();
            assertThat(stepped.reactor().armedTimers()).isZero();
            for (int i = 0; i < 50 && last.get() != null; i++) {
                System.gc();
            }
            assertThat(last.get()).as("collected").isNull();
        });
    }

    @Test
    void closeOfTheReactorLetsGroupsForgetIt() throws Throwable {
        AtomicInteger wakes = new AtomicInteger();
        SteppedReactor.onCarrier(() -> {
            ReactorBackend backend =
                    new ReactorBackend() {
                        @Override
                        public int poll() {
                            return 0;
                        }

                        @Override
                        public int await(long timeoutNanos) {
                            return 0;
                        }

                        @Override
                        public void wake() {
                            wakes.incrementAndGet();
                        }

                        @Override
                        public void close() {
                            // it has nothing
                        }
                    };
            Reactor reactor = new Reactor(0, Clock.system(), backend, ReactorOptions.defaults());
            reactor.turn(Reactor.Wait.FORBIDDEN);
            Fiber.startOn(reactor, group, "f", () -> null);
            while (reactor.turn(Reactor.Wait.FORBIDDEN)) {
                // until nothing is left
            }
            reactor.close();
        });
        group.close();
        assertThat(group.isClosed()).isTrue();
        assertThat(wakes).as("of a loop that has ended").hasValue(0);
    }

    @Test
    void timeThatAGroupWaitsForItsTurnIsAccountedFor() throws Throwable {
        SteppedReactor.run(stepped -> {
            GroupQueue first = stepped.reactor().queueOf(group);
            GroupQueue second = stepped.reactor().queueOf(main);
            first.execute(() -> stepped.clock().advance(Duration.ofMillis(3)));
            second.execute(() -> stepped.clock().advance(Duration.ofMillis(5)));
            stepped.settle();
            assertThat(first.slices()).isEqualTo(1);
            assertThat(first.runtimeNanos()).isEqualTo(3_000_000);
            assertThat(first.waitNanos()).isZero();
            assertThat(second.slices()).isEqualTo(1);
            assertThat(second.runtimeNanos()).isEqualTo(5_000_000);
            assertThat(second.waitNanos()).isEqualTo(3_000_000);

            stepped.clock().advance(Duration.ofSeconds(1));
            second.execute(() -> {});
            stepped.settle();
            assertThat(second.waitNanos()).as("to be idle is not to wait").isEqualTo(3_000_000);
            assertThat(second.runtimeNanos()).isEqualTo(5_000_000);
        });
    }

    /** The shard's own work between two turns is no group's, but a group that is ready waits. */
    @Test
    void timeBetweenTurnsIsChargedToNobody() throws Throwable {
        SteppedReactor.run(stepped -> {
            GroupQueue queue = stepped.reactor().queueOf(group);
            queue.execute(() -> stepped.clock().advance(Duration.ofMillis(3)));
            stepped.clock().advance(Duration.ofMillis(100));
            stepped.settle();
            assertThat(queue.runtimeNanos()).isEqualTo(3_000_000);
            assertThat(queue.waitNanos()).isEqualTo(100_000_000);
        });
    }

    @Test
    void withMainAloneNoMoreIsAskedOfTheClockThanTheQuotaNeeds() throws Throwable {
        Clock clock =
                () -> {
                    readings++;
                    return 0;
                };
        SteppedReactor.onCarrier(() -> {
            ReactorOptions options = new ReactorOptions(500_000, 0, BufferPool.Mode.TRACKING);
            Reactor reactor = new Reactor(0, clock, new ParkingBackend(), options);
            reactor.turn(Reactor.Wait.FORBIDDEN);
            int turns = 1_000;
            for (int i = 0; i < turns; i++) {
                reactor.queueOf(main).execute(() -> {});
            }
            reactor.turn(Reactor.Wait.FORBIDDEN); // the quota finds out how short tasks are
            int before = runTurns(reactor, reactor.queueOf(main), turns);
            assertThat(before).as("turns of one task read none").isLessThan(turns / 10);

            GroupQueue other = reactor.queueOf(group);
            int among = runTurns(reactor, other, turns);
            assertThat(among).as("where a slice begins and ends").isGreaterThanOrEqualTo(turns);
            assertThat(runTurns(reactor, reactor.queueOf(main), turns))
                    .isGreaterThanOrEqualTo(turns);

            group.close();
            reactor.turn(Reactor.Wait.FORBIDDEN);
            assertThat(runTurns(reactor, reactor.queueOf(main), turns))
                    .as("alone again")
                    .isLessThan(turns / 10);
            reactor.close();
        });
    }

    /** How often the clock was read in as many turns of one task each. */
    private int runTurns(Reactor reactor, GroupQueue queue, int turns) {
        int before = readings;
        for (int i = 0; i < turns; i++) {
            queue.execute(() -> {});
            reactor.turn(Reactor.Wait.FORBIDDEN);
        }
        return readings - before;
    }
}
