/**
 * A shard's io_uring: its two queues, the buffers that it receives into, and what state an
 * operation is in. It knows no sockets and no fibers; {@code net.posix} makes a backend of it.
 *
 * <p>Imports the runtime's {@code os} and {@code memory}. Everything in it is confined to the
 * thread that enables the ring: the shard's carrier.
 */
package io.byssus.net.uring;
