/**
 * Names: hosts file, search list and DNS, without stopping a shard.
 *
 * <p>May import the runtime's public packages, {@code net} and {@code net.spi}. What parses or
 * sorts is pure and for any thread; a {@link io.byssus.net.dns.Resolver} is confined to its shard.
 */
package io.byssus.net.dns;
