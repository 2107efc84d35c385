/**
 * The load on the servers and the kernel's account of what it cost them.
 *
 * <p>{@link io.byssus.benchmarks.load.EchoLoad} is a program of its own, pinned to its own core; it
 * makes its system calls through {@code java.lang.foreign} and shares no code with what it
 * measures. For HTTP the load is {@code wrk}.
 */
package io.byssus.benchmarks.load;
