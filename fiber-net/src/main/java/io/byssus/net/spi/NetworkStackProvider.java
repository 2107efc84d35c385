package io.byssus.net.spi;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;

/**
 * Makes stacks of one kind; found by {@link java.util.ServiceLoader} and chosen by {@code
 * --network-stack}.
 */
public interface NetworkStackProvider {
    /** As on the command line, in lower case. */
    String name();

    /**
     * Looks at the options and takes what all shards will share, before anything is started. It may
     * choose the reactor's backend, if the options leave that open.
     *
     * @param shards how many there will be
     * @throws IllegalArgumentException with one sentence about the option that cannot be met
     * @throws UnsupportedOperationException with one sentence if this machine cannot have it
     */
    default void prepare(RuntimeOptions options, int shards) {}

    /** Gives back what {@link #prepare} took: the runtime could not be started. */
    default void abandon() {}

    /** The stack of one shard; called on it, once. */
    NetworkStack create(Shard shard);
}
