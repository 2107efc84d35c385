package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.net.tls.ClientCertificates;
import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsClient;
import io.byssus.net.tls.TlsClientOptions;
import io.byssus.net.tls.TlsHandshakeException;
import io.byssus.net.tls.TlsInfo;
import io.byssus.net.tls.TlsProvider;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.net.tls.TlsTestFiles;
import io.byssus.net.tls.TlsVersion;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handshake agrees upon, and what it refuses; both ends are ours. */
abstract class TlsHandshakeContract extends NetworkContract {
    /** A certificate and its signature have more than a ticket by at least so much. */
    private static final int CERTIFICATE_BYTES = 100;

    private final TlsProvider provider;

    TlsHandshakeContract(StackUnderTest stack, TlsProvider provider) {
        super(stack);
        this.provider = provider;
    }

    private TlsServer server(TlsServerOptions options) throws IOException {
        return TlsServer.of(options.withProvider(provider));
    }

    private TlsClient client(TlsClientOptions options) throws IOException {
        return TlsClient.of(options.withProvider(provider));
    }

    private TlsClient client() throws IOException {
        return client(TlsPairs.clientOptions());
    }

    /** The client's view of a connection to {@code host}, after some talk. */
    private TlsInfo talk(TlsServer server, TlsClient client, String host) throws IOException {
        try (Pair pair = TlsPairs.over(openPair(), server, client, host)) {
            Talk.assertConversation(pair.client(), pair.server());
            return Tls.info(pair.client());
        }
    }

    private static String nameOf(TlsInfo info) {
        return info.peer().orElseThrow().getName();
    }

    /** What both ends throw when they do not come together. */
    private Throwable failure(TlsServer server, TlsClient client, String host) throws IOException {
        Pair plain = openPair();
        Fiber<Throwable> accepting =
                Fiber.start(
                        "accepting",
                        () -> catchThrowable(() -> end(Tls.server(plain.server(), server))));
        Throwable refused = catchThrowable(() -> end(Tls.client(plain.client(), host, client)));
        Throwable atServer = accepting.join();
        assertThat(atServer).isInstanceOf(IOException.class);
        plain.reset();
        return refused;
    }

    /** With TLS 1.3 a client has finished before the server has looked at its certificate. */
    private static void end(Connection connection) throws IOException {
        try {
            Talk.assertHearsTheEnd(connection);
        } finally {
            connection.reset();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachVersionIsSpoken(TlsVersion version) throws Exception {
        onShard(() -> {
            TlsServer server = server(TlsPairs.serverOptions().withVersions(version, version));
            TlsInfo info = talk(server, client(), "localhost");
            assertThat(info.version()).isEqualTo(version);
            assertThat(info.cipherSuite()).contains("_GCM_");
            assertThat(info.applicationProtocol()).isEmpty();
            assertThat(nameOf(info)).isEqualTo("CN=localhost");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"server-rsa", "edwards"})
    void certificatesOfOtherKindsWorkOrAreRefusedAtOnce(String name) throws Exception {
        TlsServerOptions options = TlsPairs.serverOptions(name);
        if (provider == TlsProvider.OPENSSL && name.equals("edwards")) {
            assertThatThrownBy(() -> server(options))
                    .isInstanceOf(IOException.class)
                    .hasMessageEndingWith(
                            "edwards.pem: a key of EdDSA: provider=OPENSSL knows [EC, RSA] only");
            return;
        }
        onShard(() ->
                assertThat(talk(server(options), client(), "localhost").peerCertificates())
                        .hasSize(1));
    }

    @Test
    void theNewestVersionIsPreferredAndOldOnesHaveNothingInCommon() throws Exception {
        onShard(() -> {
            TlsServer server = server(TlsPairs.serverOptions());
            assertThat(talk(server, client(), "localhost").version()).isEqualTo(TlsVersion.TLS_1_3);
            TlsServer new13 =
                    server(
                            TlsPairs.serverOptions()
                                    .withVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3));
            TlsClient old12 =
                    client(
                            TlsPairs.clientOptions()
                                    .withVersions(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2));
            assertThat(failure(new13, old12, "localhost"))
                    .isInstanceOf(TlsHandshakeException.class);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, CN=localhost",
        "other.test, CN=other.test",
        "OTHER.test, CN=other.test",
        "a.wild.test, CN=other.test"
    })
    void theServersCertificateIsTheOneForTheNameThatIsAskedFor(String host, String expected)
            throws Exception {
        onShard(() -> {
            TlsServer server =
                    server(
                            TlsPairs.serverOptions()
                                    .withCertificate(
                                            TlsTestFiles.of("other.pem"),
                                            TlsTestFiles.of("other.key")));
            assertThat(nameOf(talk(server, client(), host))).isEqualTo(expected);
        });
    }

    @Test
    void theFirstCertificateIsForThoseWhoAskForNoneOrForAnUnknownName() throws Exception {
        onShard(() -> {
            TlsServer server =
                    server(
                            TlsPairs.serverOptions()
                                    .withCertificate(
                                            TlsTestFiles.of("other.pem"),
                                            TlsTestFiles.of("other.key")));
            assertThat(nameOf(talk(server, client(), "127.0.0.1"))).isEqualTo("CN=localhost");
            TlsClient trusting = client(TlsPairs.clientOptions().withoutNameVerification());
            for (String host : new String[] {"unknown.test", "wild.test", "a.b.wild.test"}) {
                assertThat(nameOf(talk(server, trusting, host))).isEqualTo("CN=localhost");
            }
        });
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        onShard(() -> {
            assertThat(failure(server(TlsPairs.serverOptions()), client(), "another.test"))
                    .isInstanceOf(TlsHandshakeException.class)
                    .hasMessageStartingWith("handshake: ");
            assertThat(failure(server(TlsPairs.serverOptions("other")), client(), "127.0.0.1"))
                    .isInstanceOf(TlsHandshakeException.class);
        });
    }

    @Test
    void aCertificateOfNobodyIsRefused() throws Exception {
        onShard(() -> {
            TlsServer stranger = server(TlsPairs.serverOptions("stranger"));
            assertThat(failure(stranger, client(), "localhost"))
                    .isInstanceOf(TlsHandshakeException.class);
            TlsServer server = server(TlsPairs.serverOptions());
            assertThat(failure(server, client(TlsClientOptions.defaults()), "localhost"))
                    .as("the platform's roots do not sign our tests")
                    .isInstanceOf(TlsHandshakeException.class);
        });
    }

    @Test
    void bothAgreeOnAnApplicationProtocolOrHaveNone() throws Exception {
        onShard(() -> {
            TlsServer server =
                    server(TlsPairs.serverOptions().withApplicationProtocols("h2", "http/1.1"));
            TlsClient client =
                    client(TlsPairs.clientOptions().withApplicationProtocols("x", "http/1.1"));
            assertThat(talk(server, client, "localhost").applicationProtocol())
                    .contains("http/1.1");
            assertThat(talk(server, client(), "localhost").applicationProtocol()).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void clientsWithoutACertificateGetNoConnectionWhereOneIsRequired(TlsVersion version)
            throws Exception {
        onShard(() -> {
            TlsServer server =
                    server(
                            TlsPairs.serverOptions()
                                    .withVersions(version, version)
                                    .withClientCertificates(
                                            ClientCertificates.REQUIRED, TlsPairs.ROOT));
            assertThat(failure(server, client(), "localhost")).isInstanceOf(IOException.class);
            TlsClient unknown =
                    client(
                            TlsPairs.clientOptions()
                                    .withCertificate(
                                            TlsTestFiles.of("stranger.pem"),
                                            TlsTestFiles.of("stranger.key")));
            assertThat(failure(server, unknown, "localhost")).isInstanceOf(IOException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    void theServerKnowsClientsByTheirCertificates(TlsVersion version) throws Exception {
        onShard(() -> {
            TlsServer server =
                    server(
                            TlsPairs.serverOptions()
                                    .withVersions(version, version)
                                    .withClientCertificates(
                                            ClientCertificates.REQUESTED, TlsPairs.ROOT));
            TlsClient known =
                    client(
                            TlsPairs.clientOptions()
                                    .withCertificate(
                                            TlsTestFiles.of("client.pem"),
                                            TlsTestFiles.of("client.key")));
            try (Pair pair = TlsPairs.over(openPair(), server, known, "localhost")) {
                Talk.assertConversation(pair.client(), pair.server());
                assertThat(nameOf(Tls.info(pair.server()))).isEqualTo("CN=client");
            }
            try (Pair pair = TlsPairs.over(openPair(), server, client(), "localhost")) {
                Talk.assertConversation(pair.client(), pair.server());
                assertThat(Tls.info(pair.server()).peer()).isEmpty();
            }
        });
    }

    /** Then no certificate is sent. */
    @ParameterizedTest
    @EnumSource
    void aSecondConnectionTakesUpTheSessionOfTheFirst(TlsVersion version) throws Exception {
        onShard(() -> {
            TlsServer server = server(TlsPairs.serverOptions().withVersions(version, version));
            TlsClient client = client();
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                long full = bytesOf(listener, server, client);
                assertThat(bytesOf(listener, server, client)).isLessThan(full - CERTIFICATE_BYTES);
                assertThat(bytesOf(listener, server, client()))
                        .as("another client")
                        .isGreaterThan(full - CERTIFICATE_BYTES);
            }
        });
    }

    /** How much both ends send for a handshake and some talk. */
    private long bytesOf(Listener listener, TlsServer server, TlsClient client) throws IOException {
        long before = Shard.current().reactor().counters().bytesSent;
        Connection plain = connect(listener);
        Pair both = new Pair(plain, listener.accept().connection());
        try (Pair pair = TlsPairs.over(both, server, client, "localhost")) {
            Talk.assertConversation(pair.client(), pair.server());
        }
        return Shard.current().reactor().counters().bytesSent - before;
    }

    @Test
    void newCertificatesAreUsedForNewConnectionsAndOldOnesGoOn(@TempDir Path folder)
            throws Exception {
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        replace("server", chain, key);
        onShard(() -> {
            TlsServer server = server(TlsServerOptions.of(chain, key));
            TlsClient trusting = client(TlsPairs.clientOptions().withoutNameVerification());
            try (Pair old = TlsPairs.over(openPair(), server, trusting, "localhost")) {
                replace("other", chain, key);
                assertThat(nameOf(talk(server, client(), "other.test"))).isEqualTo("CN=other.test");
                Talk.assertConversation(old.client(), old.server());
                assertThat(nameOf(Tls.info(old.client()))).isEqualTo("CN=localhost");
            }

            Files.copy(TlsTestFiles.of("server.key"), key, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(server::reload)
                    .isInstanceOf(IOException.class)
                    .hasMessage(key + ": not the key of " + chain);
            assertThat(nameOf(talk(server, client(), "other.test")))
                    .as("what does not fit together changes nothing")
                    .isEqualTo("CN=other.test");
            Files.copy(TlsTestFiles.of("server.pem"), chain, StandardCopyOption.REPLACE_EXISTING);
            server.reload();
            assertThat(nameOf(talk(server, client(), "localhost"))).isEqualTo("CN=localhost");
        });
    }

    private static void replace(String name, Path chain, Path key) throws IOException {
        Files.copy(TlsTestFiles.of(name + ".pem"), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(TlsTestFiles.of(name + ".key"), key, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void weakCiphersAreOnlySpokenByThoseWhoAskForThem() throws Exception {
        TlsServerOptions options =
                TlsPairs.serverOptions("server-rsa")
                        .withVersions(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2);
        onShard(() -> {
            TlsClient weak =
                    client(
                            TlsPairs.clientOptions()
                                    .withCipherSuites(
                                            List.of("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")));
            assertThat(failure(server(options), weak, "localhost"))
                    .isInstanceOf(TlsHandshakeException.class);
        });
    }

    @Test
    void theHandshakeOfAnAcceptedConnectionIsNotTheAcceptorsBusiness() throws Exception {
        onShard(() -> {
            ListenOptions options =
                    ListenOptions.defaults().withLayer(server(TlsPairs.serverOptions()));
            try (Listener listener = Network.listen(anyPort(), options)) {
                Connection silent = connect(listener);
                Connection stalled = listener.accept().connection();
                Fiber<Throwable> waiting =
                        Fiber.start("waiting", () -> catchThrowable(() -> stalled.input().read()));
                Connection plain = connect(listener);
                Connection server = listener.accept().connection();
                Fiber<Void> answering =
                        Fiber.start(
                                "answering",
                                () -> {
                                    Talk.assertHears(server, "question");
                                    Talk.say(server, "answer");
                                });
                Connection client = Tls.client(plain, "localhost", client());
                Talk.say(client, "question");
                Talk.assertHears(client, "answer");
                answering.join();
                new Pair(client, server).close();
                assertThat(waiting.isDone()).isFalse();
                silent.close();
                assertThat(waiting.join())
                        .isInstanceOf(TlsHandshakeException.class)
                        .hasMessageStartingWith("handshake: the peer ended the connection: ");
                stalled.close();
            }
        });
    }

    @Test
    void wordsInTheClearMayComeFirst() throws Exception {
        onShard(() -> {
            Pair plain = openPair();
            Talk.say(plain.client(), "STARTTLS");
            Talk.assertHears(plain.server(), "STARTTLS");
            plain.client().output().write("not flushed");
            assertThatThrownBy(() -> Tls.client(plain.client(), "localhost", client()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was not flushed");
            plain.reset();
        });
        onShard(() -> {
            Pair plain = openPair();
            TlsServer server = server(TlsPairs.serverOptions());
            Talk.say(plain.client(), "STARTTLS");
            Fiber<Connection> accepting =
                    Fiber.start(
                            "accepting",
                            () -> {
                                Talk.assertHears(plain.server(), "STARTTLS");
                                return Tls.server(plain.server(), server);
                            });
            Connection client = Tls.client(plain.client(), "localhost", client());
            try (Pair pair = new Pair(client, accepting.join())) {
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void onlyWhatSpeaksTlsHasAnInfo() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertThatThrownBy(() -> Tls.info(pair.client()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("does not speak TLS");
            }
        });
    }
}
