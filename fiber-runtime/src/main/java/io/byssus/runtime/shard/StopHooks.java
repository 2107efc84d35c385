package io.byssus.runtime.shard;

import io.byssus.runtime.log.ShardLog;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a shard does first when the runtime stops, such as closing its listeners.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class StopHooks {
    private final Set<Runnable> hooks = new LinkedHashSet<>();
    private boolean stopped;

    /** A hook that comes too late runs at once. */
    Runnable add(Runnable hook) {
        if (stopped) {
            hook.run();
        } else {
            hooks.add(hook);
        }
        return () -> hooks.remove(hook);
    }

    void run() {
        stopped = true;
        List<Runnable> now = List.copyOf(hooks);
        hooks.clear();
        for (Runnable hook : now) {
            try {
                hook.run();
            } catch (Throwable e) {
                ShardLog.error("a stop hook failed", e);
            }
        }
    }
}
