package io.byssus.runtime.shard;

/**
 * A service with more to its life than its constructor; see {@link Sharded}. Both methods run on a
 * fiber of the instance's shard.
 *
 * @param <T> the service itself
 */
public interface ShardedService<T> {
    /**
     * Begins to serve. The instances of all shards have been made; those of lower shards have begun
     * to serve. What this takes, {@link #stop} gives back, or this itself if it throws.
     *
     * @param peers the instances of the other shards, this one among them
     * @throws Exception if it cannot; then no shard has the service
     */
    default void start(Sharded<T> peers) throws Exception {}

    /**
     * Ends, after the last call from elsewhere has ended; the instances of higher shards have
     * ended. Called once, if {@link #start} has returned.
     *
     * @throws Exception is passed on when the others have been stopped
     */
    default void stop() throws Exception {}
}
