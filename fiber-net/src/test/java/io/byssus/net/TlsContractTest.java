package io.byssus.net;

import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsClient;
import io.byssus.net.tls.TlsClientOptions;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.net.tls.TlsTestFiles;
import io.byssus.net.tls.TlsVersion;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The contract of the network API, kept by connections over TLS. */
class TlsContractTest {
    private static final String NO_HALF = "TLS 1.2 has no half-close (RFC 5246, 7.2.1)";

    /** Over the kernel's TCP. */
    private record OverTls(TlsServer server, TlsClient client, Map<String, String> inapplicable)
            implements StackUnderTest {
        static OverTls of(TlsVersion version, Map<String, String> inapplicable) {
            try {
                return new OverTls(
                        TlsServer.of(
                                TlsServerOptions.of(
                                                TlsTestFiles.of("server.pem"),
                                                TlsTestFiles.of("server.key"))
                                        .withVersions(version, version)),
                        TlsClient.of(
                                TlsClientOptions.defaults()
                                        .withTrusted(TlsTestFiles.of("root.pem"))),
                        inapplicable);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public RuntimeOptions options() {
            return new RuntimeOptions().networkStack("posix").reactorBackend("epoll");
        }

        @Override
        public Pair pair(Connection client, Connection server) throws IOException {
            Fiber<Connection> accepting =
                    Fiber.start("accepting", () -> Tls.server(server, this.server));
            Connection connected = Tls.client(client, "localhost", this.client);
            return new Pair(connected, accepting.join());
        }
    }

    @Nested
    class Tls13 extends WholeContract {
        @Override
        StackUnderTest stack() {
            return OverTls.of(TlsVersion.TLS_1_3, Map.of());
        }
    }

    @Nested
    class Tls12 extends WholeContract {
        @Override
        StackUnderTest stack() {
            return OverTls.of(
                    TlsVersion.TLS_1_2,
                    Map.of(
                            "eachDirectionEndsByItself", NO_HALF,
                            "oneFiberReadsWhileAnotherWrites", NO_HALF,
                            "thePeersEndIsSeenWithoutReading", NO_HALF,
                            "writeGoesOnWhereItStopped", NO_HALF,
                            "writeEndsAtItsTimeoutAndGoesOnWhereItStopped", NO_HALF));
        }
    }
}
