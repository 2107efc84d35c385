/**
 * The shards' counters as Micrometer meters.
 *
 * <p>May import everything of the runtime. A scrape reads plain counters from its own thread and
 * never stops a shard.
 */
package io.byssus.runtime.metrics;
