package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.reactor.GroupQueue;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many short tasks on few fibers, so that nobody can tell. */
class FiberRunnersTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<Object> events = new ArrayList<>();
    private final Set<Thread> threads = new HashSet<>();

    private void execute(SteppedReactor stepped, Runnable task) {
        execute(stepped, SchedulingGroup.main(), task);
    }

    private void execute(SteppedReactor stepped, SchedulingGroup group, Runnable task) {
        Fiber.executeOn(
                stepped.reactor(),
                group,
                () -> {
                    threads.add(Thread.currentThread());
                    task.run();
                });
    }

    @Test
    void tasksThatDoNotParkShareTheirFibers() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int round = 0; round < 10; round++) {
                int first = round * 100;
                for (int i = 0; i < 100; i++) {
                    int number = first + i;
                    execute(stepped, () -> events.add(number));
                }
                stepped.settle();
            }
            assertThat(events).isEqualTo(IntStream.range(0, 1000).boxed().toList());
            assertThat(threads).hasSizeLessThanOrEqualTo(2);
        });
    }

    @Test
    void taskThatParksHoldsNoOtherUp() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 100; i++) {
                int number = i;
                execute(
                        stepped,
                        () -> {
                            events.add(number);
                            Fiber.sleep(SECOND);
                            events.add("end");
                        });
            }
            stepped.settle();
            assertThat(events)
                    .as("begun in order")
                    .isEqualTo(IntStream.range(0, 100).boxed().toList());
            assertThat(threads).as("each has a fiber to itself").hasSize(100);
            assertThat(Fiber.liveOn(stepped.reactor())).hasSize(100);

            stepped.advance(Duration.ofSeconds(2));
            assertThat(events).hasSize(200);
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
            assertThat(stepped.reactor().counters().fibersLive).isZero();

            execute(stepped, () -> events.add("again"));
            stepped.settle();
            assertThat(threads).as("they are kept").hasSize(100);
        });
    }

    @Test
    void otherFibersRunBetweenBatches() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 100; i++) {
                execute(stepped, () -> events.add("task"));
            }
            stepped.start("other", () -> events.add("other"));
            stepped.settle();
            assertThat(events).hasSize(101);
            assertThat(events.indexOf("other")).isBetween(1, 50);
        });
    }

    /** What a task may do that its fiber can be known by. */
    private enum Trace {
        FIBER {
            @Override
            void leave() {
                assertThat(Fiber.current().name()).isEqualTo("submitTo");
            }
        },
        THREAD_LOCAL {
            @Override
            void leave() {
                new ThreadLocal<String>().set("mine");
            }
        },
        INHERITABLE_THREAD_LOCAL {
            @Override
            void leave() {
                new InheritableThreadLocal<String>().set("mine");
            }
        },
        NAME {
            @Override
            void leave() {
                Thread.currentThread().setName("mine");
            }
        },
        CONTEXT_CLASS_LOADER {
            @Override
            void leave() {
                Thread thread = Thread.currentThread();
                thread.setContextClassLoader(new ClassLoader(thread.getContextClassLoader()) {});
            }
        },
        EXCEPTION_HANDLER {
            @Override
            void leave() {
                Thread.currentThread().setUncaughtExceptionHandler((thread, exception) -> {});
            }
        };

        abstract void leave();
    }

    @ParameterizedTest
    @EnumSource
    void fiberThatCanBeToldEndsWithItsTask(Trace trace) throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 40; i++) {
                execute(stepped, trace::leave);
            }
            stepped.settle();
            assertThat(threads).hasSize(40);
            assertThat(threads).noneMatch(Thread::isAlive);
        });
    }

    @Test
    void interruptThatComesTooLateIsNotTheNextTasks() throws Throwable {
        SteppedReactor.run(stepped -> {
            execute(stepped, () -> Thread.currentThread().interrupt());
            execute(stepped, () -> events.add(Thread.currentThread().isInterrupted()));
            stepped.settle();
            threads.forEach(Thread::interrupt); // as they wait for work
            stepped.settle();
            execute(stepped, () -> events.add(Thread.currentThread().isInterrupted()));
            stepped.settle();
            assertThat(events).containsExactly(false, false);
        });
    }

    @Test
    void shardThatWasGivenATaskIsNotIdleBeforeItRuns() throws Throwable {
        SteppedReactor.run(stepped -> {
            execute(stepped, () -> {});
            stepped.settle();
            execute(stepped, () -> events.add("task"));
            Fiber.whenNoneIsLive(stepped.reactor(), () -> events.add("idle"));
            stepped.settle();
            assertThat(events).containsExactly("task", "idle");
        });
    }

    @Test
    void shutdownCancelsWhatRunsAndWhatBeginsAndEndsTheFibers() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 3; i++) {
                execute(stepped, () -> {});
                execute(stepped, this::sleepUntilCancelled);
            }
            stepped.settle();
            Fiber.cancelAllOn(stepped.reactor());
            stepped.settle();
            execute(stepped, this::sleepUntilCancelled);
            execute(stepped, this::sleepUntilCancelled);
            stepped.settle();
            assertThat(events).hasSize(5);

            Fiber.whenNoneIsLive(stepped.reactor(), () -> Fiber.endIdleOn(stepped.reactor()));
            stepped.settle();
            execute(stepped, () -> events.add("late"));
            stepped.settle();
            assertThat(events).hasSize(6);
            assertThat(threads).noneMatch(Thread::isAlive);
            assertThat(stepped.reactor().counters().fibersLive).isZero();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    private void sleepUntilCancelled() {
        try {
            Fiber.sleep(SECOND);
        } catch (FiberCancelledException e) {
            events.add(e);
        }
    }

    @Test
    void noMoreFibersAreKeptThanThereShouldBe() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 1000; i++) {
                execute(stepped, () -> Fiber.sleep(SECOND));
            }
            stepped.advance(Duration.ofSeconds(2));
            assertThat(threads).hasSize(1000);
            assertThat(threads.stream().filter(Thread::isAlive)).hasSize(128);
        });
    }

    @Test
    void taskOfAGroupRunsInItAndNothingIsLeftOfAGroupThatIsOver() throws Throwable {
        SchedulingGroup group = new SchedulingGroup("group", 100);
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 40; i++) {
                execute(stepped, group, () -> events.add(SchedulingGroup.current()));
            }
            execute(stepped, () -> events.add(SchedulingGroup.current()));
            stepped.settle();
            assertThat(events).hasSize(41).contains(SchedulingGroup.main());
            assertThat(events.stream().filter(group::equals)).hasSize(40);
            assertThat(threads).as("shared, by those of one group").hasSizeLessThanOrEqualTo(5);

            group.close();
            stepped.settle();
            assertThat(stepped.reactor().groups())
                    .extracting(GroupQueue::group)
                    .containsExactly(SchedulingGroup.main());
            assertThat(threads.stream().filter(Thread::isAlive)).hasSize(1);
        });
    }

    @Test
    void valuesOfOneTaskAreNotTheNextOnes() throws Throwable {
        FiberLocal<String> confined = FiberLocal.confined(() -> "none");
        FiberLocal<String> inherited = FiberLocal.inherited(() -> "none");
        SteppedReactor.run(stepped -> {
            for (String value : List.of("a", "b")) {
                execute(
                        stepped,
                        () -> {
                            events.add(confined.get() + inherited.get());
                            confined.set(value);
                            inherited.set(value);
                        });
            }
            stepped.settle();
            assertThat(threads).hasSize(1);
            assertThat(events).containsExactly("nonenone", "nonenone");
        });
    }

    /** The model: tasks begin in their order, and each ends after its own sleeps. */
    @Test
    void anyTasksBeginInOrderAndEndAfterTheirTime() throws Throwable {
        Random random = new Random(Seeds.next("FiberRunnersTest"));
        SteppedReactor.run(stepped -> {
            int tasks = 2_000;
            int[] sleeps = random.ints(tasks, -20, 10).map(millis -> Math.max(millis, 0)).toArray();
            long[] begun = new long[tasks];
            long[] ended = new long[tasks];
            for (int i = 0; i < tasks; i++) {
                int number = i;
                execute(
                        stepped,
                        () -> {
                            events.add(number);
                            begun[number] = stepped.clock().nanoTime();
                            if (sleeps[number] > 0) {
                                Fiber.sleep(Duration.ofMillis(sleeps[number]));
                            }
                            ended[number] = stepped.clock().nanoTime();
                        });
                if (random.nextInt(10) == 0) {
                    stepped.turn();
                }
                if (random.nextInt(50) == 0) {
                    stepped.advance(Duration.ofMillis(random.nextInt(5)));
                }
            }
            for (int milli = 0; milli < 100; milli++) {
                stepped.advance(Duration.ofMillis(1));
            }
            assertThat(events).isEqualTo(IntStream.range(0, tasks).boxed().toList());
            for (int i = 0; i < tasks; i++) {
                assertThat(ended[i] - begun[i])
                        .as("task %d", i)
                        .isGreaterThanOrEqualTo(Duration.ofMillis(sleeps[i]).toNanos());
            }
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }
}
