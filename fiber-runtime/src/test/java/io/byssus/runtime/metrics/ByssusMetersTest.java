package io.byssus.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.testing.LogRecords;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ByssusMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LogRecords records = new LogRecords();
    private Shards shards;

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
        new ByssusMeters(shards, List.of(Tag.of("service", "echo"))).bindTo(registry);
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
        records.close();
    }

    @Test
    void everyShardHasTheSameMetersUnderItsNumberAndTheGivenTags() {
        for (String shard : List.of("0", "1")) {
            assertThat(registry.find("byssus.fibers.live").tag("shard", shard).gauge()).isNotNull();
            assertThat(
                            registry.getMeters().stream()
                                    .map(Meter::getId)
                                    .filter(id -> shard.equals(id.getTag("shard")))
                                    .map(Meter.Id::getName))
                    .containsExactlyInAnyOrder(
                            "byssus.shard.utilization",
                            "byssus.shard.run.queue",
                            "byssus.shard.stalls",
                            "byssus.shard.stalls.longest",
                            "byssus.shard.pauses",
                            "byssus.fibers.live",
                            "byssus.fibers.started",
                            "byssus.fibers.failed",
                            "byssus.connections.active",
                            "byssus.connections.accepted",
                            "byssus.bytes.received",
                            "byssus.bytes.sent",
                            "byssus.buffers.live",
                            "byssus.buffers.max",
                            "byssus.buffers.free",
                            "byssus.buffers.limit",
                            "byssus.buffers.waiting",
                            "byssus.buffers.waits",
                            "byssus.buffers.waits.failed",
                            "byssus.buffers.refused",
                            "byssus.timers.armed",
                            "byssus.groups",
                            "byssus.group.fibers",
                            "byssus.group.run.queue",
                            "byssus.group.runtime",
                            "byssus.group.wait");
        }
        assertThat(registry.getMeters())
                .allMatch(meter -> "echo".equals(meter.getId().getTag("service")))
                .allMatch(meter -> meter.getId().getName().matches("[a-z]+(\\.[a-z]+)+"));
    }

    @Test
    void fibersAreCountedOnTheirOwnShard() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        shards.submitTo(
                1,
                () -> {
                    Fiber.start("parked", () -> gate.await());
                    Fiber<Void> failing =
                            Fiber.start(
                                    "failing",
                                    () -> {
                                        throw new IOException("counted");
                                    });
                    while (!failing.isDone()) {
                        Fiber.sleep(Duration.ofNanos(1));
                    }
                    return null;
                });
        // This call is a fiber too: what it sees is up to date on its shard.
        double live = shards.submitTo(1, () -> gauge("byssus.fibers.live", "1"));
        assertThat(live).as("the parked one and the one that asks").isEqualTo(2);
        assertThat(count("byssus.fibers.started", "1")).isEqualTo(4);
        assertThat(count("byssus.fibers.failed", "1")).isEqualTo(1);
        assertThat(count("byssus.fibers.failed", "0")).isZero();
        gate.countDown();
    }

    @Test
    void utilizationIsTheProcessorTimeOfTheShardsOwnCarrierByTime() throws Exception {
        shards.onEach(() -> Fiber.sleep(Duration.ofMillis(1)));
        long begin = System.nanoTime();
        gauge("byssus.shard.utilization", "0"); // measured from here
        gauge("byssus.shard.utilization", "1");
        long idleBegin = carrierNanos(1);
        // However much of a processor the machine has left for it.
        long computed = Duration.ofMillis(50).toNanos();
        shards.submitTo(
                0,
                () -> {
                    long end = carrierNanos(0) + computed;
                    while (carrierNanos(0) < end) {
                        Fiber.yieldIfNeeded();
                    }
                    return null;
                });
        long idleEnd = carrierNanos(1);
        double busy = gauge("byssus.shard.utilization", "0");
        double idle = gauge("byssus.shard.utilization", "1");
        double elapsed = System.nanoTime() - begin;
        assertThat(busy).isBetween(computed / elapsed, 1.0);
        assertThat(idle).isGreaterThanOrEqualTo((idleEnd - idleBegin) / elapsed).isLessThan(busy);
    }

    private long carrierNanos(int shard) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(shards.get(shard).carrierId());
    }

    @Test
    void stallIsCountedWithItsTimeOnItsOwnShard() throws Exception {
        shards.submitTo(
                1,
                () -> {
                    long limit = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                    while (stalls("1").count() == 0 && System.nanoTime() < limit) {
                        Thread.onSpinWait();
                    }
                    return null;
                });
        assertThat(stalls("1").count()).isEqualTo(1);
        assertThat(stalls("1").totalTime(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(25);
        assertThat(
                        registry.get("byssus.shard.stalls.longest")
                                .tag("shard", "1")
                                .timeGauge()
                                .value(TimeUnit.MILLISECONDS))
                .isGreaterThanOrEqualTo(25);
        assertThat(stalls("0").count()).isZero();
    }

    private FunctionTimer stalls(String shard) {
        return registry.get("byssus.shard.stalls").tag("shard", shard).functionTimer();
    }

    @Test
    void figuresOfAStoppedRuntimeCanStillBeRead() {
        assertThat(shards.stop()).isTrue();
        assertThat(gauge("byssus.fibers.live", "0")).isZero();
        assertThat(gauge("byssus.groups", "0")).isEqualTo(1);
        assertThat(gauge("byssus.group.fibers", "0")).isZero();
        assertThat(gauge("byssus.shard.utilization", "0")).isBetween(0.0, 1.0);
    }

    private double gauge(String name, String shard) {
        return registry.get(name).tag("shard", shard).gauge().value();
    }

    private double count(String name, String shard) {
        return registry.get(name).tag("shard", shard).functionCounter().count();
    }
}
