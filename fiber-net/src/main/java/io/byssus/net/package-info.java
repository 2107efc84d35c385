/**
 * The network API: {@link io.byssus.net.Network} makes listeners and connections; a {@link
 * io.byssus.net.Connection} is read and written as if its calls blocked, while they only park the
 * calling fiber.
 *
 * <p>May import the runtime's public packages and {@code spi}. Everything here belongs to the shard
 * that made it, and one fiber at a time reads, one writes.
 */
package io.byssus.net;
