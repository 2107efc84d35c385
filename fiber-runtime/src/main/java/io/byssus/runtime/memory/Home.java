package io.byssus.runtime.memory;

/** The shard that a pool belongs to, as far as the pool needs to know it. */
public interface Home {
    /** Whether the caller runs on this shard. */
    boolean isCurrent();

    /** Runs {@code task} on this shard, soon. From any thread; never throws. */
    void execute(Runnable task);
}
