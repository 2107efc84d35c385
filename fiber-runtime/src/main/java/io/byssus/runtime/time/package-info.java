/**
 * Clocks and timers.
 *
 * <p>May import the JDK only. A {@link io.byssus.runtime.time.TimerWheel} and its timers belong to
 * one shard; clocks may be read from any thread. Nothing else in the project reads {@code
 * System.nanoTime}.
 */
package io.byssus.runtime.time;
