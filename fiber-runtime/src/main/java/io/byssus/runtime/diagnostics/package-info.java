/**
 * Looking at shards from outside: dumps of all fibers, and the detector of fibers that hold their
 * shard for too long.
 *
 * <p>{@link io.byssus.runtime.diagnostics.StallDetector} and {@code Fibers.attach} are public for
 * the runtime, which starts the one and calls the other.
 *
 * <p>May import {@code sync} and everything below it. Runs on threads of its own and never makes a
 * shard wait.
 */
package io.byssus.runtime.diagnostics;
