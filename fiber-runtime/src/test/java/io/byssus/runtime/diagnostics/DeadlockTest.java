package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DeadlockTest {
    private final List<Fiber<Void>> fibers = new ArrayList<>();

    @Test
    void fibersThatJoinEachOtherAreARing() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            startJoiners(stepped, "a", "b", "c");
            assertThat(deadlocks())
                    .containsExactly(
                            "DEADLOCK: fiber 'a' on shard 0 waits for fiber 'b' on shard 0, which"
                                    + " waits for fiber 'c' on shard 0, which waits for fiber 'a'"
                                    + " on shard 0");
            assertThat(Fibers.dump()).startsWith("3 fibers on 1 shard\nDEADLOCK: fiber 'a'");
        });
    }

    @Test
    void joinOfAnotherShardsFiberIsSeenToo() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor first = new SteppedReactor(0, clock);
            SteppedReactor second = new SteppedReactor(1, clock);
            Fiber<Void> one = first.start("one", () -> fibers.get(1).join());
            Fiber<Void> two = second.start("two", () -> fibers.get(0).join());
            fibers.addAll(List.of(one, two));
            second.settle();
            first.settle();
            assertThat(WaitForGraph.deadlocks(List.of(one.thread(), two.thread())))
                    .extracting(Deadlock::toString)
                    .containsExactly(
                            "DEADLOCK: fiber 'one' on shard 0 waits for fiber 'two' on shard 1,"
                                    + " which waits for fiber 'one' on shard 0");
            one.cancel();
            first.settle();
            second.settle();
        });
    }

    @Test
    void lockIsNamedWithItsHolder() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            TestAwaited m = new TestAwaited("mutex 'm'");
            TestAwaited n = new TestAwaited("mutex 'n'");
            m.holders.add(stepped.start("b", () -> LockSupport.park(n)).thread());
            n.holders.add(stepped.start("a", () -> LockSupport.park(m)).thread());
            stepped.start("behind", () -> LockSupport.park(m));
            stepped.settle();
            assertThat(deadlocks())
                    .containsExactly(
                            "DEADLOCK: fiber 'b' on shard 0 waits for mutex 'n' held by fiber 'a'"
                                    + " on shard 0, which waits for mutex 'm' held by fiber 'b' on"
                                    + " shard 0");
        });
    }

    @Test
    void fiberThatWaitsForItselfIsARingOfOne() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            TestAwaited lock = new TestAwaited("a lock that is not reentrant");
            lock.holders.add(stepped.start("again", () -> LockSupport.park(lock)).thread());
            stepped.settle();
            assertThat(deadlocks())
                    .containsExactly(
                            "DEADLOCK: fiber 'again' on shard 0 waits for a lock that is not"
                                    + " reentrant held by fiber 'again' on shard 0");
        });
    }

    @Test
    void anyOfSeveralHoldersCanEndTheWait() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            TestAwaited units = new TestAwaited("semaphore 's'");
            Fiber<Void> first = stepped.start("first", () -> LockSupport.park(units));
            Fiber<Void> second = stepped.start("second", () -> LockSupport.park(units));
            Fiber<Void> third = stepped.start("third", () -> Fiber.sleep(Duration.ofDays(1)));
            units.holders.addAll(List.of(first.thread(), second.thread(), third.thread()));
            stepped.settle();
            assertThat(deadlocks()).as("the third goes on one day").isEmpty();
            units.holders.remove(third.thread());
            assertThat(deadlocks()).hasSize(1);
        });
    }

    @Test
    void chainThatEndsSomewhereIsNoDeadlock() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            Fiber<Void> last = stepped.start("last", () -> Fiber.sleep(Duration.ofSeconds(1)));
            Fiber<Void> middle = stepped.start("middle", last::join);
            stepped.start("first", middle::join);
            stepped.settle();
            assertThat(deadlocks()).isEmpty();
        });
    }

    @Test
    void severalRingsAreToldOneByOne() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            startJoiners(stepped, "a", "b");
            fibers.clear();
            startJoiners(stepped, "c", "d");
            assertThat(deadlocks())
                    .hasSize(2)
                    .anyMatch(text -> text.contains("'a'") && text.contains("'b'"))
                    .anyMatch(text -> text.contains("'c'") && text.contains("'d'"));
        });
    }

    @Test
    void longRingIsFollowedToItsEnd() throws Throwable {
        SteppedFibersTest.run(stepped -> {
            String[] names = new String[2000];
            for (int i = 0; i < names.length; i++) {
                names[i] = "fiber-" + i;
            }
            startJoiners(stepped, names);
            assertThat(Fibers.snapshot(new DumpOptions(0, 1, 1)).deadlocks())
                    .singleElement()
                    .satisfies(deadlock -> assertThat(deadlock.links()).hasSize(names.length));
        });
    }

    /** Each joins the next, and the last the first. */
    private void startJoiners(SteppedReactor stepped, String... names) {
        List<Fiber<Void>> ring = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            int next = (i + 1) % names.length;
            ring.add(stepped.start(names[i], () -> ring.get(next).join()));
        }
        stepped.settle();
        fibers.addAll(ring);
    }

    private static List<String> deadlocks() {
        return Fibers.snapshot().deadlocks().stream().map(Deadlock::toString).toList();
    }
}
