package io.byssus.runtime.metrics;

import io.byssus.runtime.diagnostics.ShardStalls;
import io.byssus.runtime.memory.BufferCounters;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorCounters;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Binds a runtime's figures to a registry, one set per shard (tag {@code shard}):
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><td>{@code byssus.shard.utilization}<td>gauge, 0..1: processor time of the carrier by time
 * <td>since the last reading
 * <tr><td>{@code byssus.shard.run.queue}<td>gauge: tasks ready to run<td>
 * <tr><td>{@code byssus.shard.stalls}<td>timer: how often and how long a fiber held the shard for
 * <td>longer than the stall threshold
 * <tr><td>{@code byssus.shard.stalls.longest}<td>gauge, time: the longest since the start<td>
 * <tr><td>{@code byssus.shard.pauses}<td>timer: as stalls, when no fiber was to blame<td>
 * <tr><td>{@code byssus.fibers.live}, {@code .started}, {@code .failed}<td>gauge, counters<td>
 * <tr><td>{@code byssus.connections.active}, {@code .accepted}<td>gauge, counter<td>
 * <tr><td>{@code byssus.bytes.received}, {@code .sent}<td>counters, bytes<td>
 * <tr><td>{@code byssus.buffers.live}, {@code .max}, {@code .free}, {@code .limit}<td>gauges, bytes:
 * in use,<td>the most that ever was, kept for reuse, what fibers may use
 * <tr><td>{@code byssus.buffers.waiting}<td>gauge: fibers that wait for buffer memory<td>
 * <tr><td>{@code byssus.buffers.waits}, {@code .waits.failed}, {@code .refused}<td>counters:
 * allocations<td>that waited, in vain; that could not wait and got nothing
 * <tr><td>{@code byssus.timers.armed}<td>gauge: timers in the shard's wheel<td>
 * <tr><td>{@code byssus.groups}<td>gauge: scheduling groups that the shard knows<td>
 * </table>
 *
 * And one set per scheduling group on the shard (tags {@code shard} and {@code group}, its name):
 *
 * <table>
 * <caption>Meters of a group</caption>
 * <tr><td>{@code byssus.group.fibers}<td>gauge: fibers that have not ended
 * <tr><td>{@code byssus.group.run.queue}<td>gauge: tasks ready to run
 * <tr><td>{@code byssus.group.runtime}<td>timer: slices of the shard that it had, and their time
 * <tr><td>{@code byssus.group.wait}<td>timer: the same slices, and what it waited for them
 * </table>
 *
 * The meters of a group come and go with it, each time {@code byssus.groups} is read, as every
 * scrape does; what lives shorter is not seen. Groups of the same name have their meters together.
 * Times are measured while the shard knows more than the main group.
 *
 * <p>The shards count without atomics; what is read here may be a moment old.
 */
public final class ByssusMeters implements MeterBinder {
    private final Shards shards;
    private final List<Tag> tags;

    public ByssusMeters(Shards shards) {
        this(shards, List.of());
    }

    /** As {@link #ByssusMeters(Shards)}, with {@code tags} on every meter. */
    public ByssusMeters(Shards shards, List<Tag> tags) {
        this.shards = Objects.requireNonNull(shards);
        this.tags = List.copyOf(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Shard shard : shards.all()) {
            bind(registry, shard, Tags.of(tags).and("shard", Integer.toString(shard.id())));
        }
    }

    private static void bind(MeterRegistry registry, Shard shard, Tags tags) {
        ReactorCounters counters = shard.reactor().counters();
        Utilization utilization = Utilization.of(shard);
        Gauge.builder("byssus.shard.utilization", utilization, Utilization::read)
                .description("Share of a processor that the shard's carrier used")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        Gauge.builder("byssus.shard.run.queue", shard, s -> s.reactor().runQueueLength())
                .description("Tasks ready to run")
                .baseUnit("tasks")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        bindStalls(registry, shard.stalls(), tags);
        gauge(registry, tags, "byssus.fibers.live", "fibers", counters, c -> c.fibersLive);
        gauge(
                registry,
                tags,
                "byssus.connections.active",
                "connections",
                counters,
                c -> c.connectionsActive);
        count(registry, tags, "byssus.fibers.started", "fibers", counters, c -> c.fibersStarted);
        count(registry, tags, "byssus.fibers.failed", "fibers", counters, c -> c.fibersFailed);
        count(
                registry,
                tags,
                "byssus.connections.accepted",
                "connections",
                counters,
                c -> c.connectionsAccepted);
        count(registry, tags, "byssus.bytes.received", "bytes", counters, c -> c.bytesReceived);
        count(registry, tags, "byssus.bytes.sent", "bytes", counters, c -> c.bytesSent);
        gauge(
                registry,
                tags,
                "byssus.timers.armed",
                "timers",
                shard.reactor(),
                Reactor::armedTimers);
        bindBuffers(registry, shard.buffers(), tags);
        GroupMeters.bind(registry, shard.reactor(), tags);
    }

    private static void bindBuffers(MeterRegistry registry, BufferPool pool, Tags tags) {
        gauge(registry, tags, "byssus.buffers.live", "bytes", pool, BufferPool::liveBytes);
        gauge(registry, tags, "byssus.buffers.max", "bytes", pool, BufferPool::liveBytesMax);
        gauge(registry, tags, "byssus.buffers.free", "bytes", pool, BufferPool::freeBytes);
        gauge(registry, tags, "byssus.buffers.limit", "bytes", pool, p -> p.limits().usableBytes());
        gauge(registry, tags, "byssus.buffers.waiting", "fibers", pool, BufferPool::waitingFibers);
        BufferCounters counters = pool.counters();
        count(registry, tags, "byssus.buffers.waits", "allocations", counters, c -> c.waits);
        count(
                registry,
                tags,
                "byssus.buffers.waits.failed",
                "allocations",
                counters,
                c -> c.waitsFailed);
        count(registry, tags, "byssus.buffers.refused", "allocations", counters, c -> c.refusals);
    }

    private static void bindStalls(MeterRegistry registry, ShardStalls stalls, Tags tags) {
        FunctionTimer.builder(
                        "byssus.shard.stalls",
                        stalls,
                        ShardStalls::count,
                        s -> s.total().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("A fiber held the shard for longer than the stall threshold")
                .tags(tags)
                .register(registry);
        TimeGauge.builder(
                        "byssus.shard.stalls.longest",
                        stalls,
                        TimeUnit.NANOSECONDS,
                        s -> s.longest().toNanos())
                .description("The longest stall since the start")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        FunctionTimer.builder(
                        "byssus.shard.pauses",
                        stalls,
                        ShardStalls::pauseCount,
                        s -> s.pauseTotal().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("The shard stood still: no processor, or the JVM was paused")
                .tags(tags)
                .register(registry);
    }

    private static <T> void gauge(
            MeterRegistry registry,
            Tags tags,
            String name,
            String unit,
            T source,
            ToDoubleFunction<T> figure) {
        Gauge.builder(name, source, figure)
                .baseUnit(unit)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private static <T> void count(
            MeterRegistry registry,
            Tags tags,
            String name,
            String unit,
            T source,
            ToDoubleFunction<T> figure) {
        FunctionCounter.builder(name, source, figure).baseUnit(unit).tags(tags).register(registry);
    }
}
