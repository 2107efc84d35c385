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

    /** Gives back what {@link #start} took, after the shard's last turn, on its carrier. */
    void stop(Shard shard);
}
