package io.byssus.runtime.reactor;

import io.byssus.runtime.queue.RunQueue;
import java.util.concurrent.Executor;

/**
 * One scheduling group on one shard: its tasks that are ready to run, what it has used, and its
 * place among the others.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #execute}. The figures may be read by
 * any thread: they may be a moment old.
 */
public final class GroupQueue implements Executor {
    private final Reactor reactor;
    private final GroupQueues shard;
    private final SchedulingGroup group;
    private final RunQueue tasks = new RunQueue();

    /** Where the group is nested; null at the top. */
    final GroupQueue parent;

    /** The group with all that is nested in it. */
    private final Contender whole;

    /** Its own tasks; {@link #whole} as long as nothing is nested in it. */
    private Contender own;

    /** Whether {@link #own} competes: it has tasks, or had some when its slice began. */
    private boolean runnable;

    /** How many of its nested groups this shard knows. */
    private int nested;

    /** Whether the shard knows it. */
    private boolean known;

    private Object attachment;

    private int fibersLive;
    private long slices;
    private long runtimeNanos;
    private long waitNanos;

    /** Since when it has had something to run but did not. */
    private long waitingSinceNanos;

    GroupQueue(Reactor reactor, GroupQueues shard, GroupQueue parent, SchedulingGroup group) {
        this.reactor = reactor;
        this.shard = shard;
        this.parent = parent;
        this.group = group;
        this.whole =
                new Contender(parent == null ? shard.top() : parent.contestOfNested(), this, group);
        this.own = whole;
    }

    /** The group. */
    public SchedulingGroup group() {
        return group;
    }

    /** The loop of its shard. */
    public Reactor reactor() {
        return reactor;
    }

    /** Adds {@code task} to the tasks of this group. From any thread; never throws, never waits. */
    @Override
    public void execute(Runnable task) {
        if (reactor.isCurrent()) {
            offer(task);
        } else {
            reactor.executeRemotely(this, task);
        }
    }

    void offer(Runnable task) {
        tasks.offer(task);
        if (!runnable) {
            runnable = true;
            shard.nowRunnable(this);
        }
    }

    /** The next task, or null. */
    Runnable poll() {
        return tasks.poll();
    }

    /** Competes from now on, and whatever it is nested in. */
    void enter(long nowNanos) {
        waitingSinceNanos = nowNanos;
        Contender contender = own;
        while (contender != null && !contender.isRunnable()) {
            contender.contest.add(contender);
            contender = contender.contest.owner;
        }
    }

    /** Has won. */
    void beginSlice(long nowNanos) {
        slices++;
        waitNanos += nowNanos - waitingSinceNanos;
        waitingSinceNanos = nowNanos;
    }

    /** Time is accounted for from now on only. */
    void beginAccount(long nowNanos) {
        waitingSinceNanos = nowNanos;
    }

    /** Has held the shard for {@code nanos}. */
    void charge(long nanos, long nowNanos) {
        runtimeNanos += nanos;
        waitingSinceNanos = nowNanos;
        for (Contender c = own; c != null; c = c.contest.owner) {
            c.contest.charge(c, nanos);
        }
    }

    /** Competes no more if there is nothing left to run. */
    boolean leaveIfEmpty() {
        if (!tasks.isEmpty()) {
            return false;
        }
        runnable = false;
        Contender contender = own;
        do {
            contender.contest.remove(contender);
            contender = contender.contest.isEmpty() ? contender.contest.owner : null;
        } while (contender != null);
        return true;
    }

    /** Where the groups nested in this one compete with each other and with its own tasks. */
    private Contest contestOfNested() {
        if (whole.inner == null) {
            whole.inner = new Contest(whole);
            own = new Contender(whole.inner, this, null);
            if (runnable) {
                whole.inner.add(own);
            }
        }
        return whole.inner;
    }

    boolean isKnown() {
        return known;
    }

    /** The shard has come to know this queue. */
    void remembered() {
        known = true;
        group.addQueue(this);
        if (parent != null) {
            parent.nested++;
        }
    }

    void forgotten() {
        known = false;
        group.removeQueue(this);
        if (parent != null) {
            parent.nested--;
            assert parent.nested >= 0;
        }
    }

    /** Lets the shard forget a closed group of which nothing is left. On the shard. */
    void forgetIfOver() {
        if (group.isClosed() && fibersLive == 0 && nested == 0 && !runnable) {
            shard.forget(this);
            if (parent != null) {
                parent.forgetIfOver();
            }
        }
    }

    /** What the layer above keeps for this group on this shard, or null. On the shard. */
    public Object attachment() {
        return attachment;
    }

    /** Keeps something for the layer above. On the shard. */
    public void attachment(Object value) {
        attachment = value;
    }

    /** The layer above has started a fiber here. On the shard. */
    public void fiberStarted() {
        fibersLive++;
    }

    /** A fiber has ended, in its own last task. On the shard. */
    public void fiberEnded() {
        fibersLive--;
        assert fibersLive >= 0;
    }

    /** Fibers of this group on this shard that have not ended. */
    public int fibersLive() {
        return fibersLive;
    }

    /** Tasks ready to run. */
    public int runQueueLength() {
        return tasks.size();
    }

    /** How often it has been its turn. */
    public long slices() {
        return slices;
    }

    /** How long its tasks have run; measured while the shard knows more than one group. */
    public long runtimeNanos() {
        return runtimeNanos;
    }

    /** How long it had something to run and did not; measured like {@link #runtimeNanos}. */
    public long waitNanos() {
        return waitNanos;
    }

    @Override
    public String toString() {
        return group + " on shard " + reactor.shard();
    }
}
