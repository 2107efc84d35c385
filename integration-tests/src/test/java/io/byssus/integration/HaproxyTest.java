package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of the PROXY protocol as haproxy sends them. */
@Timeout(120)
class HaproxyTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

    @TempDir private Path folder;

    /** A relay to our server. */
    private Child haproxy(int port, int serverPort, String serverOptions) throws IOException {
        Path file = folder.resolve("haproxy.cfg");
        Files.writeString(
                file,
                """
                defaults
                  mode tcp
                  timeout connect 10s
                  timeout client 20s
                  timeout server 20s
                listen relay
                  bind 127.0.0.1:%d
                  server only 127.0.0.1:%d %s
                """
                        .formatted(port, serverPort, serverOptions));
        return Child.start("haproxy", "-db", "-f", file.toString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    /** Waits until haproxy listens. */
    private static Socket connect(Child haproxy, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(HOST, port);
        while (true) {
            try {
                return RunningExample.connect(address);
            } catch (ConnectException e) {
                if (haproxy.endsWithin(BETWEEN_ATTEMPTS)) {
                    throw haproxy.failure("ended before it listened: " + e);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "send-proxy",
                "send-proxy-v2",
                "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority"
            })
    void theServerKnowsTheClientsOfHaproxy(String options) throws Exception {
        int port = freePort();
        try (RunningExample accept =
                        RunningExample.start(
                                "accept", "--proxy-protocol", "--smp", "2", "--overprovisioned");
                Child haproxy = haproxy(port, accept.port(), options)) {
            for (int i = 0; i < 20; i++) {
                try (Socket client = connect(haproxy, port)) {
                    assertThat(client.getInputStream().read()).isEqualTo(-1);
                    accept.child()
                            .awaitLine(
                                    Pattern.compile(
                                            "(?m)^Accepted connection from 127\\.0\\.0\\.1:"
                                                    + client.getLocalPort()
                                                    + "$"));
                }
            }
            assertThat(haproxy.isAlive()).isTrue();
            accept.stopCleanly();
        }
    }

    @Test
    void whatClientsAndServerSayPassesThrough() throws Exception {
        int port = freePort();
        try (RunningExample echo = RunningExample.start("echo", "--proxy-protocol");
                Child haproxy = haproxy(port, echo.port(), "send-proxy-v2");
                Socket client = connect(haproxy, port)) {
            byte[] bytes = "over haproxy and back".getBytes(StandardCharsets.US_ASCII);
            client.getOutputStream().write(bytes);
            assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(haproxy.isAlive()).isTrue();
            echo.stopCleanly();
        }
    }

    /** Its header is missing: it is reset, and nobody else. */
    @Test
    void haproxyWithoutAHeaderIsRefused() throws Exception {
        int port = freePort();
        try (RunningExample echo = RunningExample.start("echo", "--proxy-protocol");
                Child haproxy = haproxy(port, echo.port(), "");
                Socket client = connect(haproxy, port)) {
            client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            assertThat(endsOrIsReset(client)).isTrue();
            assertThat(haproxy.isAlive()).isTrue();
            assertThat(echo.stop().err()).contains("its header is malformed");
        }
    }

    private static boolean endsOrIsReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage());
        }
    }
}
