package io.byssus.net.tls;

import io.byssus.net.SocketLayer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A client's side of TLS: whom it trusts, who it is, and what it remembers of servers for the next
 * time. One for all shards, made once; connections come from {@link Tls#connect} and {@link
 * Tls#client}.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class TlsClient {
    private final TlsClientOptions options;

    /** Null if there is no certificate, or it is the caller's. */
    private final ReloadingKeys keys;

    private final Engines engines;

    private TlsClient(TlsClientOptions options, ReloadingKeys keys, Engines engines) {
        this.options = options;
        this.keys = keys;
        this.engines = engines;
    }

    /**
     * With these options. Reads files, so it is for the start of a program, or for {@link
     * io.byssus.runtime.fiber.Blocking#call}.
     *
     * @throws IOException if a file cannot be read, or has not what it should have
     * @throws IllegalArgumentException if the provider has none of the cipher suites
     * @throws UnsupportedOperationException if the provider is not on the class path
     */
    public static TlsClient of(TlsClientOptions options) throws IOException {
        HotClasses.load();
        ReloadingKeys keys =
                options.certificate().isPresent()
                        ? new ReloadingKeys(
                                List.of(options.certificate().get()), options.settings().provider())
                        : null;
        TlsClient client = new TlsClient(options, keys, engines(options, keys));
        // What is wrong with the options is found now.
        client.engines.release(client.newEngine("localhost", 0));
        return client;
    }

    private static Engines engines(TlsClientOptions options, ReloadingKeys keys)
            throws IOException {
        if (options.settings().provider() == TlsProvider.OPENSSL && options.context().isEmpty()) {
            return Contexts.openSsl(() -> OpenSslEngines.client(options, keys));
        }
        SSLContext context =
                options.context().isPresent()
                        ? options.context().get()
                        : Contexts.jdk(keys, options.trusted().orElse(null));
        return context::createSSLEngine;
    }

    /** For connections to {@code host}, under which name the server's certificate is looked at. */
    SocketLayer to(String host) {
        return (socket, received) -> {
            InetSocketAddress address = socket.remoteAddress();
            return new TlsSocket(
                    socket,
                    EngineSource.of(
                            EngineSource.Role.CLIENT,
                            engines,
                            () -> newEngine(host, address.getPort())),
                    options.settings().handshakeTimeout(),
                    received);
        };
    }

    private SSLEngine newEngine(String host, int port) {
        if (keys != null) {
            keys.reloadIfChanged();
        }
        SSLEngine engine = engines.open(host, port);
        if (engines.knowsOptions()) {
            return engine; // and the name, from the host
        }
        engine.setUseClientMode(true);
        SSLParameters parameters = options.settings().parameters(engine);
        if (options.verifiesName()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (!isLiteral(host)) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Addresses are not sent as a server's name (RFC 6066, 3). */
    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0
                || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }
}
