package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.OpenDescriptors;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the kernel's sockets have: its options, its view of ports, its descriptors. */
class PosixSocketsTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

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

    @Test
    void optionsReachTheKernelOnBothSides() throws Exception {
        ListenOptions listen =
                ListenOptions.defaults()
                        .withKeepalive(Duration.ofSeconds(40))
                        .withSendBufferBytes(30_000)
                        .withReceiveBufferBytes(20_000);
        ConnectOptions connect =
                ConnectOptions.defaults()
                        .withNoDelay(false)
                        .withSendBufferBytes(20_000)
                        .withReceiveBufferBytes(30_000);
        onShard(() -> {
            try (Listener listener = Network.listen(LOOPBACK, listen);
                    Connection client = Network.connect(listener.localAddress(), connect);
                    Connection server = listener.accept().connection()) {
                assertThat(option(SocketOptions.NO_DELAY, server)).isEqualTo(1);
                assertThat(option(SocketOptions.NO_DELAY, client)).isZero();
                assertThat(option(SocketOptions.KEEPALIVE, server)).isEqualTo(1);
                assertThat(option(SocketOptions.KEEPALIVE_IDLE_SECONDS, server)).isEqualTo(40);
                assertThat(option(SocketOptions.KEEPALIVE_INTERVAL_SECONDS, server)).isEqualTo(10);
                assertThat(option(SocketOptions.KEEPALIVE, client)).isZero();
                // socket(7): the kernel doubles what it is told.
                assertThat(option(SocketOptions.SEND_BUFFER, server)).isEqualTo(60_000);
                assertThat(option(SocketOptions.RECEIVE_BUFFER, server)).isEqualTo(40_000);
                assertThat(option(SocketOptions.SEND_BUFFER, client)).isEqualTo(40_000);
                assertThat(option(SocketOptions.RECEIVE_BUFFER, client)).isEqualTo(60_000);
            }
        });
    }

    private static int option(SocketOptions option, Connection connection) throws Exception {
        return KernelSockets.option(option, connection.localAddress(), connection.remoteAddress());
    }

    @Test
    void theBacklogIsOursUpToTheKernelsLimit() throws Exception {
        int limit =
                Integer.parseInt(
                        Files.readAllLines(Path.of("/proc/sys/net/core/somaxconn")).getFirst());
        onShard(() -> {
            assertThat(backlog(ListenOptions.defaults())).isEqualTo(Math.min(1024, limit));
            assertThat(backlog(ListenOptions.defaults().withBacklog(77))).isEqualTo(77);
            assertThat(backlog(ListenOptions.defaults().withBacklog(1_000_000))).isEqualTo(limit);
        });
    }

    /** The third field of {@code State Recv-Q Send-Q Local:Port Peer:Port}. */
    private static int backlog(ListenOptions options) throws Exception {
        try (Listener listener = Network.listen(LOOPBACK, options)) {
            int port = listener.localAddress().getPort();
            Process ss =
                    new ProcessBuilder("ss", "-ltnH", "sport = :" + port)
                            .redirectErrorStream(true)
                            .start();
            String line = new String(ss.getInputStream().readAllBytes()).trim();
            return Integer.parseInt(line.split("\\s+")[2]);
        }
    }

    /** A program that shares its port would also share ours, silently, if ours asked to share. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPortThatAnotherProgramSharesIsInUse(boolean reuseAddress) throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress("0.0.0.0", 0));
            int port = other.getLocalPort();
            onShard(() ->
                    assertThatThrownBy(() ->
                                    Network.listen(
                                            port,
                                            ListenOptions.defaults()
                                                    .withReuseAddress(reuseAddress)))
                            .isInstanceOf(BindException.class)
                            .hasMessage("bind: Address already in use: 0.0.0.0:" + port));
        }
    }

    @Test
    void aPortThatAnotherRuntimeListensOnIsInUse() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(0, ListenOptions.reuseAddress())) {
                int port = listener.localAddress().getPort();
                Thread other = Thread.ofPlatform().unstarted(() -> listenElsewhere(port));
                other.start();
                other.join();
            }
        });
    }

    private void listenElsewhere(int port) {
        assertThatThrownBy(() -> onShard(() -> Network.listen(port, ListenOptions.reuseAddress())))
                .isInstanceOf(BindException.class)
                .hasMessage("bind: Address already in use: 0.0.0.0:" + port);
    }

    @Test
    void noWayToFailKeepsADescriptor() throws Exception {
        onShard(() -> {
            oneRoundOfFailures();
            long before = OpenDescriptors.sockets();
            for (int i = 0; i < 20; i++) {
                oneRoundOfFailures();
            }
            assertThat(OpenDescriptors.sockets()).isEqualTo(before);
        });
    }

    private void oneRoundOfFailures() throws Exception {
        InetSocketAddress address;
        try (Listener listener = Network.listen(LOOPBACK, ListenOptions.defaults())) {
            address = listener.localAddress();
            assertThatThrownBy(
                            () -> Network.listen(listener.localAddress(), ListenOptions.defaults()))
                    .isInstanceOf(BindException.class);
            assertThatThrownBy(() -> listener.accept(Deadline.after(Duration.ofMillis(1))))
                    .isInstanceOf(SocketTimeoutException.class);
            Network.connect(address, ConnectOptions.defaults()).reset();
            listener.accept().connection().close();
            Network.connect(address, ConnectOptions.defaults()).close();
        }
        assertThatThrownBy(() -> Network.connect(address, ConnectOptions.defaults()))
                .isInstanceOf(ConnectException.class);
        ConnectOptions impossible =
                ConnectOptions.defaults().withLocalAddress(new InetSocketAddress("203.0.113.1", 0));
        assertThatThrownBy(() -> Network.connect(address, impossible))
                .isInstanceOf(BindException.class);
    }

    @Test
    void aStoppedRuntimeKeepsNoDescriptor() throws Exception {
        FiberTask work =
                () -> {
                    Listener listener = Network.listen(LOOPBACK, ListenOptions.defaults());
                    Connection client =
                            Network.connect(listener.localAddress(), ConnectOptions.defaults());
                    client.close();
                    listener.close();
                };
        onShard(work);
        long before = OpenDescriptors.sockets();
        for (int i = 0; i < 5; i++) {
            onShard(work);
        }
        assertThat(OpenDescriptors.sockets()).isEqualTo(before);
    }
}
