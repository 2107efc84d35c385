package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.reactor.ReactorCounters;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One shard under a manual clock; the fiber itself lets the time pass and has itself looked at. */
class ShardWatchTest {
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration THRESHOLD = Duration.ofMillis(25);

    private final FakeTimes times = new FakeTimes();
    private final FakeTimes collectors = new FakeTimes();
    private final ShardStalls stalls = new ShardStalls();
    private final Queue<Runnable> stackRequests = new ArrayDeque<>();
    private Executor stackTaker = Runnable::run;
    private SteppedReactor stepped;
    private ShardWatch watch;
    private LogRecords records;

    @BeforeEach
    void capture() {
        records = new LogRecords();
    }

    @AfterEach
    void release() {
        records.close();
    }

    private void onShard(SteppedReactor.Body body) throws Throwable {
        SteppedReactor.run(reactor -> {
            stepped = reactor;
            watch =
                    new ShardWatch(
                            reactor.reactor(),
                            Thread.currentThread(),
                            stalls,
                            warm(),
                            new HeldTime(reactor.clock(), times, FakeTimes.pauses(collectors)),
                            request -> stackTaker.execute(request));
            body.run();
        });
    }

    /** One fiber, to its end; then a last look. */
    private void fiber(String name, FiberTask body) {
        stepped.start(name, body);
        stepped.settle();
        look(0);
    }

    private void look(long pausedMillis) {
        collectors.run(Duration.ofMillis(pausedMillis));
        watch.sample(stepped.clock().nanoTime());
    }

    /** The calling fiber is seen, and then computes for {@code millis}. */
    private void compute(long millis) {
        times.state = State.RUNNABLE;
        look(0);
        for (long left = millis; left > 0; left -= LOOK.toMillis()) {
            stepped.clock().advance(LOOK);
            times.run(LOOK);
            look(0);
        }
    }

    /** The calling fiber is seen, and then does not run for {@code millis}. */
    private void standStill(long millis, State state) {
        times.state = state;
        look(0);
        for (long left = millis; left > 0; left -= LOOK.toMillis()) {
            stepped.clock().advance(LOOK);
            look(0);
        }
    }

    @Test
    void computingFiberIsReportedOnceWithNameGroupDurationAndItsStack() throws Throwable {
        onShard(() -> fiber("handler", () -> compute(180)));

        List<String> warnings = records.messages(Level.WARNING);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.getFirst().lines().toList())
                .first()
                .isEqualTo(
                        "shard 0 has been held for 25 ms by fiber 'handler' (group main), on the"
                                + " processor for 25 ms; Fiber.yieldIfNeeded() in its loop, or"
                                + " Blocking.call, would let others run");
        assertThat(warnings.getFirst())
                .contains("\n    at " + ShardWatchTest.class.getName() + ".compute(")
                .contains(
                        "\n    at "
                                + ShardWatchTest.class.getName()
                                + ".lambda$"
                                + "computingFiberIsReportedOnce")
                .doesNotContain("VirtualThread", "Continuation", "runtime.fiber.Fiber.");
        assertThat(warnings.getLast())
                .isEqualTo(
                        "shard 0 goes on: fiber 'handler' (group main) held it for 180 ms, on the"
                                + " processor for 180 ms");
        assertThat(stalls.count()).isEqualTo(1);
        assertThat(stalls.total()).hasMillis(180);
        assertThat(stalls.longest()).hasMillis(180);
        assertThat(stalls.pauseCount()).isZero();
    }

    @Test
    void eachStallIsReported() throws Throwable {
        onShard(() -> {
            fiber("first", () -> compute(30));
            fiber("second", () -> compute(50));
            fiber("third", () -> compute(40));
        });
        assertThat(records.mentioning("has been held")).hasSize(3);
        assertThat(records.mentioning("goes on")).hasSize(3);
        assertThat(stalls.count()).isEqualTo(3);
        assertThat(stalls.total()).hasMillis(120);
        assertThat(stalls.longest()).hasMillis(50);
    }

    @Test
    void fiberThatStallsTwiceIsReportedTwice() throws Throwable {
        onShard(() ->
                fiber(
                        "twice",
                        () -> {
                            compute(30);
                            Thread.yield();
                            compute(30);
                        }));
        assertThat(records.mentioning("has been held")).hasSize(2);
    }

    @Test
    void whatEndsBeforeTheThresholdIsNone() throws Throwable {
        onShard(() -> fiber("quick", () -> compute(20)));
        assertThat(records.messages(Level.FINE)).isEmpty();
        assertThat(stalls.count()).isZero();
    }

    @Test
    void manyShortFibersInARowAreNone() throws Throwable {
        onShard(() -> {
            for (int i = 0; i < 100; i++) {
                fiber("short", () -> compute(20));
            }
            fiber(
                    "yielding",
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            compute(20);
                            Thread.yield();
                        }
                    });
        });
        assertThat(records.messages(Level.FINE)).isEmpty();
        assertThat(stalls.count()).isZero();
    }

    @Test
    void blockedFiberIsReportedAsSuch() throws Throwable {
        onShard(() -> fiber("reader", () -> standStill(60, State.WAITING)));
        assertThat(records.messages(Level.WARNING).getFirst())
                .startsWith(
                        "shard 0 has been held for 25 ms by fiber 'reader' (group main), blocked"
                                + " for 25 ms; Blocking.call would let others run; or it waits for a"
                                + " class that another thread initialises: load that when the"
                                + " program starts\n    at ");
    }

    @Test
    void fiberWhoseCarrierHasNoProcessorIsNotBlamed() throws Throwable {
        onShard(() -> fiber("innocent", () -> standStill(60, State.RUNNABLE)));
        assertNobodyIsBlamed(
                "shard 0 stood still for 60 ms, and no fiber is to blame: it waited for a"
                        + " processor for 60 ms");
    }

    @Test
    void fiberOfAPausedJvmIsNotBlamed() throws Throwable {
        onShard(() ->
                fiber(
                        "innocent",
                        () -> {
                            compute(10);
                            times.state = State.WAITING;
                            stepped.clock().advance(Duration.ofMillis(300));
                            look(297);
                        }));
        assertNobodyIsBlamed("shard 0 stood still for 310 ms, and no fiber is to blame");
    }

    @Test
    void fiberThatEndsRightAfterThePauseIsNotBlamed() throws Throwable {
        onShard(() -> {
            stepped.start("innocent", () -> compute(10));
            stepped.settle();
            stepped.clock().advance(Duration.ofMillis(300));
            look(300);
        });
        assertNobodyIsBlamed("shard 0 stood still for 310 ms, and no fiber is to blame");
    }

    private void assertNobodyIsBlamed(String sentence) {
        assertThat(records.messages(Level.WARNING)).isEmpty();
        assertThat(records.mentioning("innocent")).isEmpty();
        assertThat(records.mentioning(sentence)).hasSize(1);
        assertThat(stalls.count()).isZero();
        assertThat(stalls.pauseCount()).isEqualTo(1);
        assertThat(stalls.pauseTotal()).isGreaterThanOrEqualTo(THRESHOLD);
    }

    @Test
    void nameIsPublishedBeforeTheStackIsAskedFor() throws Throwable {
        stackTaker = stackRequests::add;
        onShard(() ->
                fiber(
                        "handler",
                        () -> {
                            compute(25);
                            assertThat(stackRequests).hasSize(1);
                            assertThat(stalls.holder()).isEqualTo("fiber 'handler' (group main)");
                            assertThat(stalls.count()).isEqualTo(1);
                        }));
        assertThat(stalls.holder()).isEmpty();
    }

    @Test
    void reportDoesNotWaitForeverForItsStackWhichFollows() throws Throwable {
        stackTaker = stackRequests::add;
        onShard(() ->
                fiber(
                        "counted-loop",
                        () -> {
                            compute(300);
                            stackRequests.remove().run();
                            compute(10);
                        }));
        List<String> warnings = records.messages(Level.WARNING);
        assertThat(warnings).hasSize(3);
        assertThat(warnings.getFirst())
                .startsWith("shard 0 has been held for 125 ms by fiber 'counted-loop'")
                .endsWith("; its stack follows at the JVM's next safepoint");
        assertThat(warnings.get(1))
                .startsWith("shard 0 is still held by fiber 'counted-loop' (group main)")
                .contains("\n    at " + ShardWatchTest.class.getName());
        assertThat(warnings.getLast()).contains("held it for 310 ms");
    }

    @Test
    void stackThatComesAfterTheEndIsNotShown() throws Throwable {
        stackTaker = stackRequests::add;
        onShard(() -> {
            stepped.start("ended", () -> compute(40));
            stepped.settle();
            fiber(
                    "next",
                    () -> {
                        stackRequests.remove().run();
                        look(0);
                    });
        });
        assertThat(records.messages(Level.WARNING))
                .containsExactly(
                        "shard 0 was held for 40 ms by fiber 'ended' (group main), on the processor"
                                + " for 40 ms; Fiber.yieldIfNeeded() in its loop, or Blocking.call,"
                                + " would let others run; it ended before its stack could be"
                                + " taken");
    }

    @Test
    void taskThatEndsWhileItsStackIsTakenHasNone() throws Throwable {
        stackTaker = stackRequests::add;
        onShard(() -> {
            StackRequest[] request = new StackRequest[1];
            stepped.start(
                    "running",
                    () ->
                            request[0] =
                                    new StackRequest(
                                            stepped.reactor(),
                                            stepped.reactor().counters().tasks,
                                            Thread.currentThread(),
                                            Thread.currentThread()));
            stepped.settle();
            request[0].run();
            assertThat(request[0].isAnswered()).isTrue();
            assertThat(request[0].stack()).isEmpty();
        });
    }

    @Test
    void sixthReportOfAMinuteIsHeldBackAndCountedWhenItIsOver() throws Throwable {
        onShard(() -> {
            for (int i = 1; i <= 8; i++) {
                fiber("stall-" + i, () -> compute(30));
            }
            assertThat(records.mentioning("has been held")).hasSize(5);
            assertThat(records.mentioning("goes on")).hasSize(5);
            assertThat(stalls.count()).isEqualTo(8);
            assertThat(watch.untilDue(stepped.clock().nanoTime()))
                    .isBetween(1L, Duration.ofMinutes(1).toNanos());

            stepped.clock().advance(Duration.ofMinutes(1));
            look(0);
            assertThat(records.mentioning("more stalls within a minute"))
                    .extracting(record -> record.getMessage())
                    .containsExactly(
                            "shard 0: 3 more stalls within a minute, not reported one by one");
            fiber("stall-9", () -> compute(30));
            assertThat(records.mentioning("has been held")).hasSize(6);
        });
    }

    @Test
    void virtualThreadThatIsNoFiberIsNamedToo() throws Throwable {
        onShard(() ->
                fiber(
                        "parent",
                        () -> {
                            Thread.ofVirtual().name("child").start(() -> compute(30));
                            Thread.startVirtualThread(() -> compute(30));
                        }));
        assertThat(records.mentioning("by virtual thread 'child' (group main), on")).hasSize(1);
        assertThat(records.mentioning("by virtual thread #")).isNotEmpty();
    }

    @Test
    void holderOfAnotherGroupIsReportedWithItsGroup() throws Throwable {
        onShard(() -> {
            try (SchedulingGroup batch = new SchedulingGroup("batch", 100)) {
                fiber(
                        "parent",
                        () -> {
                            Fiber<Void> child = Fiber.start(batch, "child", () -> compute(30));
                            child.join();
                            Fiber<Thread> other =
                                    Fiber.start(
                                            batch,
                                            "starter",
                                            () ->
                                                    Thread.ofVirtual()
                                                            .name("thread")
                                                            .start(() -> compute(30)));
                            assertThat(other.join()).isNotNull();
                        });
                stepped.reactor().queueOf(batch).execute(() -> compute(30));
                stepped.settle();
                look(0);
            }
            fiber("afterwards", () -> compute(30));
        });
        assertThat(records.mentioning("by fiber 'child' (group batch), on")).hasSize(1);
        assertThat(records.mentioning("fiber 'child' (group batch) held it")).hasSize(1);
        assertThat(records.mentioning("by virtual thread 'thread' (group batch), on")).hasSize(1);
        assertThat(records.mentioning("a task of the runtime (")).hasSize(2);
        assertThat(records.mentioning(") (group batch), on the processor"))
                .anyMatch(record -> record.getMessage().contains("by a task of the runtime"));
        assertThat(records.mentioning("by fiber 'afterwards' (group main), on")).hasSize(1);
    }

    @Test
    void fiberThatEndsWhileItIsLookedAtIsNotBlamedForWhatTheCarrierDoesThen() throws Throwable {
        onShard(() ->
                fiber(
                        "innocent",
                        () -> {
                            compute(20);
                            ReactorCounters counters = stepped.reactor().counters();
                            times.state = State.WAITING; // for events, with nothing left to run
                            times.meanwhile = () -> counters.tasks++;
                            stepped.clock().advance(Duration.ofMillis(10));
                            look(0);
                            times.meanwhile = () -> {};
                        }));
        assertThat(records.messages(Level.WARNING)).isEmpty();
        assertThat(stalls.count()).isZero();
    }

    @Test
    void stackThatTheJvmCouldNotGiveIsAskedForAgain() throws Throwable {
        onShard(() -> {
            ReactorCounters counters = stepped.reactor().counters();
            stackTaker =
                    request -> {
                        counters.tasks++;
                        request.run(); // answers with none
                        counters.tasks--;
                        stackTaker = Runnable::run;
                    };
            fiber("handler", () -> compute(40));
        });
        assertThat(records.messages(Level.WARNING)).hasSize(2);
        assertThat(records.messages(Level.WARNING).getFirst())
                .startsWith("shard 0 has been held for ")
                .contains("\n    at " + ShardWatchTest.class.getName() + ".compute(");
    }

    @Test
    void stallIsToldEvenIfNoThreadCanBeHadToTakeItsStack() throws Throwable {
        stackTaker =
                request -> {
                    throw new RejectedExecutionException("of the test");
                };
        onShard(() -> fiber("handler", () -> compute(180)));
        assertThat(records.messages(Level.WARNING)).hasSize(2);
        assertThat(records.messages(Level.WARNING).getFirst())
                .startsWith("shard 0 has been held for 125 ms by fiber 'handler' (group main)");
        assertThat(records.messages(Level.WARNING).getLast()).contains("held it for 180 ms");
    }

    @Test
    void whatIsHeldBackIsToldWhenTheDetectorEnds() throws Throwable {
        onShard(() -> {
            for (int i = 1; i <= 6; i++) {
                fiber("stall-" + i, () -> compute(30));
            }
            watch.close();
            watch.close();
        });
        assertThat(records.messages(Level.WARNING).getLast())
                .isEqualTo("shard 0: 1 more stall within a minute, not reported one by one");
        assertThat(records.mentioning("more stall")).hasSize(1);
    }

    @Test
    void taskWithoutAFiberIsReportedWithTheStackOfTheCarrier() throws Throwable {
        onShard(() -> {
            stepped.reactor().execute(() -> compute(30));
            stepped.settle();
            look(0);
        });
        String report = records.messages(Level.WARNING).getFirst();
        assertThat(report)
                .startsWith("shard 0 has been held for 25 ms by a task of the runtime (")
                .contains("this is the shard's own thread")
                .contains("\n    at " + ShardWatchTest.class.getName());
    }

    @Test
    void classInitialiserIsNamed() throws Throwable {
        onShard(() ->
                fiber(
                        "loader",
                        () -> {
                            Initialised.test = this;
                            assertThat(Initialised.value).isEqualTo(1);
                        }));
        assertThat(records.messages(Level.WARNING).getFirst())
                .contains(
                        "it initialises "
                                + Initialised.class.getName()
                                + ": load that class when the program starts");
    }

    /** Holder of what its initialiser needs. */
    private static class InitialisedBase {
        static ShardWatchTest test;
    }

    private static final class Initialised extends InitialisedBase {
        static int value = initialise();

        private static int initialise() {
            test.compute(30);
            return 1;
        }
    }

    @Test
    void fiberThatIsCurrentlyParkedHoldsNothing() throws Throwable {
        onShard(() -> {
            stepped.start("sleeper", () -> Fiber.sleep(Duration.ofSeconds(1)));
            stepped.settle();
            for (int i = 0; i < 50; i++) {
                stepped.clock().advance(LOOK);
                assertThat(watch.sample(stepped.clock().nanoTime()))
                        .isEqualTo(ShardWatch.Sight.IDLE);
            }
            stepped.advance(Duration.ofSeconds(1));
        });
        assertThat(stalls.count()).isZero();
    }

    /** Of a shard that has run for long. */
    private static StallThreshold warm() {
        StallThreshold threshold = new StallThreshold(THRESHOLD.toNanos(), 0);
        long ignored = threshold.nanos(-StallThreshold.WARM_UP_NANOS);
        assertThat(ignored).isGreaterThan(THRESHOLD.toNanos());
        return threshold;
    }
}
