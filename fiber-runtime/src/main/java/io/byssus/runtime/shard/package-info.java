/**
 * Shards: start and stop, calls between them, options.
 *
 * <p>May import everything of the runtime but {@code metrics}. {@link
 * io.byssus.runtime.shard.Shards} may be used from any thread.
 */
package io.byssus.runtime.shard;
