package io.byssus.net;

import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsClient;
import io.byssus.net.tls.TlsClientOptions;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.net.tls.TlsTestFiles;
import io.byssus.runtime.fiber.Fiber;
import java.io.IOException;
import java.nio.file.Path;

/** Both sides of TLS, with the certificates of the tests. */
final class TlsPairs {
    static final Path ROOT = TlsTestFiles.of("root.pem");

    private TlsPairs() {}

    static TlsServerOptions serverOptions() {
        return serverOptions("server");
    }

    static TlsServerOptions serverOptions(String name) {
        return TlsServerOptions.of(TlsTestFiles.of(name + ".pem"), TlsTestFiles.of(name + ".key"));
    }

    static TlsClientOptions clientOptions() {
        return TlsClientOptions.defaults().withTrusted(ROOT);
    }

    static TlsServer server() throws IOException {
        return TlsServer.of(serverOptions());
    }

    static TlsClient client() throws IOException {
        return TlsClient.of(clientOptions());
    }

    /** Both handshakes over {@code plain}; if one fails, both ends are given up. */
    static Pair over(Pair plain, TlsServer server, TlsClient client, String host)
            throws IOException {
        Fiber<Connection> accepting =
                Fiber.start("accepting", () -> Tls.server(plain.server(), server));
        Connection connected = null;
        Connection accepted = null;
        try {
            connected = Tls.client(plain.client(), host, client);
            accepted = accepting.join();
            return new Pair(connected, accepted);
        } finally {
            if (accepted == null) {
                plain.reset();
                if (connected != null) {
                    connected.reset();
                }
            }
        }
    }

    static Pair over(Pair plain) throws IOException {
        return over(plain, server(), client(), "localhost");
    }
}
