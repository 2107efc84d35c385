package io.byssus.runtime.diagnostics;

import java.util.List;

/**
 * A fiber as it was at one moment.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param id of its thread, as in {@code jcmd Thread.dump_to_file}
 * @param name as it was given
 * @param group the name of its scheduling group
 * @param state what it does
 * @param waitsFor what it is parked for, in words; empty if it is not parked, or that is not known
 * @param stack top first, without the frames that every fiber has; empty if it has not run yet, or
 *     if there were more fibers than stacks were wanted
 */
public record FiberSnapshot(
        long id,
        String name,
        String group,
        State state,
        String waitsFor,
        List<StackTraceElement> stack) {
    /** What a fiber does. */
    public enum State {
        /** It holds its shard. */
        RUNNING,
        /** It could run, and waits for its shard. */
        READY,
        /** It has not run yet. */
        NEW,
        /** It waits for something. */
        PARKED
    }

    public FiberSnapshot {
        stack = List.copyOf(stack);
    }

    @Override
    public String toString() {
        return "'" + name + "' #" + id;
    }
}
