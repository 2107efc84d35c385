package io.byssus.runtime.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Bounds the calls that one purpose may have under way, so that a flood of them (a scan, a repair)
 * leaves room on the other shards for the rest. At most so many calls of the group are under way
 * from each shard to each other one; further callers wait their turn, first come, first served,
 * until a call has ended. A caller that is cancelled, or whose time is over, waits no more, for its
 * slot as for its answer; the slot of a call that it gives up is free when the call has ended.
 *
 * <p>Groups cannot deadlock each other or themselves by nesting: the bound counts for each level of
 * nesting by itself. A call that is made in a call (by its fiber, or by one that it has started, or
 * by way of calls without a group) takes a slot of the next level. So whoever holds a slot waits
 * only for slots of higher levels, never in a circle. The price: a purpose whose calls nest {@code
 * n} deep may have {@code n} times {@link #callsMax} under way. Calls nest {@link #LEVELS_MAX} deep
 * at most.
 *
 * <p>What runs at once does not count: a call to the caller's own shard. Threads outside the
 * runtime share slots of their own.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class CallGroup {
    /** How deep calls of groups may nest. */
    public static final int LEVELS_MAX = 32;

    private final Shards shards;
    private final String name;
    private final int callsMax;

    /** By source, level and target; each source's row is confined to it. */
    private final List<List<CallSlots[]>> slots = new ArrayList<>();

    /** By level and target; for threads that belong to no shard. */
    private final Map<List<Integer>, Semaphore> foreignSlots = new ConcurrentHashMap<>();

    CallGroup(Shards shards, String name, int callsMax) {
        this.shards = shards;
        this.name = Objects.requireNonNull(name);
        this.callsMax = callsMax;
        if (callsMax < 1) {
            throw new IllegalArgumentException(
                    "call group '" + name + "': callsMax=" + callsMax + ": must be positive");
        }
        for (int i = 0; i < shards.count(); i++) {
            slots.add(new ArrayList<>());
        }
    }

    /** For messages; need not be unique. */
    public String name() {
        return name;
    }

    /** How many calls may be under way from one shard to another, at one level of nesting. */
    public int callsMax() {
        return callsMax;
    }

    /** On shard {@code source}. */
    CallSlots slots(int source, int target, int level) {
        List<CallSlots[]> levels = slots.get(source);
        while (levels.size() <= level) {
            levels.add(new CallSlots[shards.count()]);
        }
        CallSlots[] row = levels.get(level);
        if (row[target] == null) {
            row[target] = new CallSlots(slotTo(target), callsMax);
        }
        return row[target];
    }

    Semaphore foreignSlots(int target, int level) {
        return foreignSlots.computeIfAbsent(
                List.of(target, level), key -> new Semaphore(callsMax, true));
    }

    String slotTo(int target) {
        return "a slot of " + this + " for a call to shard " + target;
    }

    /**
     * The level of nesting that a call made now has.
     *
     * @throws IllegalArgumentException if this group belongs to another runtime than {@code caller}
     * @throws IllegalStateException if calls nest too deep
     */
    int levelIn(Shards caller) {
        if (caller != shards) {
            throw new IllegalArgumentException(this + " belongs to another runtime");
        }
        int level = CallNesting.level();
        if (level >= LEVELS_MAX) {
            throw new IllegalStateException(this + ": calls nest deeper than " + LEVELS_MAX);
        }
        return level;
    }

    @Override
    public String toString() {
        return "call group '" + name + "'";
    }
}
