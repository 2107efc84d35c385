package io.byssus.net.spi;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;

/** Makes the name services of the shards; found by {@link java.util.ServiceLoader}. */
public interface NameServiceProvider {
    /**
     * Looks at the options, before anything is started.
     *
     * @throws IllegalArgumentException with one sentence about the option that cannot be met
     */
    void prepare(RuntimeOptions options);

    /**
     * The name service of one shard; called on it, once.
     *
     * @param stack the shard's
     */
    NameService create(Shard shard, NetworkStack stack);
}
