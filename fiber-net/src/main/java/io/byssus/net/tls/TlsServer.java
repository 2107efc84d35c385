package io.byssus.net.tls;

import io.byssus.net.SocketLayer;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A server's side of TLS: its certificates, and what it remembers of its clients for their next
 * time. One for all shards and all its listeners:
 *
 * <pre>{@code
 * TlsServer tls = TlsServer.of(TlsServerOptions.of(certificate, key));
 * Network.listen(443, ListenOptions.reuseAddress().withLayer(tls));
 * }</pre>
 *
 * <p>When the files of its certificates change, the next handshake uses the new ones; connections
 * go on.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class TlsServer implements SocketLayer {
    private final TlsServerOptions options;

    /** Null if the certificates are the caller's. */
    private final ReloadingKeys keys;

    private final Engines engines;
    private final EngineSource source;

    /** The same for each engine; null before the first. */
    private volatile SSLParameters parameters;

    private TlsServer(TlsServerOptions options, ReloadingKeys keys, Engines engines) {
        this.options = options;
        this.keys = keys;
        this.engines = engines;
        this.source =
                EngineSource.of(
                        options.clientCertificates() == ClientCertificates.IGNORED
                                ? EngineSource.Role.SERVER
                                : EngineSource.Role.ASKING_SERVER,
                        engines,
                        this::newEngine);
    }

    /**
     * With these options. Reads files, so it is for the start of a program, or for {@link
     * io.byssus.runtime.fiber.Blocking#call}.
     *
     * @throws IOException if a file cannot be read, or has not what it should have
     * @throws IllegalArgumentException if the provider has none of the cipher suites
     * @throws UnsupportedOperationException if the provider is not on the class path
     */
    public static TlsServer of(TlsServerOptions options) throws IOException {
        HotClasses.load();
        ReloadingKeys keys =
                options.certificates().isEmpty()
                        ? null
                        : new ReloadingKeys(options.certificates(), options.settings().provider());
        TlsServer server = new TlsServer(options, keys, engines(options, keys));
        server.source.release(server.newEngine()); // what is wrong with the options is found now
        return server;
    }

    private static Engines engines(TlsServerOptions options, ReloadingKeys keys)
            throws IOException {
        if (options.settings().provider() == TlsProvider.OPENSSL && keys != null) {
            return Contexts.openSsl(() -> OpenSslEngines.server(options, keys));
        }
        SSLContext context =
                options.context().isPresent()
                        ? options.context().get()
                        : Contexts.jdk(keys, options.trusted().orElse(null));
        return (host, port) -> context.createSSLEngine();
    }

    /**
     * Reads the certificates' files again. Blocks, as {@link #of} does. For impatient people: a
     * handshake does it by itself when the files have changed.
     *
     * @throws IOException if a file cannot be read, or has not what it should have; the former
     *     certificates stay in force
     */
    public void reload() throws IOException {
        if (keys != null) {
            keys.reload();
        }
    }

    @Override
    public StackSocket over(StackSocket socket, Buffer received) {
        return new TlsSocket(socket, source, options.settings().handshakeTimeout(), received);
    }

    private SSLEngine newEngine() {
        if (keys != null) {
            keys.reloadIfChanged();
        }
        SSLEngine engine = engines.open(null, 0);
        if (engines.knowsOptions()) {
            return engine;
        }
        engine.setUseClientMode(false);
        SSLParameters known = parameters;
        if (known == null) {
            known = parameters(engine);
            parameters = known;
        }
        engine.setSSLParameters(known);
        return engine;
    }

    private SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = options.settings().parameters(engine);
        switch (options.clientCertificates()) {
            case IGNORED -> parameters.setNeedClientAuth(false);
            case REQUESTED -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        return parameters;
    }
}
