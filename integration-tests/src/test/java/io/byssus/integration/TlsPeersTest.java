package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.Connection;
import io.byssus.net.tls.ClientCertificates;
import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsClient;
import io.byssus.net.tls.TlsClientOptions;
import io.byssus.net.tls.TlsInfo;
import io.byssus.net.tls.TlsProvider;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.net.tls.TlsVersion;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both providers, as server and as client, with OpenSSL at the other end. */
class TlsPeersTest {
    private static final String STRONG =
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
                    + ":ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
                    + ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    @TempDir private static Path folder;

    private static TestCertificates local;
    private static TestCertificates other;

    @BeforeAll
    static void make() throws IOException {
        local = TestCertificates.in(Files.createDirectory(folder.resolve("local")));
        other = TestCertificates.in(Files.createDirectory(folder.resolve("other")), "other.test");
    }

    private static TlsServerOptions server(TlsProvider provider) {
        return TlsServerOptions.of(local.certificate(), local.key()).withProvider(provider);
    }

    private static void assertEchoes(Child client, String line) {
        client.send(line + "\n");
        // Behind a ticket that has just been printed there is no end of line.
        client.awaitLine(Pattern.compile("(?m)" + line + "$"));
    }

    private static void leave(Child client) {
        client.send("Q\n");
        assertThat(client.awaitEnd().status()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theProtocolAndTheCertificateAreThoseThatAreAskedFor(TlsProvider provider)
            throws Exception {
        TlsServerOptions options =
                server(provider)
                        .withCertificate(other.certificate(), other.key())
                        .withApplicationProtocols("h2", "http/1.1");
        try (TlsPeers server = TlsPeers.serve(options)) {
            for (String version : new String[] {"-tls1_2", "-tls1_3"}) {
                try (Child client =
                        server.client(version, "-servername", "other.test", "-alpn", "x,h2")) {
                    client.awaitLine(Pattern.compile("subject=CN = other.test"));
                    client.awaitLine(Pattern.compile("ALPN protocol: h2"));
                    assertEchoes(client, "line");
                    leave(client);
                }
                try (Child client = server.client(version, "-servername", "localhost")) {
                    client.awaitLine(Pattern.compile("subject=CN = localhost"));
                    client.awaitLine(Pattern.compile("No ALPN negotiated"));
                    leave(client);
                }
            }
        }
    }

    /** With BoringSSL that takes another greeting (RFC 8446, 4.1.4). */
    @ParameterizedTest
    @EnumSource
    void aClientThatGuessesTheWrongGroupTriesAgain(TlsProvider provider) throws Exception {
        try (TlsPeers server = TlsPeers.serve(server(provider));
                Child client = server.client("-tls1_3", "-groups", "X448:P-256", "-msg")) {
            if (provider == TlsProvider.OPENSSL) {
                client.awaitLine(Pattern.compile("cf 21 ad 74"));
            }
            assertEchoes(client, "line");
            leave(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsShowTheirCertificates(TlsProvider provider) throws Exception {
        TlsServerOptions options =
                server(provider)
                        .withClientCertificates(ClientCertificates.REQUIRED, other.certificate());
        try (TlsPeers server = TlsPeers.serve(options)) {
            for (String version : new String[] {"-tls1_2", "-tls1_3"}) {
                String certificate = other.certificate().toString();
                String key = other.key().toString();
                try (Child client = server.client(version, "-cert", certificate, "-key", key)) {
                    assertEchoes(client, "line");
                    leave(client);
                }
                try (Child client = server.client(version)) {
                    client.send("line\n");
                    assertThat(client.awaitEnd().err()).contains("alert");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsAreTakenUpAgain(TlsProvider provider) throws Exception {
        try (TlsPeers server = TlsPeers.serve(server(provider))) {
            for (String version : new String[] {"-tls1_2", "-tls1_3"}) {
                String file = folder.resolve("session" + version + provider).toString();
                try (Child client = server.client(version, "-sess_out", file)) {
                    assertEchoes(client, "first");
                    leave(client);
                }
                try (Child client = server.client(version, "-sess_in", file)) {
                    client.awaitLine(Pattern.compile("(?m)^Reused, "));
                    assertEchoes(client, "second");
                    leave(client);
                }
            }
            assertThat(server.clientThatGoes("-tls1_2", "-reconnect").out().split("Reused, "))
                    .as("five times")
                    .hasSize(6);
        }
    }

    /** As testssl looks at it: everything that the client has, but what is strong. */
    @ParameterizedTest
    @EnumSource
    void oldVersionsAndWeakCiphersAreRefused(TlsProvider provider) throws Exception {
        try (TlsPeers server = TlsPeers.serve(server(provider))) {
            String weak = "ALL:COMPLEMENTOFALL:!" + STRONG.replace(":", ":!") + ":@SECLEVEL=0";
            String[][] refused = {
                {"-tls1", "-cipher", "ALL:@SECLEVEL=0"},
                {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"},
                {"-tls1_2", "-cipher", weak},
                {"-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"},
                {"-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"},
                {"-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256"}
            };
            for (String[] options : refused) {
                Child.Ended ended = server.clientThatGoes(options);
                assertThat(ended.status()).as(String.join(" ", options)).isNotZero();
                assertThat(ended.out()).contains("no peer certificate available");
            }
            for (String cipher : STRONG.split(":")) {
                if (cipher.contains("-RSA-")) {
                    Child.Ended ended = server.clientThatGoes("-tls1_2", "-cipher", cipher);
                    assertThat(ended.out()).contains("Cipher is " + cipher);
                    assertThat(ended.out()).contains("Server Temp Key: ");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void renegotiationEndsTheConnectionAndNoOther(TlsProvider provider) throws Exception {
        try (TlsPeers server = TlsPeers.serve(server(provider));
                Child bystander = server.client("-tls1_2");
                Child client = server.client("-tls1_2")) {
            assertEchoes(bystander, "before");
            assertEchoes(client, "hello");
            client.send("R\n");
            assertThat(client.awaitEnd().err()).contains("RENEGOTIATING");
            assertEchoes(bystander, "after");
            leave(bystander);
        }
    }

    @ParameterizedTest
    @EnumSource
    void newCertificatesAreSeenByNewConnectionsAndOldOnesGoOn(TlsProvider provider)
            throws Exception {
        Path files = Files.createDirectory(folder.resolve("reloaded-" + provider));
        Path certificate = files.resolve("certificate.pem");
        Path key = files.resolve("key.pem");
        Files.copy(local.certificate(), certificate);
        Files.copy(local.key(), key);
        TlsServerOptions options = TlsServerOptions.of(certificate, key).withProvider(provider);
        try (TlsPeers server = TlsPeers.serve(options);
                Child old = server.client()) {
            old.awaitLine(Pattern.compile("subject=CN = localhost"));
            Files.copy(other.key(), key, StandardCopyOption.REPLACE_EXISTING);
            assertThat(server.clientThatGoes().out())
                    .as("they do not fit together yet")
                    .contains("subject=CN = localhost");
            assertEchoes(old, "between");
            Files.copy(other.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
            for (int i = 0; i < 5; i++) {
                assertThat(server.clientThatGoes().out()).contains("subject=CN = other.test");
                assertEchoes(old, "after " + i);
            }
            leave(old);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "JDK, --tlsv1.2, 1.2",
        "JDK, --tlsv1.3, 1.3",
        "OPENSSL, --tlsv1.2, 1.2",
        "OPENSSL, --tlsv1.3, 1.3"
    })
    void curlGetsItsPage(TlsProvider provider, String option, String most) throws Exception {
        try (TlsPeers server = TlsPeers.serve(server(provider))) {
            Child.Ended ended =
                    Child.run(
                            "",
                            "curl",
                            "-sS",
                            option,
                            "--tls-max",
                            most,
                            "--cacert",
                            local.certificate().toString(),
                            "https://localhost:" + server.port() + "/");
            assertThat(ended).isEqualTo(new Child.Ended(0, "Hello, curl!", ""));
        }
    }

    // Our client.

    private static Child openSslServer(String... options) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("openssl", "s_server", "-accept", "127.0.0.1:0", "-rev"));
        command.addAll(List.of("-cert", local.certificate().toString()));
        command.addAll(List.of("-key", local.key().toString()));
        command.addAll(Arrays.asList(options));
        return Child.start(command);
    }

    private static int portOf(Child server) {
        return Integer.parseInt(
                server.awaitLine(Pattern.compile("ACCEPT 127.0.0.1:(\\d+)")).group(1));
    }

    private static String reversed(Connection connection, String line) throws IOException {
        connection.output().write(line + "\n");
        connection.output().flush();
        try (Buffer answer = connection.input().readExactly(line.length() + 1)) {
            return answer.toString(StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @CsvSource({"JDK, TLS_1_2", "JDK, TLS_1_3", "OPENSSL, TLS_1_2", "OPENSSL, TLS_1_3"})
    void ourClientTalksWithOpensslsServer(TlsProvider provider, TlsVersion version)
            throws Exception {
        TlsClient client =
                TlsClient.of(
                        TlsClientOptions.defaults()
                                .withProvider(provider)
                                .withTrusted(local.certificate())
                                .withVersions(version, version)
                                .withApplicationProtocols("h2")
                                .withCertificate(other.certificate(), other.key()));
        try (Child server =
                        openSslServer(
                                "-alpn",
                                "h2",
                                "-Verify",
                                "1",
                                "-verify_return_error",
                                "-CAfile",
                                other.certificate().toString());
                Shards shards = TlsPeers.runtime()) {
            int port = portOf(server);
            for (int i = 0; i < 3; i++) {
                shards.submitTo(
                        0,
                        () -> {
                            try (Connection connection = Tls.connect("localhost", port, client)) {
                                TlsInfo info = Tls.info(connection);
                                assertThat(info.version()).isEqualTo(version);
                                assertThat(info.applicationProtocol()).contains("h2");
                                assertThat(reversed(connection, "abc")).isEqualTo("cba\n");
                            }
                            return null;
                        });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatIsKilledHasNotEndedInOrder(TlsProvider provider) throws Exception {
        TlsClient client =
                TlsClient.of(
                        TlsClientOptions.defaults()
                                .withProvider(provider)
                                .withTrusted(local.certificate()));
        try (Child server = openSslServer();
                Shards shards = TlsPeers.runtime()) {
            int port = portOf(server);
            shards.submitTo(
                    0,
                    () -> {
                        Connection connection = Tls.connect("localhost", port, client);
                        assertThat(reversed(connection, "abc")).isEqualTo("cba\n");
                        server.signal("KILL");
                        assertThatThrownBy(() -> connection.input().read())
                                .isInstanceOf(IOException.class)
                                .hasMessageStartingWith("read: ");
                        connection.reset();
                        return null;
                    });
        }
    }
}
