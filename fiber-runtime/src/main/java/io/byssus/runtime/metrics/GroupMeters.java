package io.byssus.runtime.metrics;

import io.byssus.runtime.reactor.GroupQueue;
import io.byssus.runtime.reactor.Reactor;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The meters of one shard's scheduling groups, by name. Groups come and go while the registry is
 * bound; to hear of it at once, a shard would have to take the registry's lock, which no carrier
 * may. So it is the reading of {@code byssus.groups} that adds the meters of what has come and
 * removes those of what has gone, on the thread that reads.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class GroupMeters {
    private final MeterRegistry registry;
    private final Reactor reactor;
    private final Tags tags;
    private final Map<String, Named> byName = new HashMap<>();

    /** Of the last reading. */
    private List<GroupQueue> known = List.of();

    private record Named(GroupFigures figures, List<Meter> meters) {}

    private GroupMeters(MeterRegistry registry, Reactor reactor, Tags tags) {
        this.registry = registry;
        this.reactor = reactor;
        this.tags = tags;
    }

    /** Binds those that there are, and from now on those that come. */
    static void bind(MeterRegistry registry, Reactor reactor, Tags tags) {
        GroupMeters meters = new GroupMeters(registry, reactor, tags);
        meters.refresh();
        Gauge.builder("byssus.groups", meters, GroupMeters::refresh)
                .description("Scheduling groups that the shard knows")
                .baseUnit("groups")
                .tags(tags)
                .strongReference(true) // and so of all their figures
                .register(registry);
    }

    /** How many groups there are; each has its meters then. */
    private synchronized int refresh() {
        List<GroupQueue> now = reactor.groups();
        if (!now.equals(known)) {
            known = now;
            Map<String, List<GroupQueue>> queues = new HashMap<>();
            for (GroupQueue queue : now) {
                queues.computeIfAbsent(queue.group().name(), name -> new ArrayList<>()).add(queue);
            }
            byName.entrySet().removeIf(entry -> removeUnlessIn(queues, entry.getKey()));
            queues.forEach((name, all) ->
                    byName.computeIfAbsent(name, this::register).figures.replace(all));
        }
        return now.size();
    }

    private boolean removeUnlessIn(Map<String, List<GroupQueue>> queues, String name) {
        if (queues.containsKey(name)) {
            return false;
        }
        byName.get(name).meters.forEach(registry::remove);
        return true;
    }

    private Named register(String name) {
        GroupFigures figures = new GroupFigures();
        Tags both = tags.and("group", name);
        return new Named(
                figures,
                List.of(
                        Gauge.builder("byssus.group.fibers", figures, GroupFigures::fibersLive)
                                .description("Fibers of the group that have not ended")
                                .baseUnit("fibers")
                                .tags(both)
                                .register(registry),
                        Gauge.builder("byssus.group.run.queue", figures, GroupFigures::ready)
                                .description("Tasks of the group that are ready to run")
                                .baseUnit("tasks")
                                .tags(both)
                                .register(registry),
                        FunctionTimer.builder(
                                        "byssus.group.runtime",
                                        figures,
                                        GroupFigures::slices,
                                        GroupFigures::runtimeNanos,
                                        TimeUnit.NANOSECONDS)
                                .description("The group's slices of the shard")
                                .tags(both)
                                .register(registry),
                        FunctionTimer.builder(
                                        "byssus.group.wait",
                                        figures,
                                        GroupFigures::slices,
                                        GroupFigures::waitNanos,
                                        TimeUnit.NANOSECONDS)
                                .description("What the group waited for its slices")
                                .tags(both)
                                .register(registry)));
    }
}
