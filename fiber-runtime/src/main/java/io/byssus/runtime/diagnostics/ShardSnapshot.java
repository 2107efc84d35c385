package io.byssus.runtime.diagnostics;

import java.util.List;

/**
 * A shard's fibers as they were at one moment; those of another shard may be from a moment earlier
 * or later.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param runtime the number of its runtime: 1 for the first that this process has started
 * @param shard its number
 * @param answered false if it did not answer in time, because a fiber holds it; then some fibers
 *     may be missing
 * @param fibers the live ones, oldest first
 */
public record ShardSnapshot(int runtime, int shard, boolean answered, List<FiberSnapshot> fibers) {
    public ShardSnapshot {
        fibers = List.copyOf(fibers);
    }
}
