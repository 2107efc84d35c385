/**
 * Fibers: virtual threads that stay on their shard, and what they wait with.
 *
 * <p>May import {@code reactor} and everything below it. A fiber belongs to the shard that started
 * it; joining and cancelling work from any thread.
 */
package io.byssus.runtime.fiber;
