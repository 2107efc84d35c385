/**
 * Micro-benchmarks of the runtime, for JMH: {@code ./byssus bench jmh}. Each invocation goes to a
 * shard once and repeats the operation there, so that the way there does not count.
 */
package io.byssus.benchmarks.jmh;
