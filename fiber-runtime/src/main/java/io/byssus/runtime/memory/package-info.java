/**
 * Off-heap bytes with an owner: {@link io.byssus.runtime.memory.Buffer} and the shard's pool.
 *
 * <p>Programs take buffers by {@code Shard.allocate}. {@code Home}, {@code MemoryRequest}, {@code
 * MemoryWaiting}, {@code BufferLimits}, and those of the pool's methods that speak of a reserve,
 * are public for the runtime and its network stacks.
 *
 * <p>May import {@code os}. A pool belongs to its shard; a buffer belongs to whoever holds it.
 */
package io.byssus.runtime.memory;
