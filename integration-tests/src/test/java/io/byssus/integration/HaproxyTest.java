package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of the PROXY protocol as haproxy sends them. */
@Timeout(120)
class HaproxyTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

    @TempDir private Path folder;

    /** A relay to our server. */
    private Child haproxy(int port, int serverPort, String serverOptions) throws IOException {
        return haproxy(HOST + ":" + port, serverPort, serverOptions);
    }

    /**
     * As the other.
     *
     * @param address that it listens on, as its own manual has it
     */
    private Child haproxy(String address, int serverPort, String serverOptions) throws IOException {
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
                  bind %s
                  unique-id-format client-%%ci:%%cp
                  server only 127.0.0.1:%d %s
                """
                        .formatted(address, serverPort, serverOptions));
        return Child.start("haproxy", "-db", "-f", file.toString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    private static Socket connect(Child haproxy, int port) throws IOException {
        return connect(haproxy, HOST, port);
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

    private static Child printer(int port) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-Dport=" + port,
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ProxiedPrinter.class.getName()));
        arguments.addAll(List.of(GuideChecks.TWO_SHARDS));
        Child printer = Child.java(arguments);
        printer.awaitLine(Pattern.compile("shard 0 listens"));
        printer.awaitLine(Pattern.compile("shard 1 listens"));
        return printer;
    }

    /** Waits until haproxy listens. */
    private static Socket connect(Child haproxy, String host, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
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

    /** Both shards accept, and the second serves: the addresses go with the connection. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 1, send-proxy, none",
        "::1, 1, send-proxy, none",
        "127.0.0.1, 2, send-proxy-v2 proxy-v2-options unique-id, client-127.0.0.1:%d",
        "::1, 2, send-proxy-v2 proxy-v2-options unique-id, client-::1:%d"
    })
    void addressesAndExtensionsGoWithAConnectionToItsShard(
            String host, int version, String options, String id) throws Exception {
        int port = freePort();
        int serverPort = freePort();
        String shown = host.contains(":") ? "[" + host + "]" : host;
        try (Child printer = printer(serverPort);
                Child haproxy = haproxy(host + ":" + port, serverPort, options)) {
            for (int i = 0; i < 10; i++) {
                try (Socket client = connect(haproxy, host, port)) {
                    String line =
                            "v%d from %s:%d to %s:%d on shard 1, unique id %s"
                                    .formatted(
                                            version,
                                            shown,
                                            client.getLocalPort(),
                                            shown,
                                            port,
                                            id.formatted(client.getLocalPort()));
                    printer.awaitLine(Pattern.compile("(?m)^" + Pattern.quote(line) + "$"));
                }
            }
            GuideChecks.assertEndsCleanly(printer);
        }
    }

    /** It connects for itself (with version 2 LOCAL, with 1 by its own address). */
    @ParameterizedTest
    @CsvSource({"1, send-proxy", "2, send-proxy-v2"})
    void healthChecksAreTheLoadBalancersOwn(int version, String options) throws Exception {
        int port = freePort();
        int serverPort = freePort();
        String checked = options + " check check-send-proxy inter 50ms fall 2 rise 1";
        try (Child printer = printer(serverPort);
                Child haproxy = haproxy(port, serverPort, checked)) {
            Pattern check =
                    Pattern.compile(
                            "(?m)^v%d from itself to %s on shard 1, unique id none$"
                                    .formatted(
                                            version,
                                            version == 1 ? HOST + ":" + serverPort : "itself"));
            for (int i = 0; i < 5; i++) {
                printer.awaitLine(check);
            }
            try (Socket client = connect(haproxy, port)) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                printer.awaitLine(
                        Pattern.compile(
                                "v%d from 127.0.0.1:%d to 127.0.0.1:%d on shard 1"
                                        .formatted(version, client.getLocalPort(), port)));
            }
            assertThat(haproxy.isAlive()).isTrue();
            printer.signal("TERM");
            assertThat(printer.awaitEnd().err()).doesNotContain("malformed");
        }
    }

    /** Such a client has no address that version 1 could name, and none that we do. */
    @ParameterizedTest
    @CsvSource({"1, send-proxy", "2, send-proxy-v2"})
    void clientsOverAUnixSocketAreTheLoadBalancerItself(int version, String options)
            throws Exception {
        int serverPort = freePort();
        Path socket = folder.resolve("in.socket");
        try (Child printer = printer(serverPort);
                Child haproxy = haproxy("unix@" + socket, serverPort, options)) {
            while (!Files.exists(socket)) {
                assertThat(haproxy.endsWithin(BETWEEN_ATTEMPTS)).as("it ended").isFalse();
            }
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                assertThat(client.isConnected()).isTrue();
                printer.awaitLine(Pattern.compile("v%d from itself to itself".formatted(version)));
            }
            GuideChecks.assertEndsCleanly(printer);
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
