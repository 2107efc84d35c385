package io.byssus.net;

import io.byssus.runtime.shard.Shards;
import java.util.concurrent.Callable;

/** {@code submitTo} without the checked exception, for tests that make something on a shard. */
final class ShardResult {
    private ShardResult() {}

    static <T> T of(Shards shards, int shard, Callable<T> body) {
        try {
            return shards.submitTo(shard, body::call);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
