package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.ShardLocal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The periodic timers of a shard, so that none starts a fiber once the runtime stops.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class PeriodicTimers {
    static final ShardLocal<PeriodicTimers> LOCAL =
            new ShardLocal<>(reactor -> new PeriodicTimers());

    private final Set<PeriodicTimer> active = new LinkedHashSet<>();
    private boolean stopped;

    boolean isStopped() {
        return stopped;
    }

    void add(PeriodicTimer timer) {
        active.add(timer);
    }

    void remove(PeriodicTimer timer) {
        active.remove(timer);
    }

    void stop() {
        stopped = true;
        List.copyOf(active).forEach(PeriodicTimer::cancel);
        assert active.isEmpty();
    }
}
