package io.byssus.runtime.memory;

/**
 * What happened at a pool's limit, counted by its shard alone. Other threads may read the fields
 * without synchronisation, as those of the reactor's counters.
 */
public final class BufferCounters {
    /** Allocations that had to wait. */
    public long waits;

    /** Of these, those that waited in vain: until their time was over. */
    public long waitsFailed;

    /** Allocations that may not wait and found nothing left. */
    public long refusals;

    /** Allocations that took from the reserve. */
    public long reserveUses;

    BufferCounters() {}
}
