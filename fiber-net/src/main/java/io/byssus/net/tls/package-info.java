/**
 * TLS 1.2 and 1.3 over any connection: a {@link io.byssus.net.SocketLayer} on an {@code SSLEngine},
 * the JDK's or OpenSSL's. Handshakes run on threads of their own, since they compute for longer
 * than a shard may stand still; what follows runs in the connection's fibers.
 *
 * <p>May import {@code net}, {@code net.spi} and the public runtime. Contexts are for any thread,
 * connections are confined to their shard.
 */
package io.byssus.net.tls;
