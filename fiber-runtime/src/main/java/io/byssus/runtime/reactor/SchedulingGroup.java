package io.byssus.runtime.reactor;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Fibers that share a shard with the fibers of other groups by shares: while both have something to
 * run, a group of 300 shares gets three times as much of a shard as one of 100. A group that has
 * nothing to run uses nothing up, and saves nothing up.
 *
 * <p>A fiber runs in one group from its start to its end: in the one that it was started in, by
 * default its starter's. Its I/O, its timers and the calls that it makes to other shards run there,
 * too. Whatever was started in no group is in {@link #main}.
 *
 * <p>Groups may be nested: what a group gets is shared among its nested groups by their shares. The
 * group's own fibers count as one more nested group, of {@link #SHARES_DEFAULT} shares.
 *
 * <p>There may be any number of groups, made and closed at any time. A group exists on a shard from
 * its first fiber there; once it is closed and its last fiber there has ended, the shard forgets
 * it.
 *
 * <p><b>Ownership:</b> any thread, and any runtime of the process.
 */
public final class SchedulingGroup implements AutoCloseable {
    /** The fewest shares of a group. */
    public static final int SHARES_MIN = 1;

    /** The most shares of a group. */
    public static final int SHARES_MAX = 1000;

    /** The shares of the main group, as long as nobody changes them. */
    public static final int SHARES_DEFAULT = SHARES_MAX;

    private static final int CLOSED = -1;
    private static final GroupQueue[] NOWHERE = {};
    private static final SchedulingGroup MAIN = new SchedulingGroup(null, "main", SHARES_DEFAULT);

    private final SchedulingGroup parent;
    private final String name;
    private volatile int shares;

    /** Open nested groups; or {@link #CLOSED}. */
    private final AtomicInteger nested = new AtomicInteger();

    /** Where the shards that know this group keep its tasks; the main group does not care. */
    private final AtomicReference<GroupQueue[]> queues = new AtomicReference<>(NOWHERE);

    /**
     * Makes a group that competes with the main group.
     *
     * @param name for logs, dumps and meters; need not be unique
     * @param shares {@link #SHARES_MIN} to {@link #SHARES_MAX}
     * @throws IllegalArgumentException if there are too few or too many shares
     */
    public SchedulingGroup(String name, int shares) {
        this(null, name, shares);
    }

    private SchedulingGroup(SchedulingGroup parent, String name, int shares) {
        this.parent = parent;
        this.name = Objects.requireNonNull(name, "name");
        this.shares = checked(name, shares);
    }

    /**
     * Makes a group nested in this one.
     *
     * @param name for logs, dumps and meters; need not be unique
     * @param shares against the other groups nested in this one
     * @throws IllegalArgumentException if there are too few or too many shares
     * @throws IllegalStateException if this group is closed
     */
    public SchedulingGroup nested(String name, int shares) {
        SchedulingGroup group = new SchedulingGroup(this, name, shares);
        int count;
        do {
            count = nested.get();
            requireOpen(count);
        } while (!nested.compareAndSet(count, count + 1));
        return group;
    }

    /** The group of whatever was not started in another; it is never closed. */
    public static SchedulingGroup main() {
        return MAIN;
    }

    /** The group of the calling fiber; for a thread that is not on a shard, the main group. */
    public static SchedulingGroup current() {
        Reactor reactor = Reactor.currentOrNull();
        return reactor == null ? MAIN : reactor.currentQueue().group();
    }

    /** As it was given. */
    public String name() {
        return name;
    }

    /** The group that it is nested in, if any. */
    public Optional<SchedulingGroup> parent() {
        return Optional.ofNullable(parent);
    }

    SchedulingGroup parentOrNull() {
        return parent;
    }

    /** What it has now. */
    public int shares() {
        return shares;
    }

    /**
     * Changes the shares. Every shard follows with its next time slice.
     *
     * @param shares {@link #SHARES_MIN} to {@link #SHARES_MAX}
     * @throws IllegalArgumentException if there are too few or too many shares
     * @throws IllegalStateException if this group is closed
     */
    public void shares(int shares) {
        int valid = checked(name, shares);
        requireOpen();
        this.shares = valid;
    }

    /** Whether it takes no more fibers. */
    public boolean isClosed() {
        return nested.get() == CLOSED;
    }

    /**
     * Takes no more fibers from elsewhere. Those that live in it are not disturbed, run with its
     * shares to their end, and may start others meanwhile, which inherit it.
     *
     * @throws IllegalStateException if it is closed already, has open nested groups, or is the main
     *     group
     */
    @Override
    public void close() {
        if (this == MAIN) {
            throw new IllegalStateException("the main scheduling group cannot be closed");
        }
        if (!nested.compareAndSet(0, CLOSED)) {
            int count = nested.get();
            requireOpen(count);
            throw new IllegalStateException(
                    this + " has open nested groups, to be closed first: nested=" + count);
        }
        if (parent != null) {
            parent.nested.getAndDecrement();
        }
        for (GroupQueue queue : queues.get()) {
            queue.reactor().execute(queue::forgetIfOver);
        }
    }

    /**
     * For whoever starts something in this group.
     *
     * @throws IllegalStateException if it is closed
     */
    public void requireOpen() {
        requireOpen(nested.get());
    }

    private void requireOpen(int state) {
        if (state == CLOSED) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    private static int checked(String name, int shares) {
        if (shares < SHARES_MIN || shares > SHARES_MAX) {
            throw new IllegalArgumentException(
                    "scheduling group '%s': shares=%d, not in %d..%d"
                            .formatted(name, shares, SHARES_MIN, SHARES_MAX));
        }
        return shares;
    }

    /** A shard has come to know this group. On that shard. */
    void addQueue(GroupQueue queue) {
        if (this != MAIN) {
            queues.updateAndGet(known -> CopyOnWrite.with(known, queue));
        }
    }

    /** A shard has forgotten this group. On that shard, or as it ends. */
    void removeQueue(GroupQueue queue) {
        if (this != MAIN) {
            queues.updateAndGet(known -> CopyOnWrite.without(known, queue));
        }
    }

    @Override
    public String toString() {
        return "scheduling group '" + name + "'";
    }
}
