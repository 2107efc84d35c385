package io.byssus.net.tls;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.WaitPoint;
import java.io.IOException;

/**
 * TLS over connections. Each method parks the calling fiber until the handshake has succeeded, and
 * throws
 *
 * <ul>
 *   <li>{@link TlsHandshakeException} if it fails,
 *   <li>{@link java.net.SocketTimeoutException} if it takes longer than the options allow,
 *   <li>{@link io.byssus.net.ConnectionResetException} if the peer gives the connection up,
 *   <li>{@link io.byssus.runtime.fiber.FiberCancelledException} if the fiber is cancelled.
 * </ul>
 *
 * <p>The connection is then closed. Without these methods, on a listener's {@linkplain
 * io.byssus.net.ListenOptions#withLayer layer}, the handshake happens with the first read or write,
 * which throws the same.
 *
 * <p>A connection over TLS is used as any other. What is different:
 *
 * <ul>
 *   <li>A peer that ends the stream without saying so in TLS may have been cut off, so reading
 *       throws {@link TlsException} instead of answering the end.
 *   <li>With TLS 1.2 there is no half-close: once the peer has ended its stream, nothing more can
 *       be written to it.
 * </ul>
 */
public final class Tls {
    private Tls() {}

    /**
     * The server's side over {@code connection}, which belongs to the result.
     *
     * @throws IllegalStateException if output of {@code connection} was not flushed
     */
    public static Connection server(Connection connection, TlsServer tls) throws IOException {
        return established(connection.through(tls));
    }

    /**
     * The client's side over {@code connection}, which belongs to the result.
     *
     * @param host the server's name or address, which its certificate must be for
     * @throws IllegalStateException if output of {@code connection} was not flushed
     */
    public static Connection client(Connection connection, String host, TlsClient tls)
            throws IOException {
        return established(connection.through(tls.to(host)));
    }

    /** Connects, then speaks TLS. */
    public static Connection connect(String host, int port, TlsClient tls) throws IOException {
        return connect(host, port, ConnectOptions.defaults(), tls);
    }

    /**
     * Connects, then speaks TLS.
     *
     * @throws IOException as {@link Network#connect(String, int, ConnectOptions)} does, too
     */
    public static Connection connect(String host, int port, ConnectOptions options, TlsClient tls)
            throws IOException {
        return client(Network.connect(host, port, options), host, tls);
    }

    /**
     * What the handshake has agreed upon; parks until it has succeeded.
     *
     * @throws IllegalArgumentException if {@code connection} does not speak TLS
     */
    public static TlsInfo info(Connection connection) throws IOException {
        TlsSocket socket =
                connection
                        .layer(TlsSocket.class)
                        .orElseThrow(() ->
                                new IllegalArgumentException(connection + " does not speak TLS"));
        socket.handshake(0, Long.MAX_VALUE, WaitPoint.Cancellation.HEEDED);
        return socket.info();
    }

    private static Connection established(Connection connection) throws IOException {
        boolean established = false;
        try {
            info(connection);
            established = true;
            return connection;
        } finally {
            if (!established) {
                connection.reset();
            }
        }
    }
}
