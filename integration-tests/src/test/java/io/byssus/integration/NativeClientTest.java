package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy on the native stack connects to the kernel's servers. */
@Tag("tun")
@Timeout(60)
class NativeClientTest {
    private static final int LIMIT_MILLIS = 20_000;
    private static final long BULK_BYTES = 64L << 20;

    private static TapNetwork network;
    private static ServerSocket upstream;
    private static RunningExample proxy;

    @BeforeAll
    static void start() throws Exception {
        network = TapNetwork.create();
        upstream = network.listen();
        upstream.setSoTimeout(LIMIT_MILLIS);
        String to = TapNetwork.KERNEL + ":" + upstream.getLocalPort();
        proxy = network.start(Buffers.RECYCLING, "proxy", "--to", to);
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            if (proxy != null) {
                proxy.stopCleanly();
            }
        } finally {
            if (network != null) {
                network.close();
            }
            if (upstream != null) {
                upstream.close();
            }
        }
    }

    @Test
    void clientThatEndsItsDirectionStillGetsTheAnswer() throws Exception {
        try (Socket client = network.connect(proxy);
                Socket server = accept()) {
            for (int i = 0; i < 100; i++) {
                assertPasses(client, server, i);
                assertPasses(server, client, i + 1);
            }
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            assertPasses(server, client, 7);
            server.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void serverThatEndsItsDirectionStillGetsWhatTheClientSends() throws Exception {
        try (Socket client = network.connect(proxy);
                Socket server = accept()) {
            server.getOutputStream().write(1);
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).containsExactly(1);
            assertPasses(client, server, 7);
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetOfOneSideEndsTheOther(boolean byClient) throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket client = network.connect(proxy);
                    Socket server = accept()) {
                assertPasses(client, server, 1);
                assertPasses(server, client, 2);
                Socket resets = byClient ? client : server;
                resets.setSoLinger(true, 0);
                resets.close();
                assertThat(endsOrIsReset(byClient ? server : client)).isTrue();
            }
        }
    }

    @Test
    void bulkPassesBothWaysAtOnce() throws Exception {
        Payload payload = Payload.seeded(BULK_BYTES);
        try (Socket client = network.connect(proxy);
                Socket server = accept()) {
            CompletableFuture<Long> up = payload.sendAsync(client);
            CompletableFuture<Long> down = payload.sendAsync(server);
            CompletableFuture<Long> arrived = checksumAsync(payload, server);
            assertThat(payload.checksum(client.getInputStream())).isEqualTo(down.join());
            assertThat(arrived.join()).isEqualTo(up.join());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** The sentence that the proxy prints; the silent host is given five seconds by it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    10.99.0.1:9   | connect: Connection refused: 10.99.0.1:9
                    10.99.0.77:80 | connect: No route to host: 10.99.0.77:80
                    192.0.2.9:80  | connect: Network is unreachable: 192.0.2.9:80
                    10.99.0.1:81  | connect: timed out: 10.99.0.1:81
                    """)
    void serverThatCannotBeReachedIsToldInOneSentence(String to, String sentence) throws Exception {
        try (TapNetwork own = TapNetwork.create();
                RunningExample failing = own.start("proxy", "--to", to)) {
            own.namespace.must("nft", "add table ip t");
            own.namespace.must("nft", "add chain ip t in { type filter hook input priority 0; }");
            own.namespace.must("nft", "add rule ip t in tcp dport 81 drop");
            try (Socket client = own.connect(failing)) {
                assertThat(endsOrIsReset(client)).isTrue();
            }
            assertThat(failing.stop())
                    .extracting("status", "err")
                    .containsExactly(0, sentence + "\n");
        }
    }

    private Socket accept() throws IOException {
        Socket socket = upstream.accept();
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static CompletableFuture<Long> checksumAsync(Payload payload, Socket socket) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return payload.checksum(socket.getInputStream());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static void assertPasses(Socket from, Socket to, int value) throws IOException {
        from.getOutputStream().write(value);
        assertThat(to.getInputStream().read()).isEqualTo(value);
    }

    static boolean endsOrIsReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage());
        }
    }
}
