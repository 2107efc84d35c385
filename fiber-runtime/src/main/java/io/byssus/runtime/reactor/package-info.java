/**
 * The loop of a shard: run queue, messages, timers, I/O backend, task quota. It knows tasks, not
 * fibers, and owns no thread: whoever drives it, drives it by {@link
 * io.byssus.runtime.reactor.Reactor#turn}.
 *
 * <p>Programs need {@link io.byssus.runtime.reactor.SchedulingGroup} of it. The rest is public for
 * the runtime, for network stacks, and for tests and simulations that drive reactors by hand, under
 * a {@link io.byssus.runtime.time.ManualClock}.
 *
 * <p>May import {@code os}, {@code time}, {@code queue}, {@code memory}, {@code log}. Everything is
 * confined to the shard, except where it says "any thread".
 */
package io.byssus.runtime.reactor;
