package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.Accepted;
import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ConnectionInput;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.RecyclingBuffers;
import io.byssus.net.uring.BufferRing;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What connections do to each other that share the buffers which io_uring receives into. */
@Timeout(60)
class UringSocketsTest {
    private static final int FLOOD_BYTES = 4 << 20;
    private static final int BLOCK_BYTES = 16_384;
    private static final int PINGS = 200;

    /** What a connection may have unread, and what one pass of the kernel may add to it. */
    private static final int UNREAD_BYTES_MAX = 32_768 + BufferRing.capacityBytes();

    private record Pair(Connection client, Connection server) {}

    private RecyclingBuffers mode;
    private Shards shards;

    @BeforeEach
    void start() {
        mode = new RecyclingBuffers();
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(1)
                                .overprovisioned(true)
                                .reactorBackend("io_uring")
                                .shutdownGrace(Duration.ZERO));
    }

    @AfterEach
    void stop() {
        shards.close();
        mode.close();
    }

    private static Pair pair(Listener listener) throws IOException {
        Connection client =
                Network.connect(
                        listener.localAddress(),
                        ConnectOptions.defaults().withSendBufferBytes(65_536));
        return new Pair(client, listener.accept().connection());
    }

    private static Listener listen() throws IOException {
        return Network.listen(
                new InetSocketAddress("127.0.0.1", 0),
                ListenOptions.defaults().withReceiveBufferBytes(65_536));
    }

    private static void flood(Connection to, int bytes) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        for (int sent = 0; sent < bytes; sent += block.length) {
            for (int i = 0; i < block.length; i++) {
                block[i] = (byte) (((sent + i) * 31) >>> 8);
            }
            to.output().write(block);
            to.output().flush();
        }
    }

    private static int readFlood(ConnectionInput input, int bytes) throws IOException {
        int read = 0;
        while (read < bytes) {
            try (Buffer buffer = input.read()) {
                byte[] piece = buffer.toByteArray();
                for (int i = 0; i < piece.length; i++) {
                    if (piece[i] != (byte) (((read + i) * 31) >>> 8)) {
                        throw new AssertionError("wrong byte at " + (read + i));
                    }
                }
                read += buffer.length();
            }
        }
        return read;
    }

    private static void ping(Pair quiet) throws IOException {
        quiet.client().output().write("ping");
        quiet.client().output().flush();
        try (Buffer asked = quiet.server().input().readExactly(4)) {
            assertThat(asked.length()).isEqualTo(4);
        }
    }

    /** The fast peer has the kernel's window and its share of buffers, and then waits. */
    @Test
    void aFastPeerWhoseFiberDoesNotReadDoesNotDrainTheBuffersOfAQuietOne() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    Listener listener = listen();
                    Pair fast = pair(listener);
                    Pair quiet = pair(listener);
                    fast.client().output().timeout(Duration.ofSeconds(30));
                    try (Buffer first = beginReading(fast)) {
                        assertThat(first.length()).isPositive();
                        Fiber<Void> flooding =
                                Fiber.start("flood", () -> flood(fast.client(), FLOOD_BYTES));
                        for (int i = 0; i < PINGS; i++) {
                            ping(quiet);
                        }
                        assertThat(Shard.current().buffers().liveBytes())
                                .isLessThan(UNREAD_BYTES_MAX + 4 * BLOCK_BYTES + FLOOD_BYTES / 8);
                        assertThat(flooding.isDone()).as("the fast one waits").isFalse();
                        assertThat(readFlood(fast.server().input(), FLOOD_BYTES))
                                .isEqualTo(FLOOD_BYTES);
                        flooding.join();
                    }
                    ping(quiet);
                    return null;
                });
    }

    /** From now on the kernel receives by itself. */
    private static Buffer beginReading(Pair pair) throws IOException {
        Fiber<Buffer> reading = Fiber.start("read", () -> pair.server().input().read());
        Fiber.yield();
        pair.client().output().write("x");
        pair.client().output().flush();
        return reading.join();
    }

    /** All send at once more than the ring has; those that find it empty get theirs too. */
    @Test
    void whoFindsTheRingEmptyGetsItsBytesNevertheless() throws Exception {
        int connections = 64;
        shards.submitTo(
                0,
                () -> {
                    Listener listener = listen();
                    List<Pair> pairs = new ArrayList<>();
                    for (int i = 0; i < connections; i++) {
                        pairs.add(pair(listener));
                        beginReading(pairs.getLast()).close();
                    }
                    for (int round = 0; round < 20; round++) {
                        for (Pair pair : pairs) {
                            flood(pair.client(), BLOCK_BYTES);
                        }
                        for (Pair pair : pairs) {
                            assertThat(readFlood(pair.server().input(), BLOCK_BYTES))
                                    .isEqualTo(BLOCK_BYTES);
                        }
                    }
                    return null;
                });
    }

    /** Large writes are tried without a copy first, and all bytes arrive in their order. */
    @Test
    void aLargeWriteArrivesWhetherTheKernelCopiesOrNot() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    Pair pair = pair(listen());
                    int length = 1 << 20;
                    byte[] bytes = new byte[length];
                    for (int i = 0; i < length; i++) {
                        bytes[i] = (byte) ((i * 31) >>> 8);
                    }
                    Fiber<Integer> reading =
                            Fiber.start("read", () -> readFlood(pair.server().input(), 2 * length));
                    for (int i = 0; i < 2; i++) {
                        Buffer large = Shard.current().buffers().allocate(length);
                        large.put(0, bytes, 0, length);
                        pair.client().output().write(large);
                        pair.client().output().flush();
                    }
                    assertThat(reading.join()).isEqualTo(2 * length);
                    return null;
                });
    }

    /** What the peer has not taken by then is still there, and goes on where it stopped. */
    @Test
    void aLargeWriteEndsAtItsTimeout() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    Pair pair = pair(listen());
                    int length = 16 << 20;
                    Buffer large = Shard.current().buffers().allocate(length);
                    byte[] bytes = new byte[length];
                    for (int i = 0; i < length; i++) {
                        bytes[i] = (byte) ((i * 31) >>> 8);
                    }
                    large.put(0, bytes, 0, length);
                    pair.client().output().timeout(Duration.ofMillis(50));
                    assertThatThrownBy(() -> pair.client().output().write(large))
                            .isInstanceOf(SocketTimeoutException.class);
                    pair.client().output().timeout(Duration.ZERO);
                    Fiber<Integer> reading =
                            Fiber.start("read", () -> readFlood(pair.server().input(), length));
                    pair.client().output().flush();
                    assertThat(reading.join()).isEqualTo(length);
                    return null;
                });
    }

    /** The kernel holds a socket that it receives on; the peer must not have to wait for that. */
    @Test
    void aCloseReachesThePeerAtOnceAlthoughTheKernelReceives() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    Pair pair = pair(listen());
                    beginReading(pair).close();
                    Fiber<Buffer> reading = Fiber.start("read", () -> pair.client().input().read());
                    pair.server().close();
                    assertThat(reading.join().isEmpty()).isTrue();
                    return null;
                });
    }

    @Test
    void aPortIsFreeWhenItsListenerIsClosed() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    Listener listener = listen();
                    InetSocketAddress address = listener.localAddress();
                    for (int i = 0; i < 20; i++) {
                        Listener accepting = listener;
                        Fiber<Accepted> accept = Fiber.start("accept", () -> accepting.accept());
                        Fiber.yield(); // the kernel accepts
                        listener.close();
                        assertThatThrownBy(accept::join).hasCauseInstanceOf(IOException.class);
                        listener = Network.listen(address, ListenOptions.defaults());
                    }
                    listener.close();
                    return null;
                });
    }
}
