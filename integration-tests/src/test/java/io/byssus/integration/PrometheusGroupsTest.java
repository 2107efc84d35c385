package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.metrics.ByssusMeters;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Scheduling groups that come and go between two scrapes of Prometheus. */
class PrometheusGroupsTest {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @Test
    void groupIsInTheSecondScrapeAfterItCameAndNotInTheSecondAfterItHasGone() throws Exception {
        try (Shards shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true))) {
            new ByssusMeters(shards).bindTo(registry);
            assertThat(registry.scrape())
                    .contains("byssus_groups{shard=\"0\"} 1.0\n")
                    .contains("byssus_group_runtime_seconds_count{group=\"main\",shard=\"1\"} ");
            SchedulingGroup group = new SchedulingGroup("batch", 100);
            CountDownLatch end = new CountDownLatch(1);
            Fiber<Void> parked =
                    shards.submitTo(1, () -> Fiber.start(group, "parked", () -> end.await()));

            String ignored = registry.scrape();
            assertThat(registry.scrape())
                    .contains("byssus_group_fibers{group=\"batch\",shard=\"1\"} 1.0\n")
                    .contains("byssus_group_wait_seconds_sum{group=\"batch\",shard=\"1\"} ")
                    .contains("byssus_groups{shard=\"1\"} 2.0\n")
                    .doesNotContain("group=\"batch\",shard=\"0\"");

            end.countDown();
            parked.join();
            group.close();
            shards.submitTo(1, () -> 0); // it is forgotten in a task of the shard
            ignored = registry.scrape();
            assertThat(registry.scrape()).doesNotContain("batch").contains("group=\"main\"");
        }
    }
}
