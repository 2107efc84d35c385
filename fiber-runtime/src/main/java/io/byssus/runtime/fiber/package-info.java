/**
 * Fibers: virtual threads that stay on their shard, and what they wait with.
 *
 * <p>Public for the runtime and its network stacks, and of no use to programs: {@link
 * io.byssus.runtime.fiber.WaitPoint}, {@link io.byssus.runtime.fiber.Cancellations}, {@link
 * io.byssus.runtime.fiber.BlockingPool}, and the methods of other types that take a {@code
 * Reactor}.
 *
 * <p>May import {@code reactor} and everything below it. A fiber belongs to the shard that started
 * it; joining and cancelling work from any thread.
 */
package io.byssus.runtime.fiber;
