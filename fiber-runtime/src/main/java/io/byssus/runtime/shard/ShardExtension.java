package io.byssus.runtime.shard;

/**
 * What another module adds to every shard of a runtime, such as a network; found by {@link
 * java.util.ServiceLoader}, one object per runtime.
 */
public interface ShardExtension {
    /**
     * Looks at the options before anything is started, and takes what all shards will share. It may
     * still choose what the options leave open.
     *
     * @param shards how many there will be
     * @throws IllegalArgumentException with one sentence about the option that cannot be met
     * @throws UnsupportedOperationException with one sentence about what this machine does not have
     */
    void check(RuntimeOptions options, int shards);

    /** Gives back what {@link #check} took: the runtime could not be started. */
    default void abandon() {}

    /** Prepares {@code shard}, on its carrier, before its first fiber; must not park. */
    void start(Shard shard);

    /**
     * From now on {@code shard} passes nothing on to another, and drops what others have passed on
     * to it; on its carrier, when the fibers of all shards have ended. It is called on every shard,
     * and when all have returned, once more on every shard: so the second call finds the last that
     * there will be. Memory of other shards that is given back here still gets home.
     */
    default void disconnect(Shard shard) {}

    /** Gives back what {@link #start} took, after the shard's last turn, on its carrier. */
    void stop(Shard shard);
}
