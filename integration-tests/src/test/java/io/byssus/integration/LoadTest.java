package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many connections, and many bytes. */
class LoadTest {
    private static final int IN_SEQUENCE = 10_000;
    private static final int AT_ONCE = 1_000;
    private static final int RESETS = 300;
    private static final long GIBIBYTE = 1L << 30;

    @Test
    @Timeout(120)
    void echoServesTenThousandConnectionsInSequence() throws Exception {
        try (RunningExample echo = RunningExample.start("echo")) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Integer.BYTES);
            for (int i = 0; i < IN_SEQUENCE; i++) {
                try (SocketChannel channel = echo.open()) {
                    exchange(channel, bytes, i);
                }
            }
            echo.stopCleanly();
        }
    }

    @Test
    void echoServesAThousandConnectionsAtOnce() throws Exception {
        try (RunningExample echo = RunningExample.start("echo")) {
            List<SocketChannel> channels = new ArrayList<>();
            try {
                for (int i = 0; i < AT_ONCE; i++) {
                    channels.add(echo.open());
                }
                ByteBuffer bytes = ByteBuffer.allocateDirect(Integer.BYTES);
                for (int round = 0; round < 3; round++) {
                    for (int i = 0; i < AT_ONCE; i++) {
                        send(channels.get(i), bytes, round + i);
                    }
                    for (int i = 0; i < AT_ONCE; i++) {
                        assertReceives(channels.get(i), bytes, round + i);
                    }
                }
            } finally {
                for (SocketChannel channel : channels) {
                    channel.close();
                }
            }
            echo.stopCleanly();
        }
    }

    @ParameterizedTest
    @EnumSource
    void httpServesAThousandConnectionsAtOnce(Buffers buffers) throws Exception {
        try (RunningExample http = RunningExample.start(buffers, "http")) {
            Child.Ended wrk =
                    Child.run(
                            "", "wrk", "-t1", "-c1000", "-d2s", "--timeout", "10s", http.url("/"));
            assertThat(wrk.status()).isZero();
            assertThat(wrk.out())
                    .contains("requests in")
                    .doesNotContain("Socket errors", "Non-2xx", "\n  0 requests in");
            http.stopCleanly();
        }
    }

    @Test
    @Timeout(120)
    void gibibytePassesThroughEcho() throws Exception {
        try (RunningExample echo = RunningExample.start(Buffers.RECYCLING, "echo")) {
            assertPasses(GIBIBYTE, echo.address());
            echo.stopCleanly();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void gibibytePassesThroughProxy(Buffers buffers) throws Exception {
        try (RunningExample echo = RunningExample.start(buffers, "echo");
                RunningExample proxy =
                        RunningExample.start(
                                buffers, "proxy", "--to", "127.0.0.1:" + echo.port())) {
            assertPasses(GIBIBYTE, proxy.address());
            proxy.stopCleanly();
            echo.stopCleanly();
        }
    }

    /** Each client leaves something unread or unsent, and resets at a random moment. */
    @ParameterizedTest
    @ValueSource(strings = {"accept", "hello", "echo", "http"})
    void clientsThatResetInTheMiddleLeaveNothingBehind(String name) throws Exception {
        SplittableRandom random = new SplittableRandom(Payload.SEED);
        byte[] requests = get("/plaintext").repeat(1000).getBytes();
        try (RunningExample server = RunningExample.start(name)) {
            for (int i = 0; i < RESETS; i++) {
                try (Socket socket = server.connect()) {
                    socket.setSoLinger(true, 0);
                    sendUnlessReset(socket, requests, random.nextInt(requests.length));
                }
            }
            server.connect().close();
            server.stopCleanly();
        }
    }

    private static void sendUnlessReset(Socket socket, byte[] bytes, int length) {
        try {
            socket.getOutputStream().write(bytes, 0, length);
        } catch (IOException e) {
            // accept and hello close without reading, so their side may reset first.
            assertThat(e.getMessage()).containsAnyOf("Broken pipe", "Connection reset");
        }
    }

    private static void assertPasses(long bytes, InetSocketAddress server) throws Exception {
        Payload payload = Payload.seeded(bytes);
        try (Socket socket = RunningExample.connect(server)) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static void exchange(SocketChannel channel, ByteBuffer bytes, int value)
            throws Exception {
        send(channel, bytes, value);
        assertReceives(channel, bytes, value);
    }

    private static void send(SocketChannel channel, ByteBuffer bytes, int value) throws Exception {
        bytes.clear().putInt(value).flip();
        assertThat(channel.write(bytes)).isEqualTo(Integer.BYTES);
    }

    private static void assertReceives(SocketChannel channel, ByteBuffer bytes, int value)
            throws Exception {
        bytes.clear();
        while (bytes.hasRemaining()) {
            assertThat(channel.read(bytes)).isPositive();
        }
        assertThat(bytes.flip().getInt()).isEqualTo(value);
    }
}
