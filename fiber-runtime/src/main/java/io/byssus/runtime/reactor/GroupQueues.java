package io.byssus.runtime.reactor;

import io.byssus.runtime.time.Clock;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scheduling groups that a shard knows, and whose turn it is. With the main group alone, there
 * is nothing to decide and no clock is read. With others, it is read where a turn begins, where one
 * slice ends and the next begins, and when a group becomes runnable on an idle shard or in
 * another's slice.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #known}.
 */
final class GroupQueues {
    private final Reactor reactor;
    private final Clock clock;
    private final Contest top = new Contest(null);
    private final GroupQueue main;

    /** By group; the main group's is not in it. */
    private final Map<SchedulingGroup, GroupQueue> byGroup = new IdentityHashMap<>();

    /** In the order in which they came. Never changed, but replaced. */
    private volatile GroupQueue[] known;

    /** Whether there is more than one. */
    private boolean several;

    /** Whose slice it is, or null between slices. */
    private GroupQueue running;

    /** While {@link #several} and something is runnable: up to when time has been accounted for. */
    private long accountedNanos;

    GroupQueues(Reactor reactor, Clock clock) {
        this.reactor = reactor;
        this.clock = clock;
        this.main = new GroupQueue(reactor, this, null, SchedulingGroup.main());
        this.known = new GroupQueue[] {main};
        main.remembered();
    }

    Contest top() {
        return top;
    }

    GroupQueue main() {
        return main;
    }

    /** Whose slice it is, or null. Another thread may read it. */
    GroupQueue running() {
        return running;
    }

    /** Whether nothing is ready to run. */
    boolean isEmpty() {
        return top.isEmpty();
    }

    /** Everything that is known at this moment. From any thread. */
    List<GroupQueue> known() {
        return List.of(known);
    }

    /** Tasks ready to run. */
    int size() {
        int size = 0;
        for (GroupQueue queue : known) {
            size += queue.runQueueLength();
        }
        return size;
    }

    /** The queue of {@code group}, made if there is none yet. */
    GroupQueue of(SchedulingGroup group) {
        if (group == main.group()) {
            return main;
        }
        GroupQueue queue = byGroup.get(group);
        return queue != null ? queue : make(group);
    }

    private GroupQueue make(SchedulingGroup group) {
        assert reactor.isCurrent() : "another shard's queue";
        SchedulingGroup parent = group.parentOrNull();
        GroupQueue queue = new GroupQueue(reactor, this, parent == null ? null : of(parent), group);
        remember(queue);
        return queue;
    }

    private void remember(GroupQueue queue) {
        if (queue.parent != null && !queue.parent.isKnown()) {
            remember(queue.parent);
        }
        if (!several) {
            several = true;
            accountedNanos = clock.nanoTime();
            main.beginAccount(accountedNanos);
        }
        byGroup.putIfAbsent(queue.group(), queue);
        known = CopyOnWrite.with(known, queue);
        queue.remembered();
    }

    /** Unless it was forgotten already. */
    void forget(GroupQueue queue) {
        if (queue.isKnown()) {
            known = CopyOnWrite.without(known, queue);
            several = known.length > 1;
            byGroup.remove(queue.group(), queue);
            queue.forgotten();
        }
    }

    /** {@code queue} has got its first task. */
    void nowRunnable(GroupQueue queue) {
        if (several || queue != main) {
            enterAmongSeveral(queue);
        } else {
            queue.enter(accountedNanos);
        }
    }

    private void enterAmongSeveral(GroupQueue queue) {
        // A thread that is no fiber may outlive what the shard knows of its group.
        if (!queue.isKnown()) {
            remember(queue);
        }
        long now = accountedNanos;
        if (running != null || top.isEmpty()) {
            now = clock.nanoTime();
        }
        if (top.isEmpty()) {
            accountedNanos = now;
        }
        queue.enter(now);
    }

    /** What the shard did since the last slice, such as its I/O, is charged to nobody. */
    void beginTurn() {
        if (several && !top.isEmpty()) {
            accountedNanos = clock.nanoTime();
        }
    }

    /** Begins a slice of whoever has had least, or answers null if nothing is ready. */
    GroupQueue beginSlice() {
        if (top.isEmpty()) {
            return null;
        }
        Contender contender = top.first();
        while (contender.inner != null) {
            contender = contender.inner.first();
        }
        GroupQueue queue = contender.queue;
        running = queue;
        queue.beginSlice(accountedNanos);
        return queue;
    }

    /** Ends the slice that {@link #beginSlice} began. */
    void endSlice() {
        GroupQueue queue = running;
        running = null;
        if (several) {
            long now = clock.nanoTime();
            queue.charge(now - accountedNanos, now);
            accountedNanos = now;
        }
        if (queue.leaveIfEmpty() && queue != main) {
            queue.forgetIfOver();
        }
    }

    /** Lets groups that go on without this shard forget it. After its last turn. */
    void close() {
        for (GroupQueue queue : known) {
            queue.group().removeQueue(queue);
        }
    }
}
