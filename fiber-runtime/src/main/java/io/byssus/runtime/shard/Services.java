package io.byssus.runtime.shard;

import java.util.ArrayList;
import java.util.List;

/**
 * The services of a runtime that have been started and not stopped, for its end.
 *
 * <p><b>Ownership:</b> any thread; its lock is held for a moment only, on cold paths.
 */
final class Services {
    /** In the order in which they were started. */
    private final List<Sharded<?>> started = new ArrayList<>();

    private boolean closed;

    /**
     * @throws IllegalStateException if nobody would stop it any more
     */
    synchronized void add(Sharded<?> service) {
        if (closed) {
            throw new IllegalStateException(service + " cannot start: the runtime is stopping");
        }
        started.add(service);
    }

    synchronized void remove(Sharded<?> service) {
        started.remove(service);
    }

    /** Takes no more; answers what is left, in the order in which it is to be stopped. */
    synchronized List<Sharded<?>> close() {
        closed = true;
        return List.copyOf(started.reversed());
    }
}
