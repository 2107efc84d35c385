package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the sampler looks again, and what its own lateness tells it. */
class StallSamplerTest {
    private static final Duration THRESHOLD = Duration.ofMillis(25);
    private static final long BUSY_MILLIS = 10;
    private static final long IDLE_MILLIS = 20;

    private final ManualClock clock = new ManualClock();
    private final FakeTimes own = new FakeTimes();
    private final List<FakeTimes> carriers = List.of(new FakeTimes(), new FakeTimes());
    private final List<ShardStalls> stalls = List.of(new ShardStalls(), new ShardStalls());
    private final LogRecords records = new LogRecords();
    private long collectorsNanos = Duration.ofSeconds(7).toNanos(); // from before
    private StallSampler sampler;
    private List<SteppedReactor> shards;

    @AfterEach
    void release() {
        records.close();
    }

    private void onShards(SteppedReactor.Body body) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            shards = Stream.of(0, 1).map(id -> new SteppedReactor(id, clock)).toList();
            JvmPauses pauses = new JvmPauses(clock, own, () -> collectorsNanos);
            List<ShardWatch> watches =
                    Stream.of(0, 1)
                            .map(id ->
                                    new ShardWatch(
                                            shards.get(id).reactor(),
                                            Thread.currentThread(),
                                            stalls.get(id),
                                            warm(),
                                            new HeldTime(clock, carriers.get(id), pauses),
                                            Runnable::run))
                            .toList();
            sampler = new StallSampler(watches, pauses, THRESHOLD.toNanos());
            body.run();
        });
    }

    /** Looks, and lets the time pass until the next look. */
    private long lookAndSleep() {
        Duration delay = Duration.ofNanos(sampler.sample(clock.nanoTime()));
        clock.advance(delay);
        return delay.toMillis();
    }

    private void fiber(int shard, FiberTask body) {
        shards.get(shard).start("fiber-" + shard, body);
        shards.get(shard).settle();
    }

    @Test
    void itLooksOftenOnlyWhileATaskRuns() throws Throwable {
        onShards(() -> {
            assertThat(lookAndSleep()).isEqualTo(IDLE_MILLIS);
            fiber(1, () -> assertThat(lookAndSleep()).isEqualTo(BUSY_MILLIS));
            assertThat(lookAndSleep()).isEqualTo(IDLE_MILLIS);
        });
    }

    @Test
    void stallIsRecognisedWithinTwiceTheThresholdWheneverItBegins() throws Throwable {
        onShards(() -> {
            for (int begin = 0; begin <= IDLE_MILLIS; begin++) {
                long before = stalls.getFirst().count();
                long asleep = sampler.sample(clock.nanoTime());
                Duration gone = Duration.ofMillis(begin);
                clock.advance(gone);
                Duration firstLook = Duration.ofNanos(asleep).minus(gone);
                fiber(0, () -> assertStallsWithin(firstLook, before));
            }
        });
    }

    private void assertStallsWithin(Duration firstLook, long before) {
        FakeTimes carrier = carriers.getFirst();
        Duration held = firstLook;
        clock.advance(firstLook);
        carrier.run(firstLook);
        while (stalls.getFirst().count() == before) {
            Duration delay = Duration.ofNanos(sampler.sample(clock.nanoTime()));
            if (stalls.getFirst().count() == before) {
                clock.advance(delay);
                carrier.run(delay);
                held = held.plus(delay);
            }
        }
        assertThat(held).isBetween(THRESHOLD, THRESHOLD.multipliedBy(2));
    }

    @Test
    void samplerThatIsLateTogetherWithTheCarrierHasSeenAPause() throws Throwable {
        onShards(() ->
                fiber(
                        0,
                        () -> {
                            lookAndSleep();
                            carriers.getFirst().state = State.WAITING;
                            clock.advance(Duration.ofSeconds(3));
                            lookAndSleep();
                        }));
        sampler.sample(clock.nanoTime());
        assertThat(stalls.getFirst().count()).isZero();
        assertThat(stalls.getFirst().pauseCount()).isEqualTo(1);
        assertThat(stalls.getFirst().pauseTotal()).isBetween(THRESHOLD, Duration.ofMillis(3_010));
    }

    @Test
    void samplerThatWaitedForAProcessorItselfHasNotSeenAPause() throws Throwable {
        onShards(() ->
                fiber(
                        0,
                        () -> {
                            lookAndSleep();
                            carriers.getFirst().state = State.WAITING;
                            own.waited(Duration.ofSeconds(2));
                            own.run(Duration.ofSeconds(1));
                            clock.advance(Duration.ofSeconds(3));
                            lookAndSleep();
                        }));
        assertThat(stalls.getFirst().count()).as("the fiber was blocked").isEqualTo(1);
    }

    @Test
    void collectionsThatEndBeforeTheSamplerWakesAreNoStall() throws Throwable {
        FakeTimes carrier = carriers.getFirst();
        onShards(() ->
                fiber(
                        0,
                        () -> {
                            lookAndSleep();
                            carrier.state = State.RUNNABLE;
                            for (int i = 0; i < 8; i++) {
                                // of 10 ms 8 are paused
                                carrier.run(Duration.ofMillis(2));
                                collectorsNanos += Duration.ofMillis(8).toNanos();
                                lookAndSleep();
                            }
                        }));
        sampler.sample(clock.nanoTime());
        assertThat(stalls.getFirst().count()).isZero();
        assertThat(stalls.getFirst().pauseCount()).isEqualTo(1);
        assertThat(records.mentioning("fiber-0")).isEmpty();
    }

    @Test
    void collectionsExcuseNoFiberThatComputesBesideThem() throws Throwable {
        FakeTimes carrier = carriers.getFirst();
        onShards(() ->
                fiber(
                        0,
                        () -> {
                            lookAndSleep();
                            for (int i = 0; i < 4; i++) {
                                carrier.run(Duration.ofMillis(BUSY_MILLIS));
                                collectorsNanos += Duration.ofMillis(8).toNanos();
                                lookAndSleep();
                            }
                        }));
        assertThat(stalls.getFirst().count()).isEqualTo(1);
    }

    /** Of a shard that has run for long. */
    private static StallThreshold warm() {
        StallThreshold threshold = new StallThreshold(THRESHOLD.toNanos(), 0);
        long ignored = threshold.nanos(-StallThreshold.WARM_UP_NANOS);
        assertThat(ignored).isGreaterThan(THRESHOLD.toNanos());
        return threshold;
    }
}
