/**
 * Name resolution that does not stop a shard.
 *
 * <p>May import the runtime's public packages only. Any thread.
 */
package io.byssus.net.dns;
