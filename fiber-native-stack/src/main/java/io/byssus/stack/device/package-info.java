/**
 * Layer-2 devices, as one shard sees them: frames in, frames out, nothing waits. The in-memory
 * link, TAP, and decorators that trace or spoil what passes.
 *
 * <p>It may import the runtime's memory, time and system calls, and {@code wire}; it knows no
 * protocol, no thread and no fiber. Everything here is confined to the shard that polls it.
 */
package io.byssus.stack.device;
