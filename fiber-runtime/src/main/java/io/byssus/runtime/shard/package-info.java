/**
 * Shards: start and stop, calls between them, options.
 *
 * <p>{@link io.byssus.runtime.shard.ShardExtension} is for modules that add something to every
 * shard, such as a network, and {@link io.byssus.runtime.shard.UnboundWorkers} for the JDK.
 *
 * <p>May import everything of the runtime but {@code metrics}. {@link
 * io.byssus.runtime.shard.Shards} may be used from any thread.
 */
package io.byssus.runtime.shard;
