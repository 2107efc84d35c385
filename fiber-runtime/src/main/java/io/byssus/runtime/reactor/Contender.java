package io.byssus.runtime.reactor;

/**
 * Something that competes for the shard by shares: a scheduling group with all that is nested in
 * it, or, where groups are nested in it, the group's own tasks beside them.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Contender {
    /** The virtual time of a nanosecond at one share; at most, so that rounding costs little. */
    private static final long VIRTUAL_PER_NANO = 1_000;

    /** More than {@link Contest} favours a newcomer by, so that nobody runs for nothing. */
    private static final long CHARGE_MIN = 2;

    /** Where it competes. */
    final Contest contest;

    /** Whose tasks run when it wins. */
    final GroupQueue queue;

    /** Whose shares count; null for the default. */
    private final SchedulingGroup group;

    /** The competition among its parts, or null when it has none. */
    Contest inner;

    /** Its time on the shard, divided by its shares. Compared by difference: it may overflow. */
    long virtualTime;

    /** Where it is in its contest's heap; negative while it has nothing to run. */
    int position = -1;

    Contender(Contest contest, GroupQueue queue, SchedulingGroup group) {
        this.contest = contest;
        this.queue = queue;
        this.group = group;
        this.virtualTime = contest.leastVirtualTime();
    }

    boolean isRunnable() {
        return position >= 0;
    }

    void charge(long nanos) {
        int shares = group == null ? SchedulingGroup.SHARES_DEFAULT : group.shares();
        virtualTime += Math.max(CHARGE_MIN, nanos * VIRTUAL_PER_NANO / shares);
    }

    boolean isBefore(Contender other) {
        return virtualTime - other.virtualTime < 0;
    }

    @Override
    public String toString() {
        return queue.group().name() + (group == null ? " itself" : "") + " at " + virtualTime;
    }
}
