package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The canned response. */
class HelloTest {
    private static final String LINE = "Byssus is the future!\n";

    private static RunningExample hello;

    @BeforeAll
    static void start() throws Exception {
        hello = RunningExample.start("hello");
    }

    @AfterAll
    static void stop() {
        hello.stopCleanly();
    }

    @Test
    void ncPrintsTheLineAndEnds() {
        assertThat(Child.run("", "nc", "127.0.0.1", port()))
                .isEqualTo(new Child.Ended(0, LINE, ""));
    }

    @Test
    void ncThatSendsSomethingPrintsTheLineAndEnds() {
        assertThat(Child.run("is anybody there?\n", "nc", "-N", "127.0.0.1", port()))
                .isEqualTo(new Child.Ended(0, LINE, ""));
    }

    @Test
    void telnetPrintsTheLineAndSeesACleanEnd() {
        try (Child telnet = Child.start("telnet", "127.0.0.1", port())) {
            Child.Ended ended = telnet.awaitEnd();
            assertThat(ended.out()).endsWith("\nEscape character is '^]'.\n" + LINE);
            assertThat(ended.err()).isEqualTo("Connection closed by foreign host.\n");
        }
    }

    @Test
    void clientThatHasSentSomethingReadsTheLineAndTheEndOfTheStream() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (Socket socket = hello.connect()) {
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(
                                new String(
                                        socket.getInputStream().readAllBytes(),
                                        StandardCharsets.US_ASCII))
                        .isEqualTo(LINE);
            }
        }
    }

    private static String port() {
        return Integer.toString(hello.port());
    }
}
