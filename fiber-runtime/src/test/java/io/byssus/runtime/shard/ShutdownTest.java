package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.LogRecord;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a runtime whose fibers do what they are asked. The others: StubbornFibersTest. */
class ShutdownTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final int STOPS = 20;
    private static final int CALLERS = 8;

    private final LogRecords records = new LogRecords();
    private Shards shards;

    private void start(Duration grace, Duration delay) {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .shutdownGrace(grace)
                                .shutdownDelay(delay));
    }

    @AfterEach
    void carriersHaveEnded() {
        assertThat(shards.stop()).isTrue();
        assertThat(shards.all()).noneMatch(shard -> shard.carrier().isAlive());
        records.close();
    }

    @Test
    void stoppedRuntimeRefusesEveryCall() {
        start(Duration.ofSeconds(5), Duration.ZERO);
        assertThat(shards.isReady()).isTrue();
        CallGroup group = shards.callGroup("group", 1);
        assertThat(shards.stop()).isTrue();
        assertThat(shards.isReady()).isFalse();
        List<ThrowingCallable> calls =
                List.of(
                        () -> shards.submitTo(1, () -> 1),
                        () -> shards.submitTo(1, group, () -> 1),
                        () -> shards.map(() -> 1),
                        () -> shards.mapReduce(() -> 1, 0, Integer::sum),
                        () -> Sharded.start(shards, "late", Object::new),
                        () -> Sharded.startOn(shards, 1, "late", Object::new),
                        () -> shards.onEach(() -> {}),
                        () -> shards.spawn(0, "late", () -> 1));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the runtime has stopped");
        }
    }

    /** A caller that was not refused, and then waited for its processor. */
    @Test
    void whatComesAfterTheLastLookIsCancelled() {
        start(Duration.ofSeconds(5), Duration.ZERO);
        List<Fiber<?>> late = new CopyOnWriteArrayList<>();
        RecordingExtension.onDisconnect =
                shard ->
                        late.add(
                                Fiber.startOn(
                                        shard.reactor(),
                                        "late",
                                        () -> {
                                            Fiber.sleep(LONG);
                                            return null;
                                        }));
        try {
            assertThat(shards.stop()).isTrue();
        } finally {
            RecordingExtension.onDisconnect = shard -> {};
        }
        assertThat(late).hasSize(4).allMatch(Fiber::isDone);
    }

    /** Calls in both directions, all the time, as the shards stop: each ends, and in words. */
    @Test
    @Timeout(60)
    void callsThatMeetTheEndAreAnsweredOrRefused() throws Exception {
        for (int round = 0; round < STOPS; round++) {
            start(Duration.ofMillis(round % 3), Duration.ZERO);
            ConcurrentLinkedQueue<Throwable> ends = new ConcurrentLinkedQueue<>();
            CountDownLatch calling = new CountDownLatch(2 * CALLERS);
            for (int i = 0; i < 2 * CALLERS; i++) {
                int here = i % 2;
                shards.spawn(
                                here,
                                "caller",
                                () -> {
                                    calling.countDown();
                                    while (true) {
                                        shards.submitTo(1 - here, () -> here);
                                    }
                                })
                        .exceptionally(end -> {
                            ends.add(end);
                            return null;
                        });
            }
            calling.await();
            assertThat(shards.stop()).isTrue();
            Eventually.until("each has ended", () -> ends.size() == 2 * CALLERS);
            assertThat(ends)
                    .allMatch(end ->
                            end instanceof FiberCancelledException
                                    || end instanceof IllegalStateException);
        }
    }

    @Test
    void fibersMayFinishWithinTheGracePeriod() throws Exception {
        start(Duration.ofSeconds(30), Duration.ZERO);
        CountDownLatch stopping = new CountDownLatch(2);
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (Shard shard : shards.all()) {
            shards.submitTo(shard.id(), () -> Shard.current().onStop(stopping::countDown));
            results.add(
                    shards.spawn(
                            shard.id(),
                            "finishing",
                            () -> {
                                stopping.await();
                                Fiber.sleep(Duration.ofMillis(20));
                                // Calls work to the end.
                                return shards.submitTo(1 - shard.id(), () -> shard.id());
                            }));
        }
        assertThat(shards.stop()).isTrue();
        assertThat(results.get(0).get()).isEqualTo(0);
        assertThat(results.get(1).get()).isEqualTo(1);
    }

    @Test
    void fibersAreCancelledAfterTheGracePeriodAndNotBefore() throws Exception {
        Duration grace = Duration.ofMillis(300);
        start(grace, Duration.ZERO);
        CompletableFuture<Long> cancelledAt = new CompletableFuture<>();
        CountDownLatch asleep = new CountDownLatch(1);
        shards.spawn(
                1,
                "sleeper",
                () -> {
                    asleep.countDown();
                    try {
                        Fiber.sleep(LONG);
                    } catch (FiberCancelledException e) {
                        cancelledAt.complete(System.nanoTime());
                    }
                    return null;
                });
        asleep.await();
        long before = System.nanoTime();
        assertThat(shards.stop()).isTrue();
        assertThat(cancelledAt.get() - before).isGreaterThanOrEqualTo(grace.toNanos());
    }

    @Test
    @Timeout(20)
    void fibersThatReplaceThemselvesAreCancelledAfterTheGracePeriodToo() throws Exception {
        start(Duration.ofMillis(50), Duration.ZERO);
        CountDownLatch cancelled = new CountDownLatch(1);
        shards.spawn(0, "link", () -> replaceMyself(cancelled)).get();
        long before = System.nanoTime();
        assertThat(shards.stop()).isTrue();

        // At no time is there more than one, so each time it looks the shard has just been idle.
        assertThat(cancelled.getCount()).as("it was cancelled").isZero();
        assertThat(System.nanoTime() - before).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    private Object replaceMyself(CountDownLatch cancelled) {
        try {
            Fiber.sleep(Duration.ofMillis(5));
            shards.spawn(0, "link", () -> replaceMyself(cancelled));
        } catch (FiberCancelledException e) {
            cancelled.countDown();
        }
        return null;
    }

    @Test
    void fibersThatStartWhileTheOthersAreCancelledAreCancelledToo() throws Exception {
        start(Duration.ZERO, Duration.ZERO);
        CountDownLatch asleep = new CountDownLatch(1);
        CompletableFuture<String> successor = new CompletableFuture<>();
        shards.spawn(
                0,
                "cancelled",
                () -> {
                    asleep.countDown();
                    try {
                        Fiber.sleep(LONG);
                    } catch (FiberCancelledException e) {
                        shards.spawn(0, "successor", () -> sleepUntilCancelled(successor));
                    }
                    return null;
                });
        asleep.await();
        assertThat(shards.stop()).isTrue();
        assertThat(successor).isCompletedWithValue("cancelled");
    }

    private static Object sleepUntilCancelled(CompletableFuture<String> outcome) {
        try {
            Fiber.sleep(LONG);
        } catch (FiberCancelledException e) {
            outcome.complete("cancelled");
        }
        return null;
    }

    @Test
    void delayKeepsServingWhileReadinessIsOff() throws Exception {
        Duration delay = Duration.ofMillis(300);
        start(Duration.ofSeconds(5), delay);
        List<String> events = new CopyOnWriteArrayList<>();
        shards.submitTo(
                0, () -> Shard.current().onStop(() -> events.add("hook on " + Shard.current())));
        long before = System.nanoTime();
        Thread stopper = Thread.ofPlatform().start(() -> shards.stop());
        Eventually.until("readiness is off", () -> !shards.isReady());
        String answer = shards.submitTo(0, () -> "served, after " + events);

        stopper.join();
        assertThat(answer).isEqualTo("served, after []");
        assertThat(events).containsExactly("hook on shard 0");
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(delay.toNanos());
    }

    @Test
    void everyCallerOfStopWaitsForTheEnd() throws Exception {
        start(Duration.ofSeconds(5), Duration.ZERO);
        List<Boolean> answers = new CopyOnWriteArrayList<>();
        List<Thread> stoppers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            stoppers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                boolean clean = shards.stop();
                                answers.add(clean && !shards.get(1).carrier().isAlive());
                            }));
        }
        for (Thread stopper : stoppers) {
            stopper.join();
        }
        assertThat(answers).containsExactly(true, true, true, true);
        shards.close();
    }

    @Test
    void fiberCannotStopItsOwnRuntimeButAnotherOnes() throws Exception {
        start(Duration.ofSeconds(5), Duration.ZERO);
        Shards other = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true));
        boolean stopped =
                shards.submitTo(
                        0,
                        () -> {
                            assertThatThrownBy(shards::stop)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessage(
                                            "a fiber cannot wait for the end of its own runtime");
                            return other.stop();
                        });
        assertThat(stopped).isTrue();
        assertThat(shards.isReady()).isTrue();
    }

    @Test
    void interruptCutsTheWaitingShortAndIsKept() throws Exception {
        start(LONG, Duration.ZERO);
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch asleep = new CountDownLatch(1);
        shards.spawn(
                0,
                "sleeper",
                () -> {
                    asleep.countDown();
                    Fiber.sleep(LONG);
                    return null;
                });
        asleep.await();
        Shards stopping = shards;
        Thread stopper =
                Thread.ofPlatform()
                        .start(() -> {
                            stopping.stop();
                            interrupted.set(Thread.currentThread().isInterrupted());
                        });
        Eventually.until("it waits", () -> !stopping.isReady());
        stopper.interrupt();
        stopper.join();
        assertThat(interrupted).isTrue();
        stopping.stop(); // the first one has ended it: this returns
        Eventually.until(
                "what it did not wait for was cancelled, and the carriers have ended",
                () -> stopping.all().stream().noneMatch(shard -> shard.carrier().isAlive()));

        start(Duration.ZERO, Duration.ZERO); // for the check after each test
    }

    @Test
    void failureThatIsStillInItsGraceIsReportedAtTheEnd() throws Exception {
        start(Duration.ofSeconds(5), Duration.ZERO);
        for (Shard shard : shards.all()) {
            shards.submitTo(
                    shard.id(),
                    () -> {
                        Fiber<Void> fiber =
                                Fiber.start(
                                        "late-failure",
                                        () -> {
                                            throw new IOException("at the end");
                                        });
                        while (!fiber.isDone()) {
                            Thread.yield();
                        }
                        return null;
                    });
        }
        shards.stop();
        assertThat(records.mentioning("fiber 'late-failure' on shard 0 failed")).hasSize(1);
        assertThat(records.mentioning("fiber 'late-failure' on shard 1 failed")).hasSize(1);
    }

    @Test
    void leakedBufferIsReportedWithThePlaceThatAllocatedIt() throws Exception {
        start(Duration.ofSeconds(5), Duration.ZERO);
        shards.submitTo(1, ShutdownTest::leak);
        shards.stop();
        List<LogRecord> leaks = records.mentioning("shard 1: a buffer was never closed");
        assertThat(leaks).hasSize(1);
        assertThat(leaks.getFirst().getThrown().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("leak");
    }

    private static Object leak() {
        return Shard.current().allocate(10).length();
    }
}
