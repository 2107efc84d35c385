/**
 * The side-by-side comparison: each server as its own process on one core, the load on another, in
 * alternating rounds.
 *
 * <p>{@link io.byssus.benchmarks.SideBySide} measures speed, {@link
 * io.byssus.benchmarks.IdleMemory} what an idle connection costs. Both are programs; nothing
 * imports this module, and nothing here is a test.
 */
package io.byssus.benchmarks;
