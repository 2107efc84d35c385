/**
 * The operating system and the JDK's internals: every system call, C struct, errno and method
 * handle into {@code java.lang} is here and nowhere else.
 *
 * <p>May import the JDK only. Calls are static and may come from any thread; a {@link
 * io.byssus.runtime.os.CallState} belongs to the thread (or shard) that created it. Not part of the
 * public API: exported to the sibling modules alone.
 */
package io.byssus.runtime.os;
