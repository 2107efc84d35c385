package io.byssus.runtime;

import io.byssus.runtime.shard.Shards;

/** What a program does once its shards run. */
@FunctionalInterface
public interface Program {
    /** Runs on a fiber of shard 0; the runtime stops when it returns or throws. */
    void run(Shards shards) throws Exception;
}
