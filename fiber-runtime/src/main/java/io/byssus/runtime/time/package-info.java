/**
 * Clocks and timers.
 *
 * <p>Programs use the timers of {@code fiber}; {@link io.byssus.runtime.time.Timer} and its wheel
 * are public for the runtime and its network stacks, {@link io.byssus.runtime.time.ManualClock} for
 * tests.
 *
 * <p>May import the JDK only. A {@link io.byssus.runtime.time.TimerWheel} and its timers belong to
 * one shard; clocks may be read from any thread. Nothing else in the project reads {@code
 * System.nanoTime}.
 */
package io.byssus.runtime.time;
