/**
 * The loop of a shard: run queue, messages, timers, I/O backend, task quota. It knows tasks, not
 * fibers, and owns no thread: whoever drives it, drives it by {@link
 * io.byssus.runtime.reactor.Reactor#turn}.
 *
 * <p>May import {@code os}, {@code time}, {@code queue}, {@code memory}, {@code log}. Everything is
 * confined to the shard, except where it says "any thread".
 */
package io.byssus.runtime.reactor;
