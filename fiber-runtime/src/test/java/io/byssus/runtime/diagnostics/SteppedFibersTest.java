package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.byssus.runtime.diagnostics.FiberSnapshot.State;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.testing.SteppedReactor.SteppedBody;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What a dump says of fibers that stand still while it is taken. */
class SteppedFibersTest {
    private final CountDownLatch never = new CountDownLatch(1);

    @Test
    void parkedFiberIsToldWithWhatItWaitsForAndWhere() throws Throwable {
        run(stepped -> {
            Fiber<Void> fiber = stepped.start("sleeper", () -> Fiber.sleep(Duration.ofDays(1)));
            stepped.settle();
            FiberSnapshot sleeper = only();
            assertThat(sleeper.id()).isEqualTo(fiber.thread().threadId());
            assertThat(sleeper.name()).isEqualTo("sleeper");
            assertThat(sleeper.group()).isEqualTo("main");
            assertThat(sleeper.state()).isEqualTo(State.PARKED);
            assertThat(sleeper.waitsFor()).isEqualTo("Fiber.sleep");
            assertThat(sleeper.stack().getFirst().getMethodName()).isEqualTo("park");
            assertThat(sleeper.stack())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("sleep")
                    .doesNotContain("yieldContinuation", "parkVirtualThread", "runWith");
            assertThat(sleeper.stack().getLast().getClassName())
                    .as("the root's frames are left away: the starter's lambda remains")
                    .isEqualTo(SteppedReactor.class.getName());
        });
    }

    @Test
    void newAndReadyFibersAreToldApart() throws Throwable {
        run(stepped -> {
            stepped.start("yielder", () -> Thread.yield());
            Fiber<Void> woken = stepped.start("woken", () -> LockSupport.park("a signal"));
            stepped.settle();
            assertThat(all()).extracting(FiberSnapshot::name).containsExactly("woken");
            LockSupport.unpark(woken.thread());
            stepped.start("newcomer", () -> {});

            assertThat(all())
                    .extracting(FiberSnapshot::name, FiberSnapshot::state, FiberSnapshot::waitsFor)
                    .containsExactly(
                            tuple("woken", State.READY, ""), tuple("newcomer", State.NEW, ""));
            assertThat(all().getLast().stack()).isEmpty();
        });
    }

    @Test
    void whatJdkOperationsWaitForIsToldAsWellAsItCanBe() throws Throwable {
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        Object monitor = new Object();
        run(stepped -> {
            stepped.start("lock", lock::lockInterruptibly);
            stepped.start("latch", () -> never.await());
            // allow ThreadSleep: the test is about sleeping fibers
            stepped.start("sleep", () -> Thread.sleep(Duration.ofDays(1)));
            stepped.start("nothing", () -> LockSupport.park());
            stepped.start("stranger", () -> LockSupport.park(new Stranger()));
            stepped.start("mistaken", () -> LockSupport.park(new TestAwaited(null)));
            stepped.start(
                    "wait",
                    () -> {
                        synchronized (monitor) {
                            monitor.wait();
                        }
                    });
            stepped.settle();
            List<FiberSnapshot> fibers = all();
            assertThat(fibers).allMatch(fiber -> fiber.state() == State.PARKED);
            assertThat(fibers.get(0).waitsFor())
                    .matches("ReentrantLock\\$NonfairSync@\\w+\\[State = 1, nonempty queue]");
            assertThat(fibers.get(1).waitsFor()).startsWith("CountDownLatch$Sync@");
            assertThat(fibers.get(2).waitsFor()).startsWith("Thread.sleep");
            assertThat(fibers.get(3).waitsFor()).isEqualTo("LockSupport.park");
            assertThat(fibers.get(4).waitsFor()).matches("SteppedFibersTest\\$Stranger@\\w+");
            assertThat(fibers.get(5).waitsFor()).matches("TestAwaited@\\w+");
            assertThat(fibers.get(6).waitsFor()).startsWith("Object.wait");
        });
    }

    @Test
    void monitorIsToldAsSuch() throws Throwable {
        Object monitor = new Object();
        run(stepped -> {
            for (String name : List.of("owner", "waiter")) {
                stepped.start(
                        name,
                        () -> {
                            synchronized (monitor) {
                                LockSupport.park("a signal");
                            }
                        });
                stepped.settle();
            }
            assertThat(all())
                    .extracting(FiberSnapshot::name, FiberSnapshot::waitsFor)
                    .containsExactly(tuple("owner", "a signal"), tuple("waiter", "a monitor"));
        });
        // The owner's end lets the JVM wake the waiter, whose shard stands still by then.
    }

    @Test
    void fibersThatDoTheSameAreOneEntryWithTheNamesOfAFew() throws Throwable {
        run(stepped -> {
            for (int i = 0; i < 1000; i++) {
                String what = "read of connection " + i;
                stepped.start("echo-" + i, () -> LockSupport.park(what));
            }
            stepped.start("single", () -> never.await());
            stepped.settle();
            FiberDump dump = Fibers.snapshot();
            assertThat(dump.toString().lines().map(line -> line.replaceAll("#\\d+", "#N")))
                    .startsWith(
                            "1001 fibers on 1 shard",
                            "",
                            "shard 0: 1001 fibers (1001 parked)",
                            "    1000 fibers, parked, group 'main'",
                            "        'echo-0' #N, waits for read of connection 0",
                            "        'echo-1' #N, waits for read of connection 1",
                            "        'echo-2' #N, waits for read of connection 2",
                            "        'echo-3' #N, waits for read of connection 3",
                            "        'echo-4' #N, waits for read of connection 4",
                            "        ... and 995 more")
                    .anyMatch(
                            line -> line.startsWith("    fiber 'single' #N, parked, group 'main'"))
                    .hasSizeLessThan(40);
            StringBuilder everyName = new StringBuilder();
            dump.writeTo(everyName, Integer.MAX_VALUE);
            assertThat(everyName).contains("'echo-999'").doesNotContain(" more");
            List<FiberSnapshot> fibers = dump.shards().getLast().fibers();
            assertThat(fibers.get(0).stack())
                    .as("equal stacks are kept once")
                    .isSameAs(fibers.get(999).stack());
        });
    }

    @Test
    void stacksAndFramesAreLimited() throws Throwable {
        run(stepped -> {
            for (int i = 0; i < 10; i++) {
                stepped.start("parked", () -> recurse(50));
            }
            Fiber<Void> ready = stepped.start("ready", () -> recurse(50));
            stepped.settle();
            LockSupport.unpark(ready.thread());

            List<FiberSnapshot> fibers =
                    Fibers.snapshot(new DumpOptions(3, 20, 1)).shards().getLast().fibers();
            assertThat(fibers).hasSize(11).allMatch(fiber -> fiber.stack().size() <= 20);
            assertThat(fibers)
                    .filteredOn(fiber -> !fiber.stack().isEmpty())
                    .extracting(FiberSnapshot::name)
                    .as("the oldest, and the active one")
                    .containsExactly("parked", "parked", "ready");
            assertThat(fibers)
                    .filteredOn(fiber -> fiber.stack().isEmpty())
                    .allMatch(fiber -> fiber.waitsFor().equals("deep down"));
        });
        assertThat(DumpOptions.everything().stacksMax()).isEqualTo(Integer.MAX_VALUE);
        for (int[] wrong : new int[][] {{-1, 1, 1}, {0, 0, 1}, {0, 1, 0}}) {
            assertThatThrownBy(() -> new DumpOptions(wrong[0], wrong[1], wrong[2]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "stacksMax=%d framesMax=%d namesMax=%d", wrong[0], wrong[1], wrong[2]);
        }
    }

    @Test
    void fiberThatIsWokenWhileItIsLookedAtRunsOnce() throws Throwable {
        run(stepped -> {
            int[] runs = {0};
            Fiber<Void> fiber =
                    stepped.start(
                            "counted",
                            () -> {
                                LockSupport.park("a signal");
                                runs[0]++;
                            });
            stepped.settle();
            LockSupport.unpark(fiber.thread()); // in the run queue from here on
            for (int i = 0; i < 10; i++) {
                assertThat(only().state()).isEqualTo(State.READY); // each adds it once more
            }
            stepped.settle();
            assertThat(runs[0]).isEqualTo(1);
            assertThat(fiber.isDone()).isTrue();
        });
    }

    @Test
    void shardThatWasTakenBackIsNotShown() throws Throwable {
        run(stepped -> assertThat(Fibers.snapshot().shards()).hasSize(1));
        assertThat(Fibers.snapshot().shards()).isEmpty();
        assertThat(Fibers.dump()).isEqualTo("0 fibers on 0 shards\n");
    }

    private static void recurse(int depth) {
        if (depth > 0) {
            recurse(depth - 1);
        } else {
            LockSupport.park("deep down");
        }
    }

    private static List<FiberSnapshot> all() {
        return Fibers.snapshot().shards().getLast().fibers();
    }

    private static FiberSnapshot only() {
        assertThat(all()).hasSize(1);
        return all().getFirst();
    }

    /** With a reactor that dumps show; at the end its fibers are cancelled. */
    static void run(SteppedBody body) throws Throwable {
        SteppedReactor.run(stepped -> {
            Runnable detach = Fibers.attach(List.of(stepped.reactor()));
            try {
                body.run(stepped);
            } finally {
                detach.run();
                Fiber.cancelAllOn(stepped.reactor());
                stepped.settle();
            }
        });
    }

    /** Of no package that a dump knows. */
    private static final class Stranger {
        @Override
        public String toString() {
            throw new AssertionError("it must not be asked");
        }
    }
}
