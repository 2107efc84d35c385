package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ConnectionResetException;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that are the kernel's affair: what it was told, and what a lingering close sees. */
@Timeout(30)
class PosixOptionsTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private void onShard(FiberTask body) throws Exception {
        try (Shards shards =
                Shards.start(
                        new RuntimeOptions()
                                .reactorBackend(backend())
                                .smp(1)
                                .overprovisioned(true))) {
            shards.submitTo(
                    0,
                    () -> {
                        body.run();
                        return null;
                    });
        }
    }

    private static int option(SocketOptions option, Connection connection) throws Exception {
        return KernelSockets.option(option, connection.localAddress(), connection.remoteAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void serviceAndUserTimeoutReachTheKernelOnBothSides(String host) throws Exception {
        ListenOptions listen =
                ListenOptions.defaults().withDscp(46).withUserTimeout(Duration.ofSeconds(7));
        ConnectOptions connect =
                ConnectOptions.defaults().withDscp(10).withUserTimeout(Duration.ofNanos(1));
        SocketOptions service =
                host.equals("::1") ? SocketOptions.TRAFFIC_CLASS : SocketOptions.TYPE_OF_SERVICE;
        onShard(() -> {
            try (Listener listener = Network.listen(new InetSocketAddress(host, 0), listen);
                    Connection client = Network.connect(listener.localAddress(), connect);
                    Connection server = listener.accept().connection()) {
                assertThat(option(service, server)).isEqualTo(46 << 2);
                assertThat(option(service, client)).isEqualTo(10 << 2);
                assertThat(option(SocketOptions.USER_TIMEOUT_MILLIS, server)).isEqualTo(7000);
                assertThat(option(SocketOptions.USER_TIMEOUT_MILLIS, client)).isEqualTo(1);
            }
        });
    }

    /** Whether or not this machine's kernel lets the data travel with the SYN. */
    @Test
    void fastOpenConnectionsTalkLikeAnyOther() throws Exception {
        ListenOptions listen = ListenOptions.defaults().withFastOpen(16);
        ConnectOptions connect = ConnectOptions.defaults().withFastOpen(true);
        onShard(() -> {
            try (Listener listener =
                    Network.listen(new InetSocketAddress("127.0.0.1", 0), listen)) {
                for (int i = 0; i < 3; i++) { // the first gets the cookie
                    try (Connection client = Network.connect(listener.localAddress(), connect)) {
                        assertThat(option(SocketOptions.FAST_OPEN_CONNECT, client)).isEqualTo(1);
                        client.output().write("question\n");
                        client.output().flush();
                        try (Connection server = listener.accept().connection()) {
                            assertThat(server.input().readLine(100)).contains("question");
                            server.output().write("answer\n");
                            server.output().flush();
                            assertThat(client.input().readLine(100)).contains("answer");
                        }
                    }
                }
            }
        });
    }

    @Test
    void fastOpenToNobodyFailsWhenItConnectsOrAtTheFirstExchange() throws Exception {
        ConnectOptions connect = ConnectOptions.defaults().withFastOpen(true);
        onShard(() -> {
            InetSocketAddress nobody;
            try (ServerSocket socket = new ServerSocket(0)) {
                nobody = new InetSocketAddress("127.0.0.1", socket.getLocalPort());
            }
            assertThatThrownBy(
                            () -> {
                                try (Connection client = Network.connect(nobody, connect)) {
                                    client.output().write("question");
                                    client.output().flush();
                                    client.input().read();
                                }
                            })
                    .isInstanceOf(ConnectException.class);
        });
    }

    @Test
    void aLingeringCloseReturnsWhenAllIsAcknowledged() throws Exception {
        ConnectOptions connect = ConnectOptions.defaults().withLinger(Duration.ofSeconds(20));
        byte[] bytes = new byte[300_000];
        onShard(() -> {
            try (Listener listener =
                    Network.listen(
                            new InetSocketAddress("127.0.0.1", 0),
                            ListenOptions.defaults().withReceiveBufferBytes(8192))) {
                Connection client = Network.connect(listener.localAddress(), connect);
                try (Connection server = listener.accept().connection()) {
                    Fiber<Long> reading =
                            Fiber.start("reading", () -> server.input().skip(bytes.length));
                    client.output().write(bytes);
                    client.close();
                    client.close();
                    assertThat(reading.join()).isEqualTo(bytes.length);
                    try (Buffer end = server.input().read()) {
                        assertThat(end.isEmpty()).isTrue();
                    }
                }
                // One that has written nothing has nothing to wait for.
                Network.connect(listener.localAddress(), connect).close();
                listener.accept().connection().close();
            }
        });
    }

    /** The peer's buffer is small and nobody reads: what is with the kernel has not arrived. */
    @Test
    void aLingeringCloseThatCannotDeliverSaysSoAndResets() throws Exception {
        ConnectOptions connect = ConnectOptions.defaults().withLinger(Duration.ofMillis(100));
        ListenOptions listen = ListenOptions.defaults().withReceiveBufferBytes(4096);
        onShard(() -> {
            try (Listener listener =
                    Network.listen(new InetSocketAddress("127.0.0.1", 0), listen)) {
                Connection client = Network.connect(listener.localAddress(), connect);
                try (Connection server = listener.accept().connection()) {
                    client.output().write(new byte[200_000]);
                    assertThatThrownBy(client::close).isInstanceOf(SocketTimeoutException.class);
                    client.close();
                    assertThatThrownBy(() -> server.input().skip(200_000))
                            .isInstanceOf(ConnectionResetException.class);
                }
            }
        });
    }

    @Test
    void aLingeringCloseAfterTheEndOfThePeerReturnsToo() throws Exception {
        ConnectOptions connect = ConnectOptions.defaults().withLinger(Duration.ofSeconds(20));
        onShard(() -> {
            try (Listener listener =
                    Network.listen(
                            new InetSocketAddress("127.0.0.1", 0), ListenOptions.defaults())) {
                Connection client = Network.connect(listener.localAddress(), connect);
                try (Connection server = listener.accept().connection()) {
                    server.output().close();
                    client.awaitPeerShutdown();
                    client.output().write("last".getBytes(StandardCharsets.US_ASCII));
                    client.close();
                    assertThat(server.input().skip(100)).isEqualTo(4);
                }
            }
        });
    }
}
