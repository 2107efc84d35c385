/**
 * TCP (RFC 9293) as a state machine: segments and the time go in, segments and events come out.
 *
 * <p>May import {@code stack.wire}, {@code stack.ip} and the runtime's {@code os}, {@code time} and
 * {@code memory}; knows no device, no thread and no fiber, and gets the time, in nanoseconds, as a
 * parameter.
 */
package io.byssus.stack.tcp;
