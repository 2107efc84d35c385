package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers over TLS, and clients that are OpenSSL's and not ours. */
class TlsTest {
    @TempDir private static Path folder;

    private static TestCertificates certificates;
    private static RunningExample echo;
    private static RunningExample http;

    @BeforeAll
    static void start() throws Exception {
        certificates = TestCertificates.in(folder);
        echo = RunningExample.start("echo", tls());
        http = RunningExample.start("http", tls());
    }

    private static String[] tls() {
        return new String[] {
            "--tls-cert", certificates.certificate().toString(),
            "--tls-key", certificates.key().toString()
        };
    }

    @AfterAll
    static void stop() {
        echo.stopCleanly();
        http.stopCleanly();
    }

    private static List<String> client(String... options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect"));
        command.add("127.0.0.1:" + echo.port());
        command.addAll(List.of("-servername", "localhost", "-verify_return_error", "-CAfile"));
        command.add(certificates.certificate().toString());
        command.addAll(List.of(options));
        return command;
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2", "-tls1_3, TLSv1.3"})
    void opensslGetsItsLinesBack(String option, String version) {
        try (Child client = Child.start(client(option))) {
            client.awaitLine(Pattern.compile(version));
            for (int i = 0; i < 5; i++) {
                client.send("line " + i + "\n");
                client.awaitLine(Pattern.compile("(?m)^line " + i + "$"));
            }
            client.send("Q\n");
            assertThat(client.awaitEnd().status()).isZero();
        }
    }

    /** As testssl looks at it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-tls1 -cipher ALL:@SECLEVEL=0",
                "-tls1_1 -cipher ALL:@SECLEVEL=0",
                "-tls1_2 -cipher AES128-SHA",
                "-tls1_2 -cipher AES128-GCM-SHA256",
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA",
                "-tls1_2 -cipher ECDHE-RSA-AES256-SHA384",
                "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
                "-tls1_2 -cipher aNULL:eNULL:@SECLEVEL=0"
            })
    void oldVersionsAndWeakCiphersAreRefused(String options) {
        Child.Ended ended = Child.run("Q\n", client(options.split(" ")).toArray(String[]::new));
        assertThat(ended.status()).isNotZero();
        assertThat(ended.out() + ended.err()).contains("no peer certificate available");
    }

    @Test
    void renegotiationEndsTheConnectionAndNoOther() {
        try (Child other = Child.start(client("-tls1_2"));
                Child client = Child.start(client("-tls1_2"))) {
            other.send("before\n");
            other.awaitLine(Pattern.compile("(?m)^before$"));
            client.send("hello\n");
            client.awaitLine(Pattern.compile("(?m)^hello$"));
            client.send("R\n");
            assertThat(client.awaitEnd().err()).contains("RENEGOTIATING");
            other.send("after\n");
            other.awaitLine(Pattern.compile("(?m)^after$"));
            other.send("Q\n");
            other.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void aSessionIsTakenUpAgain(String version) {
        String session = folder.resolve("session" + version).toString();
        try (Child first = Child.start(client(version, "-sess_out", session))) {
            first.send("hello\n");
            first.awaitLine(Pattern.compile("(?m)^hello$"));
            first.send("Q\n");
            first.awaitEnd();
        }
        try (Child second = Child.start(client(version, "-sess_in", session))) {
            second.awaitLine(Pattern.compile("(?m)^Reused, "));
            second.send("again\n");
            second.awaitLine(Pattern.compile("(?m)^again$"));
            second.send("Q\n");
            second.awaitEnd();
        }
    }

    @ParameterizedTest
    @CsvSource({"--tlsv1.2, 1.2", "--tlsv1.3, 1.3"})
    void curlGetsItsPage(String option, String most) {
        Child.Ended ended =
                Child.run(
                        "",
                        "curl",
                        "-sS",
                        option,
                        "--tls-max",
                        most,
                        "--cacert",
                        certificates.certificate().toString(),
                        "https://localhost:" + http.port() + "/plaintext");
        assertThat(ended).isEqualTo(new Child.Ended(0, "Hello, World!", ""));
    }

    /** Its classes are loaded elsewhere, and so is what it computes. */
    @Test
    void theFirstHandshakeOfAProcessDoesNotStallItsShard() throws Exception {
        List<String> options = new ArrayList<>(List.of(tls()));
        options.addAll(List.of("--smp", "1", "--stall-threshold", "25ms"));
        RunningExample fresh = RunningExample.start("echo", options.toArray(String[]::new));
        try (Child client =
                Child.start("openssl", "s_client", "-connect", "127.0.0.1:" + fresh.port())) {
            client.send("hello\n");
            client.awaitLine(Pattern.compile("(?m)^hello$"));
            client.send("Q\n");
            client.awaitEnd();
        } finally {
            fresh.stopCleanly(); // a stall is a complaint
        }
    }

    @Test
    void theTwoFilesBelongTogether() {
        try (Child child =
                RunningExample.launch(
                        "echo", "--tls-cert", certificates.certificate().toString())) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.err()).isEqualTo("--tls-cert and --tls-key belong together\n");
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        try (Child child =
                RunningExample.launch("echo", "--tls-cert", "/no/file", "--tls-key", "/no/key")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.err()).isEqualTo("/no/file: no such file\n");
        }
    }
}
