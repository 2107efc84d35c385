package io.byssus.runtime.metrics;

import io.byssus.runtime.reactor.GroupQueue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What the scheduling groups of one name have done on one shard. As long as there is one, nothing
 * is lost of those that have gone, so that the sums never go back.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class GroupFigures {
    private List<GroupQueue> queues = List.of();

    // What those have done that are not in the list any more.
    private long goneSlices;
    private long goneRuntimeNanos;
    private long goneWaitNanos;

    /** From now on there are {@code now}. */
    synchronized void replace(List<GroupQueue> now) {
        Set<GroupQueue> stay = new HashSet<>(now);
        for (GroupQueue queue : queues) {
            if (!stay.contains(queue)) {
                goneSlices += queue.slices();
                goneRuntimeNanos += queue.runtimeNanos();
                goneWaitNanos += queue.waitNanos();
            }
        }
        queues = List.copyOf(now);
    }

    synchronized long fibersLive() {
        return sum(GroupQueue::fibersLive);
    }

    /** Tasks ready to run. */
    synchronized long ready() {
        return sum(GroupQueue::runQueueLength);
    }

    synchronized long slices() {
        return goneSlices + sum(GroupQueue::slices);
    }

    synchronized long runtimeNanos() {
        return goneRuntimeNanos + sum(GroupQueue::runtimeNanos);
    }

    synchronized long waitNanos() {
        return goneWaitNanos + sum(GroupQueue::waitNanos);
    }

    private long sum(ToLongFunction<GroupQueue> figure) {
        long sum = 0;
        for (GroupQueue queue : queues) {
            sum += figure.applyAsLong(queue);
        }
        return sum;
    }
}
