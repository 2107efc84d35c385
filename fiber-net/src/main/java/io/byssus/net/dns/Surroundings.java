package io.byssus.net.dns;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.NetworkStack;
import io.byssus.runtime.reactor.ShardLocal;
import java.util.random.RandomGenerator;

/**
 * What a shard's resolvers need of it.
 *
 * @param random nobody must foresee it
 * @param names the shard's own
 */
record Surroundings(NetworkStack stack, RandomGenerator random, NameService names) {
    static final ShardLocal<Surroundings> SHARD =
            new ShardLocal<>(reactor -> {
                throw new IllegalStateException("shard " + reactor.shard() + " has no network");
            });
}
