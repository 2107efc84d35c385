/**
 * What the fibers of one shard coordinate with: gate, semaphore, locks, condition, queue, pipe,
 * latch, promise. No atomics and no locks, because only one fiber of a shard runs at a time.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li><b>One shard.</b> An object belongs to the shard that made it. Any virtual thread of that
 *       shard may use it, a {@code Fiber} or not; any other thread is refused with an {@link
 *       IllegalStateException} that names both shards. What may be asked from any thread ({@code
 *       toString}, counts) says so.
 *   <li><b>First come, first served.</b> Who waits is served in the order of arrival, and a
 *       newcomer does not overtake: with somebody waiting it waits too. What is released is handed
 *       over to the one who waits, so that nobody can snatch it before that one runs.
 *   <li><b>Limits.</b> Each operation that may park comes without a limit, with a {@code Duration}
 *       from now, and with a {@code Deadline}. When the time is up it throws {@link
 *       io.byssus.runtime.sync.WaitTimeoutException} and has taken nothing. What is there is taken
 *       even after the deadline. Operations named {@code try...}, {@code offer} and {@code poll}
 *       never park.
 *   <li><b>Cancellation.</b> A fiber that is cancelled while it waits gets {@link
 *       io.byssus.runtime.fiber.FiberCancelledException} and has taken nothing. When a hand-over
 *       comes together with a cancellation or a timeout, the hand-over counts: the operation
 *       succeeds, and the cancellation is left for the next one.
 *   <li><b>Preemption.</b> An operation that could have parked but need not is a place where a
 *       fiber that has used up its quota yields; others may run meanwhile.
 *   <li><b>Names</b> are for messages and dumps; they need not be unique.
 *   <li>All exceptions are unchecked: {@code WaitTimeoutException}, {@link
 *       io.byssus.runtime.sync.ClosedException}, {@link io.byssus.runtime.sync.BrokenException};
 *       {@code IllegalArgumentException} and {@code IllegalStateException} mean a bug of the
 *       caller.
 * </ul>
 *
 * <p>May import {@code fiber} and everything below it. For what several shards share there are
 * calls between shards, and java.util.concurrent, whose classes park a fiber like these.
 */
package io.byssus.runtime.sync;
