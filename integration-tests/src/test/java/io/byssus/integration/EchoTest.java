package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** RFC 862. */
class EchoTest {
    private static RunningExample echo;

    @BeforeAll
    static void start() throws Exception {
        echo = RunningExample.start("echo");
    }

    @AfterAll
    static void stop() {
        echo.stopCleanly();
    }

    @Test
    void listensOnEveryProcessorByDefault() {
        assertThat(echo.shards()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void ncGetsItsLinesBackAndEndsAfterItsOwnEnd() {
        String lines = "one\ntwo\nthree\n";
        assertThat(Child.run(lines, "nc", "-N", "127.0.0.1", Integer.toString(echo.port())))
                .isEqualTo(new Child.Ended(0, lines, ""));
    }

    @Test
    void ncTalksInTurns() {
        try (Child nc = Child.start("nc", "-N", "127.0.0.1", Integer.toString(echo.port()))) {
            for (int i = 0; i < 20; i++) {
                nc.send("line " + i + "\n");
                nc.awaitLine(Pattern.compile("(?m)^line " + i + "$"));
            }
            nc.endInput();
            assertThat(nc.awaitEnd().status()).isZero();
        }
    }

    @Test
    void everythingSentBeforeTheHalfCloseComesBack() throws Exception {
        Payload payload = Payload.seeded(16 << 20);
        try (Socket socket = echo.connect()) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            long received = payload.checksum(socket.getInputStream());
            assertThat(received).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void singleBytesComeBackOneByOne() throws Exception {
        try (Socket socket = echo.connect()) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            for (int i = 0; i < 256; i++) {
                out.write(i);
                assertThat(in.read()).isEqualTo(i);
            }
        }
    }

    @Test
    void clientThatSendsNothingSeesTheEndAfterItsOwn() throws Exception {
        try (Socket socket = echo.connect()) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
