/**
 * The posix stack: the kernel's sockets on a shard's epoll.
 *
 * <p>May import {@code net}, {@code net.spi} and the runtime, {@code os} included. Everything is
 * confined to its shard, except {@link io.byssus.net.posix.ListenGroups}, through which shards
 * agree on ports.
 */
package io.byssus.net.posix;
