package io.byssus.net.spi;

import io.byssus.runtime.shard.Shard;

/**
 * Makes stacks of one kind; found by {@link java.util.ServiceLoader} and chosen by {@code
 * --network-stack}.
 */
public interface NetworkStackProvider {
    /** As on the command line, in lower case. */
    String name();

    /**
     * The stack of one shard; called on it, once.
     *
     * @throws UnsupportedOperationException with one sentence if this machine cannot have it
     */
    NetworkStack create(Shard shard);
}
