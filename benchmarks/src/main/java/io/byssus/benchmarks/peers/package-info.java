/**
 * The servers that Byssus is compared with, each a program of its own that serves on one thread.
 *
 * <p>All take {@code --port N} (0 picks one) and print {@code listening on 127.0.0.1:PORT} when
 * they are ready. The HTTP peers answer {@code /plaintext} with the same bytes:
 *
 * <pre>{@code
 * HTTP/1.1 200 OK\r\n
 * Content-Type: text/plain\r\n
 * Content-Length: 13\r\n
 * \r\n
 * Hello, World!
 * }</pre>
 *
 * <p>They may import their own library and the JDK, and nothing of Byssus beyond the parser of
 * their command line.
 */
package io.byssus.benchmarks.peers;
