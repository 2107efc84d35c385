/**
 * TLS beside Netty: the same provider, the same certificate, the same cipher, one shard against one
 * event loop, and clients that are OpenSSL's. Both servers speak {@link
 * io.byssus.benchmarks.tls.TlsRequest}'s protocol.
 */
package io.byssus.benchmarks.tls;
