/**
 * Off-heap bytes with an owner: {@link io.byssus.runtime.memory.Buffer} and the shard's pool.
 *
 * <p>May import {@code os}. A pool belongs to its shard; a buffer belongs to whoever holds it.
 */
package io.byssus.runtime.memory;
