/**
 * The portable backend: the kernel's sockets by way of {@code java.nio}, with no system call of our
 * own. It is what a developer's laptop runs that has no Linux.
 *
 * <p>May import {@code net}, its SPI and the runtime; {@code net.posix} chooses it. A channel, its
 * key and the selector belong to one shard, except a listening channel, which several may share
 * ({@link io.byssus.net.nio.AcceptPoint}).
 *
 * <p>Channels take locks of the JDK's. No fiber parks in one: all calls are nonblocking, and what
 * uses a channel runs on one carrier. For the same reason an interrupt does not close a channel:
 * the JDK arms that for blocking calls only.
 */
package io.byssus.net.nio;
