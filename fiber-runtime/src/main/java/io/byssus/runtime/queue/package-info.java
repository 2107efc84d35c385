/**
 * Queues and hand-over protocols between a shard and the rest of the world.
 *
 * <p>May import the JDK and JCTools only. Names follow JCTools: offer, poll, drain; single or
 * multiple producer or consumer. Each class says who may call what.
 */
package io.byssus.runtime.queue;
