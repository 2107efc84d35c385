package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.integration.RunningExample.Buffers;
import io.byssus.testing.SoakLength;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's clients at the echo server on the native stack. */
@Tag("tun")
@Timeout(60)
class NativeServerTest {
    private static final int AT_ONCE = 1_000;
    private static final int IN_SEQUENCE = 1_000;
    private static final int RESETS = 300;
    private static final long BULK_BYTES = 64L << 20;
    private static final int GIBIBYTE_IN_BLOCKS = 1 << 14;
    private static final int BLOCK_BYTES = 1 << 16;

    private static TapNetwork network;
    private static RunningExample echo;

    @BeforeAll
    static void start() throws Exception {
        network = TapNetwork.create();
        echo = network.start("echo");
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            if (echo != null) {
                echo.stopCleanly();
            }
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 1472, 1473, 8000}) // the last two in fragments
    void pingIsAnswered(int bytes) throws Exception {
        Child.Ended ping =
                network.run(
                        "", "ping", "-n", "-c3", "-i0.05", "-W5", "-s" + bytes, TapNetwork.NATIVE);
        assertThat(ping.out()).contains("3 received, 0% packet loss");
    }

    @Test
    void ncGetsItsLinesBackAndEndsAfterItsOwnEnd() throws Exception {
        String lines = "one\ntwo\nthree\n";
        assertThat(network.run(lines, "nc", "-N", TapNetwork.NATIVE, port()))
                .isEqualTo(new Child.Ended(0, lines, ""));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 64 << 10, 5 << 20})
    void everyByteSentBeforeTheHalfCloseComesBack(int length) throws Exception {
        byte[] bytes = new byte[length];
        new SplittableRandom(Payload.SEED).nextBytes(bytes);
        try (Socket socket = network.connect(echo)) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> {
                        try {
                            socket.getOutputStream().write(bytes);
                            socket.shutdownOutput();
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes);
            sent.join();
        }
    }

    @Test
    void singleBytesComeBackOneByOne() throws Exception {
        try (Socket socket = network.connect(echo)) {
            for (int i = 0; i < 256; i++) {
                socket.getOutputStream().write(i);
                assertThat(socket.getInputStream().read()).isEqualTo(i);
            }
        }
    }

    @Test
    void clientThatSendsNothingSeesTheEndAfterItsOwn() throws Exception {
        try (Socket socket = network.connect(echo)) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void thousandConnectionsAtOnce() throws Exception {
        List<SocketChannel> channels = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.allocateDirect(Integer.BYTES);
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                channels.add(network.open(echo));
            }
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
    }

    @Test
    void thousandConnectionsInSequence() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Integer.BYTES);
        for (int i = 0; i < IN_SEQUENCE; i++) {
            try (SocketChannel channel = network.open(echo)) {
                send(channel, bytes, i);
                assertReceives(channel, bytes, i);
            }
        }
    }

    @Test
    void clientsThatResetLeaveNothingBehind() throws Exception {
        SplittableRandom random = new SplittableRandom(Payload.SEED);
        byte[] bytes = new byte[BLOCK_BYTES];
        for (int i = 0; i < RESETS; i++) {
            try (Socket socket = network.connect(echo)) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(bytes, 0, random.nextInt(bytes.length));
            }
        }
        try (Socket socket = network.connect(echo)) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void portThatNobodyListensOnRefuses() throws Exception {
        assertThatThrownBy(() ->
                        network.namespace.run(() ->
                                RunningExample.connect(
                                        new InetSocketAddress(TapNetwork.NATIVE, 9))))
                .isInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
    }

    @Test
    void bulkPasses() throws Exception {
        assertPasses(BULK_BYTES);
    }

    @Tag("soak")
    @Timeout(300)
    @Test
    void gibibytePasses() throws Exception {
        assertPasses((long) SoakLength.count(GIBIBYTE_IN_BLOCKS) * BLOCK_BYTES);
    }

    private static void assertPasses(long bytes) throws Exception {
        Payload payload = Payload.seeded(bytes);
        try (TapNetwork own = TapNetwork.create();
                RunningExample server = own.start(Buffers.RECYCLING, "echo")) {
            try (Socket socket = own.connect(server)) {
                CompletableFuture<Long> sent = payload.sendAsync(socket);
                assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            server.stopCleanly();
        }
    }

    private static String port() {
        return Integer.toString(echo.port());
    }

    private static void send(SocketChannel channel, ByteBuffer bytes, int value)
            throws IOException {
        bytes.clear().putInt(value).flip();
        assertThat(channel.write(bytes)).isEqualTo(Integer.BYTES);
    }

    private static void assertReceives(SocketChannel channel, ByteBuffer bytes, int value)
            throws IOException {
        bytes.clear();
        while (bytes.hasRemaining()) {
            assertThat(channel.read(bytes)).isPositive();
        }
        assertThat(bytes.flip().getInt()).isEqualTo(value);
    }
}
