package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.os.Loom;
import io.byssus.runtime.reactor.SchedulingGroup;

/**
 * Who holds a shard.
 *
 * @param description with its kind, as in {@code fiber 'handler'}
 * @param name its own; empty if it has none
 * @param group its scheduling group
 * @param thread the virtual thread; null for a task that is none
 */
record Holder(String description, String name, String group, Thread thread) {
    /**
     * Who {@code task}, which a reactor runs at this moment, belongs to. From any thread.
     *
     * @param group whose slice it is; null if that is not known
     */
    static Holder of(Runnable task, SchedulingGroup group) {
        String groupName = (group == null ? SchedulingGroup.main() : group).name();
        Thread thread = Loom.threadOf(task);
        if (thread == null) {
            String type = task.getClass().getName();
            return new Holder("a task of the runtime (" + type + ")", "", groupName, null);
        }
        Fiber<?> fiber = Fiber.of(thread);
        String name = thread.getName();
        if (fiber != null) {
            return new Holder("fiber '" + name + "'", name, fiber.group().name(), thread);
        }
        String label = name.isEmpty() ? "#" + thread.threadId() : "'" + name + "'";
        return new Holder("virtual thread " + label, name, groupName, thread);
    }
}
