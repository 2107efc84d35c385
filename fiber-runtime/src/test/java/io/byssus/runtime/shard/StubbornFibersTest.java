package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.LogRecords;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** A runtime is stopped although some fibers would not end. This takes its time; so one test. */
class StubbornFibersTest {
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Object monitor = new Object();
    private volatile boolean released;

    @Test
    void stopIsBoundedAndNamesWhatWouldNotEndAndStrandsNobody() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .smp(2)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ofMillis(10));
        Shards shards = Shards.start(options);
        CountDownLatch stubborn = new CountDownLatch(3);
        try (LogRecords records = new LogRecords()) {
            CompletableFuture<Object> foreigner = new CompletableFuture<>();
            synchronized (monitor) {
                // A monitor cannot be interrupted, and this thread holds it.
                AtomicReference<Thread> blocked = new AtomicReference<>();
                shards.spawn(0, "blocked", () -> waitForMonitor(stubborn, blocked));
                shards.spawn(1, "spinning", () -> spin(stubborn));
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> callFromOutside(shards, stubborn, foreigner));
                stubborn.await();

                long before = System.nanoTime();
                boolean clean = shards.stop();

                assertThat(clean).isFalse();
                assertThat(System.nanoTime() - before).isLessThan(BOUND.toNanos());
                assertReported(
                        records, "fiber 'blocked' on shard 0 would not end", "waitForMonitor");
                assertReported(records, "fiber 'spinning' on shard 1 would not end", "spin");
                assertReported(records, "fiber 'submitTo' on shard 0 would not end", "enter");
            }
            assertThatThrownBy(foreigner::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasRootCauseMessage("the runtime has stopped");
        } finally {
            released = true;
        }
        assertOthersStillUnblock();
    }

    private static void assertReported(LogRecords records, String message, String frame) {
        List<LogRecord> reports = records.mentioning(message);
        assertThat(reports).as(message).hasSize(1);
        assertThat(reports.getFirst().getThrown().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains(frame);
    }

    /** The monitor's release has woken fibers of a stopped runtime; nothing must break on that. */
    private void assertOthersStillUnblock() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().smp(1).overprovisioned(true).shutdownGrace(Duration.ZERO);
        try (Shards others = Shards.start(options)) {
            AtomicReference<Thread> fiber = new AtomicReference<>();
            CompletableFuture<String> result;
            synchronized (monitor) {
                result = others.spawn(0, "new", () -> waitForMonitor(new CountDownLatch(0), fiber));
                while (fiber.get() == null || fiber.get().getState() != Thread.State.BLOCKED) {
                    Thread.onSpinWait();
                }
            }
            assertThat(result)
                    .as("a monitor that fibers of the stopped runtime wait for, too")
                    .succeedsWithin(Duration.ofSeconds(5))
                    .isEqualTo("entered");
        }
    }

    private String waitForMonitor(CountDownLatch started, AtomicReference<Thread> self) {
        self.set(Thread.currentThread());
        started.countDown();
        synchronized (monitor) {
            return "entered";
        }
    }

    private Object spin(CountDownLatch started) {
        started.countDown();
        while (!released) {
            Thread.onSpinWait();
        }
        return null;
    }

    private void callFromOutside(
            Shards shards, CountDownLatch started, CompletableFuture<Object> outcome) {
        try {
            outcome.complete(shards.submitTo(0, () -> enter(started)));
        } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
        }
    }

    private Object enter(CountDownLatch started) {
        started.countDown();
        synchronized (monitor) {
            return "entered";
        }
    }
}
