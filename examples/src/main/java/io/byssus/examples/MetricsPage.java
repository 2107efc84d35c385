package io.byssus.examples;

import io.byssus.runtime.metrics.ByssusMeters;
import io.byssus.runtime.shard.Shards;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The runtime's figures as text for Prometheus.
 *
 * <p><b>Ownership:</b> any shard. The lock is among those who ask at the same time; no shard that
 * only serves waits for it.
 */
final class MetricsPage {
    private final Shards shards;
    private PrometheusMeterRegistry registry;

    MetricsPage(Shards shards) {
        this.shards = shards;
    }

    /** In Prometheus's text format 0.0.4. */
    synchronized String text() {
        if (registry == null) {
            // Not before somebody asks: it would take a third of the server's start.
            registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            new ByssusMeters(shards).bindTo(registry);
        }
        return registry.scrape();
    }
}
