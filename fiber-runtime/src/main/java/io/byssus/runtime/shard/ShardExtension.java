package io.byssus.runtime.shard;

/**
 * What another module adds to every shard of a runtime, such as a network; found by {@link
 * java.util.ServiceLoader}, one object per runtime.
 */
public interface ShardExtension {
    /**
     * Looks at the options before anything is started.
     *
     * @throws IllegalArgumentException with one sentence about the option that cannot be met
     */
    void check(RuntimeOptions options);

    /** Prepares {@code shard}, on its carrier, before its first fiber; must not park. */
    void start(Shard shard);

    /** Gives back what {@link #start} took, after the shard's last turn, on its carrier. */
    void stop(Shard shard);
}
