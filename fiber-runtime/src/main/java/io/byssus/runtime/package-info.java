/**
 * The way in: {@link io.byssus.runtime.Byssus} starts a runtime from a program's {@code main}, with
 * command-line options, signals and exit codes. To start one inside another program, use {@link
 * io.byssus.runtime.shard.Shards#start}.
 *
 * <p>May import everything of the runtime.
 */
package io.byssus.runtime;
