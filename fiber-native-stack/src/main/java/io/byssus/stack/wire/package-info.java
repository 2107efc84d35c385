/**
 * What is on the wire: one class per header, with accessors that take a frame and the offset at
 * which the header begins; addresses; the Internet checksum.
 *
 * <p>Every header class has a {@code check}, which says whether the bytes that have arrived hold
 * such a header and all that it claims. No other accessor may be used before it has passed: they
 * trust the lengths, {@code check} trusts nothing.
 *
 * <p>It imports the JDK only, allocates nothing per frame, and knows no device, time or thread.
 */
package io.byssus.stack.wire;
