package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In real time; a fiber stalls until it is reported, so that a slow machine takes longer. */
class StallDetectorTest {
    private static final String THREAD = "byssus-stalls";
    private static final Duration THRESHOLD = Duration.ofMillis(25);
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int SLICE_MICROS = 60_000;

    private final LogRecords records = new LogRecords();
    private Shards shards;

    @BeforeEach
    void start() {
        shards = Shards.start(options().stallThreshold(THRESHOLD));
    }

    private static RuntimeOptions options() {
        return new RuntimeOptions().smp(2).overprovisioned(true);
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
        records.close();
    }

    private void onFiber(int shard, String name, Runnable body) {
        Object ignored =
                shards.spawn(
                                shard,
                                name,
                                () -> {
                                    body.run();
                                    return null;
                                })
                        .join();
        assertThat(ignored).isNull();
    }

    /** Holds the shard by {@code slice} until a stall of it has been counted. */
    private void untilCounted(int shard, Runnable slice) {
        long count = shards.get(shard).stalls().count();
        long limit = System.nanoTime() + LIMIT_NANOS;
        while (shards.get(shard).stalls().count() == count && System.nanoTime() < limit) {
            slice.run();
        }
    }

    private void computeUntilReported(String name) {
        String text = "by fiber '" + name + "'";
        long limit = System.nanoTime() + LIMIT_NANOS;
        while (System.nanoTime() < limit && !records.hasMentioned(text)) {
            compute();
        }
    }

    private static void compute() {
        for (int i = 0; i < 100_000; i++) {
            Thread.onSpinWait();
        }
    }

    private String reportOf(String holder) {
        Eventually.until(
                "a report of " + holder, () -> !records.mentioning("by " + holder).isEmpty());
        List<String> reports =
                records.mentioning("by " + holder).stream()
                        .map(record -> record.getMessage())
                        .toList();
        assertThat(reports).as("one report per stall").hasSize(1);
        return reports.getFirst();
    }

    /** It can look when descriptors have run out, and their number is the same from then on. */
    @Test
    void itsFilesAreOpenBeforeAnythingStalls() {
        Eventually.until("two for each shard, and for itself", () -> filesOfThreads() == 2 * 3);
    }

    private static long filesOfThreads() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(StallDetectorTest::isOfThread).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOfThread(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("/task/");
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }

    @Test
    void computingFiberIsReportedWithTheStackItHadWhileItStalled() {
        onFiber(1, "loop", () -> computeUntilReported("loop"));
        assertThat(reportOf("fiber 'loop'"))
                .startsWith("shard 1 has been held for ")
                .contains("by fiber 'loop' (group main), on the processor for ")
                .contains("Fiber.yieldIfNeeded() in its loop, or Blocking.call")
                .contains("at " + StallDetectorTest.class.getName() + ".computeUntilReported(")
                .doesNotContain("jdk.internal.vm", "java.lang.VirtualThread.run");
        Eventually.until(
                "its end is told",
                () -> !records.mentioning("goes on: fiber 'loop' (group main) held").isEmpty());
        assertThat(shards.get(1).stalls().count()).isEqualTo(1);
        assertThat(shards.get(0).stalls().count()).isZero();
        assertThat(shards.get(1).stalls().longest()).isGreaterThanOrEqualTo(THRESHOLD);
        assertThat(shards.get(1).stalls().total()).isEqualTo(shards.get(1).stalls().longest());
    }

    @Test
    void sleepInAStaticInitialiserIsReportedAsBlockedAndTheClassIsNamed() {
        onFiber(
                0,
                "initialiser",
                () -> {
                    SlowToInitialise.test = this;
                    assertThat(SlowToInitialise.Slow.done).isTrue();
                });
        assertThat(reportOf("fiber 'initialiser'"))
                .contains("(group main), blocked for ")
                .contains("it initialises " + SlowToInitialise.Slow.class.getName())
                .contains(".<clinit>(StallDetectorTest.java");
    }

    /** What {@link Slow} needs. */
    private static final class SlowToInitialise {
        static StallDetectorTest test;

        /** Sleeps until that has been noticed. */
        static final class Slow {
            static final boolean done;

            static {
                // pinned: this does not park the fiber, it blocks its shard
                test.untilCounted(0, () -> LockSupport.parkNanos(SLICE_MICROS * 1_000L));
                done = true;
            }
        }
    }

    @Test
    void nativeCallIsReportedAsBlocked() {
        onFiber(0, "native", () -> untilCounted(0, StallDetectorTest::sleepInC));
        assertThat(reportOf("fiber 'native'"))
                .contains("(group main), blocked for ")
                .contains("; Blocking.call would let others run")
                .contains(StallDetectorTest.class.getName() + ".sleepInC(");
    }

    @SuppressWarnings("restricted")
    private static void sleepInC() {
        MethodHandle usleep =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().find("usleep").orElseThrow(),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) usleep.invokeExact(SLICE_MICROS);
            assertThat(result).isZero();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void twoShardsThatStallAtTheSameTimeAreBothReported() {
        CountDownLatch both = new CountDownLatch(2);
        AtomicBoolean over = new AtomicBoolean();
        for (int shard = 0; shard < 2; shard++) {
            Object ignored =
                    shards.spawn(
                            shard,
                            "loop-" + shard,
                            () -> {
                                both.countDown();
                                while (!over.get()) {
                                    compute();
                                }
                                return null;
                            });
            assertThat(ignored).isNotNull();
        }
        try {
            String first = reportOf("fiber 'loop-0'");
            String second = reportOf("fiber 'loop-1'");
            assertThat(first).startsWith("shard 0 has been held");
            assertThat(second).startsWith("shard 1 has been held");
        } finally {
            over.set(true);
        }
    }

    @Test
    void samplerSleepsWhenAllShardsSleepAndNoticesTheNextStall() {
        Thread sampler = samplers().getFirst();
        for (int round = 0; round < 3; round++) {
            Eventually.until(
                    "it sleeps without a limit", () -> sampler.getState() == Thread.State.WAITING);
            String name = "after-rest-" + round;
            onFiber(round % 2, name, () -> computeUntilReported(name));
            assertThat(reportOf("fiber '" + name + "'")).contains("has been held");
        }
    }

    @Test
    void codeThatWaitsProperlyIsNotReported() {
        onFiber(
                0,
                "waiting",
                () -> {
                    Fiber.sleep(THRESHOLD.multipliedBy(3));
                    LockSupport.parkNanos(THRESHOLD.multipliedBy(3).toNanos());
                    try {
                        Object ignored =
                                Blocking.call(() -> {
                                    LockSupport.parkNanos(THRESHOLD.multipliedBy(3).toNanos());
                                    return null;
                                });
                        assertThat(ignored).isNull();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
        assertThat(records.mentioning("fiber 'waiting'")).isEmpty();
    }

    @Test
    void flightRecorderGetsTheStallAndItsEnd(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("stalls.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            onFiber(1, "recorded", () -> computeUntilReported("recorded"));
            Eventually.until("it ends", () -> shards.get(1).stalls().holder().isEmpty());
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events =
                RecordingFile.readAllEvents(file).stream()
                        .filter(event -> event.getEventType().getName().equals("io.byssus.Stall"))
                        .filter(event -> event.getString("holder").equals("fiber 'recorded'"))
                        .toList();
        assertThat(events).hasSize(2);
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.getInt("shard")).isEqualTo(1);
                    assertThat(event.getString("group")).isEqualTo("main");
                    assertThat(event.getString("kind")).isEqualTo("ON_CPU");
                    assertThat(event.getDuration("held")).isGreaterThanOrEqualTo(THRESHOLD);
                });
        assertThat(events).extracting(event -> event.getBoolean("ended")).contains(true, false);
        assertThat(events)
                .extracting(event -> event.getString("stack"))
                .anyMatch(stack -> stack.contains("computeUntilReported"));
    }

    @Test
    void detectorThatIsOffHasNoThread() {
        try (Shards others = Shards.start(options().stallThreshold(Duration.ZERO))) {
            assertThat(others.count()).isEqualTo(2);
            assertThat(samplers()).as("that of the other runtime").hasSize(1);
        }
    }

    @Test
    void stallDuringTheStopDoesNotKeepTheSamplerAlive() throws Exception {
        Shards others =
                Shards.start(
                        options().stallThreshold(THRESHOLD).shutdownGrace(Duration.ofMillis(1)));
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch running = new CountDownLatch(1);
        Object ignored =
                others.spawn(
                        0,
                        "endless",
                        () -> {
                            running.countDown();
                            while (!over.get()) {
                                compute();
                            }
                            return null;
                        });
        assertThat(ignored).isNotNull();
        try {
            running.await();
            assertThat(others.stop()).isFalse();
            Eventually.until("only ours is left", () -> samplers().size() == 1);
        } finally {
            over.set(true);
        }
    }

    private static List<Thread> samplers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(THREAD))
                .toList();
    }
}
