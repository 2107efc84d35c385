/**
 * What the fibers of one shard coordinate with: gate, semaphore, locks, queues, promises. No
 * atomics and no locks, because only one fiber of a shard runs at a time; first come, first served.
 *
 * <p>May import {@code fiber} and everything below it. Each object belongs to the shard that made
 * it and refuses the fibers of others, except where it says "any thread".
 */
package io.byssus.runtime.sync;
