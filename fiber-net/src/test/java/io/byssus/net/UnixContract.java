package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unix sockets: {@link Listener} and {@link Connection} as over TCP, and what is their own. */
abstract class UnixContract extends NetworkContract {
    private static int nextName;

    @TempDir private Path folder;
    private Path path;
    private UnixAddress address;

    UnixContract(StackUnderTest stack) {
        super(stack);
    }

    @BeforeEach
    void choosePath() {
        path = folder.resolve("socket");
        address = UnixAddress.path(path);
    }

    private Listener listen() throws IOException {
        return Network.listen(address, ListenOptions.defaults());
    }

    private Connection connect() throws IOException {
        return connect(ConnectOptions.defaults());
    }

    private Connection connect(ConnectOptions options) throws IOException {
        return Network.connect(address, options);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothEndsTalkAndKnowTheAddress(boolean isAbstract) throws Exception {
        if (isAbstract) {
            String name = "byssus-" + ProcessHandle.current().pid() + "-" + nextName++;
            address = UnixAddress.abstractName(name);
        }
        onShard(() -> {
            if (isAbstract && !has(Capability.ABSTRACT_NAMES)) {
                assertLacks(this::listen);
                assertLacks(this::connect);
                return;
            }
            try (Listener listener = listen();
                    Connection client = connect()) {
                Accepted accepted = listener.accept();
                try (Connection server = accepted.connection()) {
                    Talk.assertConversation(client, server);
                    assertThat(listener.localAddress())
                            .isEqualTo(address.toInetSocketAddress())
                            .isEqualTo(accepted.remoteAddress())
                            .isEqualTo(client.remoteAddress())
                            .isEqualTo(client.localAddress());
                    assertThat(listener.toString()).isEqualTo("Listener[" + address + "]");
                    client.output().close();
                    Talk.assertHearsTheEnd(server);
                }
            }
            assertThat(path).doesNotExist();
        });
    }

    @Test
    void muchDataArrivesWhole() throws Exception {
        byte[] bytes = Talk.pattern(3_000_000);
        onShard(() -> {
            try (Listener listener = listen();
                    Connection client = connect();
                    Connection server = listener.accept().connection()) {
                Fiber<Void> writer =
                        Fiber.start(
                                "writer",
                                () -> {
                                    client.output().write(bytes);
                                    client.output().close();
                                });
                Talk.assertSame(Talk.hearAll(server), bytes);
                writer.join();
            }
        });
    }

    @Test
    void thePeerIsKnownByItsCredentials() throws Exception {
        onShard(() -> {
            try (Listener listener = listen();
                    Connection client = connect();
                    Connection server = listener.accept().connection()) {
                if (!has(Capability.PEER_CREDENTIALS)) {
                    assertLacks(server::peerCredentials);
                    assertLacks(client::peerCredentials);
                    return;
                }
                PeerCredentials peer = server.peerCredentials();
                assertThat(peer.processId()).isEqualTo((int) ProcessHandle.current().pid());
                assertThat(peer.userId()).isEqualTo(Files.getAttribute(path, "unix:uid"));
                assertThat(peer.groupId()).isEqualTo(Files.getAttribute(path, "unix:gid"));
                assertThat(client.peerCredentials()).isEqualTo(peer);
            }
            try (Pair pair = openPair()) {
                assertThatThrownBy(pair.client()::peerCredentials)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("no Unix socket");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw-rw-", "rwxrwx---"})
    void thePathHasThePermissionsThatTheOptionsSay(String permissions) throws Exception {
        ListenOptions options =
                ListenOptions.defaults()
                        .withPathPermissions(PosixFilePermissions.fromString(permissions))
                        .withBacklog(5);
        onShard(() -> {
            try (Listener listener = Network.listen(address, options)) {
                assertThat(Files.getPosixFilePermissions(path))
                        .isEqualTo(PosixFilePermissions.fromString(permissions));
                assertThat(listener.localAddress().getPort()).isZero();
            }
        });
    }

    @Test
    void aPathThatSomebodyListensOnIsAnError() throws Exception {
        onShard(() -> {
            try (ServerSocketChannel other =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                other.bind(UnixDomainSocketAddress.of(path));
                assertThatThrownBy(this::listen)
                        .isInstanceOf(BindException.class)
                        .hasMessage("bind: Address already in use: " + address);
                assertThat(path).exists();
            }
        });
    }

    @Test
    void aPathThatAKilledProgramHasLeftIsTakenOver() throws Exception {
        onShard(() -> {
            try (ServerSocketChannel other =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                other.bind(UnixDomainSocketAddress.of(path)); // whose close leaves the path
            }
            assertThat(path).exists();
            try (Listener listener = listen();
                    Connection client = connect();
                    Connection server = listener.accept().connection()) {
                Talk.assertConversation(client, server);
            }
            assertThat(path).doesNotExist();
        });
    }

    @Test
    void aFileThatIsNoSocketIsNeverRemoved() throws Exception {
        Files.writeString(path, "precious");
        onShard(() ->
                assertThatThrownBy(this::listen)
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("Address already in use"));
        assertThat(path).hasContent("precious");
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path target = folder.resolve("target");
        onShard(() -> {
            try (ServerSocketChannel other =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                other.bind(UnixDomainSocketAddress.of(target));
            }
            Files.createSymbolicLink(path, target);
            assertThatThrownBy(this::listen).isInstanceOf(BindException.class);
            assertThat(target).exists();
        });
    }

    @Test
    void aFolderThatDoesNotExistIsAnError() throws Exception {
        address = UnixAddress.path(folder.resolve("none").resolve("socket"));
        onShard(() -> {
            assertThatThrownBy(this::listen)
                    .isInstanceOf(BindException.class)
                    .hasMessageContainingAll("No such file or directory", address.toString());
            assertThatThrownBy(this::connect)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("No such file or directory");
        });
    }

    @Test
    void nobodyListensOnAPathThatWasLeft() throws Exception {
        onShard(() -> {
            try (ServerSocketChannel other =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                other.bind(UnixDomainSocketAddress.of(path));
            }
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        });
    }

    @Test
    void allShardsListenOnOnePathWhichTheLastRemoves() throws Exception {
        List<Listener> listeners = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(shard, () -> listeners.add(listen()));
        }
        onShard(0, listeners.get(0)::close);
        assertThat(path).exists();
        onShard(
                1,
                () -> {
                    try (Connection client = connect();
                            Connection server = listeners.get(1).accept().connection()) {
                        Talk.assertConversation(client, server);
                    }
                    listeners.get(1).close();
                });
        assertThat(path).doesNotExist();
    }

    @Test
    void connectionsCanBeHandedToAChosenShard() throws Exception {
        ListenOptions options =
                ListenOptions.defaults().withDistribution(Distribution.fixedShard(1));
        List<Listener> listeners = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(shard, () -> listeners.add(Network.listen(address, options)));
        }
        Fiber<?>[] accepting = new Fiber<?>[1];
        onShard(
                0,
                () ->
                        accepting[0] =
                                Fiber.start(
                                        "accepting",
                                        () -> catchThrowable(listeners.get(0)::accept)));
        onShard(
                1,
                () -> {
                    try (Connection client = connect();
                            Connection server = listeners.get(1).accept().connection()) {
                        Talk.assertConversation(client, server);
                    }
                });
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(shard, listeners.get(shard)::close);
        }
    }

    /** The kernel keeps one more than the backlog; unix(7) has no event for room in the queue. */
    @Test
    void connectWaitsWhileTheQueueIsFull() throws Exception {
        onShard(() -> {
            try (Listener listener =
                    Network.listen(address, ListenOptions.defaults().withBacklog(1))) {
                List<Connection> waiting = new ArrayList<>();
                waiting.add(connect());
                waiting.add(connect());
                assertThatThrownBy(() ->
                                connect(
                                        ConnectOptions.defaults()
                                                .withTimeout(Duration.ofMillis(20))))
                        .isInstanceOf(SocketTimeoutException.class)
                        .hasMessageContaining(address.toString());
                Fiber<Throwable> cancelled =
                        Fiber.start("cancelled", () -> catchThrowable(this::connect));
                Eventually.parked(cancelled.thread());
                cancelled.cancel();
                assertThat(cancelled.join()).isInstanceOf(FiberCancelledException.class);
                Fiber<Connection> connecting = Fiber.start("connecting", () -> connect());
                for (int i = 0; i < 3; i++) {
                    waiting.add(listener.accept().connection());
                }
                waiting.add(connecting.join());
                for (Connection connection : waiting) {
                    connection.close();
                }
            }
        });
    }

    @Test
    void aPeerOfTheJdkIsUnderstood() throws Exception {
        Listener[] listener = new Listener[1];
        onShard(() -> {
            listener[0] = listen();
            Fiber.start(
                    "echo",
                    () -> {
                        try (Connection connection = listener[0].accept().connection()) {
                            connection.output().write(connection.input().read());
                        }
                    });
        });
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(ByteBuffer.wrap("hello".getBytes()));
            ByteBuffer answer = ByteBuffer.allocate(100);
            while (client.read(answer) >= 0) {
                assertThat(answer.hasRemaining()).isTrue();
            }
            assertThat(new String(answer.array(), 0, answer.position())).isEqualTo("hello");
        }
        onShard(listener[0]::close);
    }

    @Test
    void namesThatNoSocketCanHaveAreRefused() {
        assertThatThrownBy(() -> UnixAddress.path(Path.of("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("path=");
        String name = "n".repeat(UnixAddress.NAME_LENGTH_MAX);
        assertThat(UnixAddress.abstractName(name).name()).isEqualTo(name);
        assertThatThrownBy(() -> UnixAddress.abstractName(name + "n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("108 bytes");
        assertThat(UnixAddress.of(UnixDomainSocketAddress.of(path)))
                .isEqualTo(address)
                .hasSameHashCodeAs(address)
                .isNotEqualTo(UnixAddress.abstractName(path.toString()));
        assertThat(UnixAddress.abstractName("x")).hasToString("unix:@x");
    }
}
