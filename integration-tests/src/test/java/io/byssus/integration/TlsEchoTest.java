package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The example of TLS: its server with a certificate of its own making, its client, and OpenSSL. */
class TlsEchoTest {
    private static RunningExample server;
    private static Path certificate;

    @BeforeAll
    static void start() throws Exception {
        server = RunningExample.start("tls-echo", "--smp", "2", "--overprovisioned");
        certificate =
                Path.of(
                        server.child()
                                .awaitLine(Pattern.compile("(?m)^certificate (.+)$"))
                                .group(1));
    }

    @AfterAll
    static void stop() {
        server.stopCleanly();
    }

    private static Child.Ended client(String host, String... more) {
        List<String> options =
                List.of("--connect", host, "--port", Integer.toString(server.port()));
        String[] all = Stream.concat(options.stream(), Arrays.stream(more)).toArray(String[]::new);
        try (Child child = RunningExample.launch("tls-echo", all)) {
            return child.awaitEnd();
        }
    }

    @Test
    void itsClientHearsWhatItSays() {
        Child.Ended ended =
                client("localhost", "--tls-trust", certificate.toString(), "one", "two words");
        assertThat(ended)
                .isEqualTo(
                        new Child.Ended(0, "TLSv1.3 TLS_AES_128_GCM_SHA256\none\ntwo words\n", ""));
    }

    @Test
    void itsClientTrustsNobodyByItself() {
        Child.Ended ended = client("localhost", "word");
        assertThat(ended.status()).isNotZero();
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("handshake: ", "127.0.0.1:" + server.port());
    }

    @Test
    void opensslTrustsItsCertificateForItsName() {
        try (Child client =
                Child.start(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + server.port(),
                        "-verify_return_error",
                        "-verify_hostname",
                        "localhost",
                        "-CAfile",
                        certificate.toString())) {
            client.send("hello\n");
            client.awaitLine(Pattern.compile("(?m)^hello$"));
            client.send("Q\n");
            assertThat(client.awaitEnd().status()).isZero();
        }
    }

    @Test
    void whatIsForTheClientNeedsOne() {
        try (Child child = RunningExample.launch("tls-echo", "word")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.err())
                    .isEqualTo("--tls-trust and words are for the client: --connect HOST\n");
        }
    }
}
