package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
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

/** {@link UnixDatagramSocket}: datagrams as over UDP, and what is a Unix socket's own. */
abstract class UnixDatagramContract extends NetworkContract {
    private static final DatagramOptions DEFAULTS = DatagramOptions.defaults();
    private static int nextName;

    @TempDir private Path folder;
    private Path path;
    private UnixAddress address;

    UnixDatagramContract(StackUnderTest stack) {
        super(stack);
    }

    @BeforeEach
    void choosePath() {
        path = folder.resolve("socket");
        address = UnixAddress.path(path);
    }

    private UnixAddress other(String name) {
        return UnixAddress.path(folder.resolve(name));
    }

    private static UnixAddress anAbstractName() {
        return UnixAddress.abstractName(
                "byssus-dgram-" + ProcessHandle.current().pid() + "-" + nextName++);
    }

    private static UnixDatagramSocket bind(UnixAddress at) throws IOException {
        return Network.bindDatagram(at, DEFAULTS);
    }

    private static void assertReceives(DatagramSocket socket, DatagramHeader header, String text)
            throws IOException {
        assertThat(Talk.text(socket.receive(header))).isEqualTo(text);
    }

    private static Buffer payload(String text) {
        return DatagramContract.payload(text);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void datagramsArriveWithTheirSourceAndCanBeAnswered(boolean isAbstract) throws Exception {
        UnixAddress server = isAbstract ? anAbstractName() : address;
        UnixAddress client = isAbstract ? anAbstractName() : other("client");
        onShard(() -> {
            try (UnixDatagramSocket one = bind(server);
                    UnixDatagramSocket two = bind(client)) {
                DatagramHeader header = new DatagramHeader();
                two.send(payload("question"), server);
                two.send(Buffer.EMPTY, server);
                assertReceives(one, header, "question");
                assertThat(header.unixSource()).contains(client);
                assertThat(header.source()).isEqualTo(client.toInetSocketAddress());
                one.send(payload("answer"), header);
                assertReceives(one, header, "");
                assertReceives(two, header, "answer");
                assertThat(header.unixSource()).contains(server);
                assertThat(header.toString()).contains("6 bytes from " + server);
                assertThat(one.localAddress()).isEqualTo(server.toInetSocketAddress());
                assertThat(one.toString()).isEqualTo("UnixDatagramSocket[" + server + "]");
            }
        });
        assertThat(path).doesNotExist();
    }

    @Test
    void aConnectedSocketHasANameAndHearsItsPeerAlone() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket server = bind(address);
                    UnixDatagramSocket stranger = bind(other("stranger"));
                    UnixDatagramSocket client = Network.connectDatagram(address, DEFAULTS)) {
                DatagramHeader header = new DatagramHeader();
                client.send(payload("hello"));
                assertReceives(server, header, "hello");
                UnixAddress name = header.unixSource().orElseThrow();
                assertThat(name.isAbstract()).isTrue();
                assertThat(client.localAddress()).isEqualTo(name.toInetSocketAddress());
                assertThat(client.remoteAddress()).contains(address.toInetSocketAddress());
                stranger.send(payload("intruder"), name);
                assertThatThrownBy(stranger::flush).isInstanceOf(SocketException.class);
                server.send(payload("welcome"), header);
                assertReceives(client, header, "welcome");
                assertThatThrownBy(() -> client.send(payload("x"), address))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> server.send(payload("x")))
                        .isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    void aConnectedSocketMayHaveAPathOfItsOwn() throws Exception {
        UnixAddress own = other("own");
        onShard(() -> {
            try (UnixDatagramSocket server = bind(address);
                    UnixDatagramSocket client = Network.connectDatagram(own, address, DEFAULTS)) {
                DatagramHeader header = new DatagramHeader();
                client.send(payload("hello"));
                assertReceives(server, header, "hello");
                assertThat(header.unixSource()).contains(own);
            }
            assertThatThrownBy(() -> Network.connectDatagram(own, address, DEFAULTS))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("No such file or directory");
            assertThat(Path.of(own.name())).doesNotExist();
        });
    }

    @Test
    void whatIsLongerThanTheOptionsAllowIsTruncatedAndSaysSo() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket server =
                            Network.bindDatagram(address, DEFAULTS.withPayloadBytesMax(10));
                    UnixDatagramSocket client = Network.connectDatagram(address, DEFAULTS)) {
                client.send(payload("more than ten"));
                DatagramHeader header = new DatagramHeader();
                assertReceives(server, header, "more than ");
                assertThat(header.isTruncated()).isTrue();
                assertThat(header.length()).isEqualTo(13);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw-rw-", "-w--w----"})
    void thePathHasThePermissionsThatTheOptionsSay(String permissions) throws Exception {
        DatagramOptions options =
                DEFAULTS.withPathPermissions(PosixFilePermissions.fromString(permissions));
        onShard(() -> {
            try (UnixDatagramSocket socket = Network.bindDatagram(address, options)) {
                assertThat(Files.getPosixFilePermissions(path))
                        .isEqualTo(PosixFilePermissions.fromString(permissions));
                assertThat(socket.remoteAddress()).isEmpty();
            }
        });
    }

    @Test
    void aPathThatSomebodyHasIsAnErrorAndOneThatWasLeftIsTakenOver() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket first = bind(address)) {
                assertThatThrownBy(() -> bind(address))
                        .isInstanceOf(BindException.class)
                        .hasMessage("bind: Address already in use: " + address);
                try (Listener listener =
                        Network.listen(other("stream"), ListenOptions.defaults())) {
                    assertThat(listener).isNotNull();
                    assertThatThrownBy(() -> bind(other("stream")))
                            .isInstanceOf(BindException.class);
                }
                Files.move(path, folder.resolve("left")); // as a killed program leaves it
                first.send(payload("x"), address);
                assertThatThrownBy(first::flush).isInstanceOf(SocketException.class);
            }
            assertThat(folder.resolve("left")).exists();
            try (UnixDatagramSocket again = bind(other("left"));
                    UnixDatagramSocket client = Network.connectDatagram(other("left"), DEFAULTS)) {
                client.send(payload("anybody?"));
                assertReceives(again, new DatagramHeader(), "anybody?");
            }
            assertThat(folder.resolve("left")).doesNotExist();
        });
    }

    @Test
    void aFileThatIsNoSocketIsNeverRemoved() throws Exception {
        Files.writeString(path, "precious");
        onShard(() -> assertThatThrownBy(() -> bind(address)).isInstanceOf(BindException.class));
        assertThat(path).hasContent("precious");
    }

    @Test
    void theSendersUserIsKnownIfAskedFor() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket asking =
                            Network.bindDatagram(address, DEFAULTS.withCredentials(true));
                    UnixDatagramSocket other = bind(other("other"))) {
                other.send(payload("who am I?"), address);
                DatagramHeader header = new DatagramHeader();
                assertReceives(asking, header, "who am I?");
                PeerCredentials sender = header.credentials().orElseThrow();
                assertThat(sender.processId()).isEqualTo((int) ProcessHandle.current().pid());
                assertThat(sender.userId()).isEqualTo(Files.getAttribute(path, "unix:uid"));
                assertThat(sender.groupId()).isEqualTo(Files.getAttribute(path, "unix:gid"));
                asking.send(payload("you"), header);
                assertReceives(other, header, "you");
                assertThat(header.credentials()).isEmpty();
            }
        });
    }

    /** A receiver that is slow, or means harm, costs nobody but itself anything. */
    @Test
    void aFullReceiverKeepsNobodyElseWaiting() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket deaf = bind(other("deaf"));
                    UnixDatagramSocket hearing = bind(other("hearing"));
                    UnixDatagramSocket sender = bind(address)) {
                int count = 2000;
                for (int i = 0; i < count; i++) {
                    sender.send(payload("x"), other("deaf"));
                }
                assertThatThrownBy(sender::flush)
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("deaf");
                sender.send(payload("first"), other("hearing"));
                assertReceives(hearing, new DatagramHeader(), "first");
                DatagramCounters counters = sender.counters();
                assertThat(counters.failed()).isPositive();
                assertThat(counters.sent() + counters.failed()).isEqualTo(count + 1);
                assertReceives(deaf, new DatagramHeader(), "x");
            }
        });
    }

    @Test
    void aConnectedSenderWaitsForASlowPeer() throws Exception {
        int count = 500;
        onShard(() -> {
            try (UnixDatagramSocket server = bind(address);
                    UnixDatagramSocket client = Network.connectDatagram(address, DEFAULTS)) {
                Fiber<Void> sending =
                        Fiber.start(
                                "sending",
                                () -> {
                                    for (int i = 0; i < count; i++) {
                                        client.send(payload("number " + i));
                                    }
                                    client.flush();
                                });
                Eventually.parked(sending.thread());
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < count; i++) {
                    assertReceives(server, header, "number " + i);
                }
                sending.join();
                assertThat(client.counters().sent()).isEqualTo(count);
                client.timeout(Duration.ofMillis(50));
                assertThatThrownBy(
                                () -> {
                                    for (int i = 0; i < count; i++) {
                                        client.send(payload("too much"));
                                    }
                                })
                        .isInstanceOf(SocketTimeoutException.class);
            }
        });
    }

    @Test
    void aPeerThatIsGoneIsReportedOnce() throws Exception {
        onShard(() -> {
            assertThatThrownBy(() -> Network.connectDatagram(anAbstractName(), DEFAULTS))
                    .isInstanceOf(ConnectException.class);
            UnixDatagramSocket server = bind(address);
            try (UnixDatagramSocket client = Network.connectDatagram(address, DEFAULTS)) {
                server.close();
                client.send(payload("anybody?"));
                assertThatThrownBy(client::receive)
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining(address.toString());
                client.send(payload("still nobody"));
                assertThatThrownBy(client::flush).isInstanceOf(SocketException.class);
                client.flush();
            }
        });
    }

    @Test
    void whoHasNoNameIsNotAnsweredAndHarmsNobody() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket server = bind(address)) {
                UnixPeers.sendUnnamed(path, "guess who");
                DatagramHeader header = new DatagramHeader();
                assertReceives(server, header, "guess who");
                assertThat(header.unixSource()).isEmpty();
                assertThat(header.source())
                        .isEqualTo(InetSocketAddress.createUnresolved("unix:", 0));
                server.send(payload("you?"), header);
                assertThatThrownBy(server::flush).isInstanceOf(SocketException.class);
                assertThat(server.counters().failed()).isOne();
            }
        });
    }

    @Test
    void familiesAreNotMixed() throws Exception {
        onShard(() -> {
            try (UnixDatagramSocket unix = bind(address);
                    UdpSocket udp = Network.bindUdp(anyPort(), DEFAULTS);
                    UdpSocket six = Network.bindUdp(new InetSocketAddress("::", 0), DEFAULTS)) {
                DatagramHeader ofUnix = new DatagramHeader();
                DatagramHeader ofUdp = new DatagramHeader();
                unix.send(payload("u"), address);
                unix.receive(ofUnix).close();
                udp.send(payload("i"), udp.localAddress());
                udp.receive(ofUdp).close();
                for (UdpSocket ip : List.of(udp, six)) {
                    assertThatThrownBy(() -> ip.send(payload("x"), ofUnix))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("destination=" + address);
                }
                assertThatThrownBy(() -> unix.send(payload("x"), ofUdp))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("destination=127.0.0.1");
                assertThat(ofUdp.unixSource()).isEmpty();
            }
        });
    }

    @Test
    void receiveCanBeCancelledAndClosed() throws Exception {
        onShard(() -> {
            UnixDatagramSocket socket = bind(address);
            List<Fiber<Throwable>> receiving = new ArrayList<>();
            receiving.add(Fiber.start("cancelled", () -> catchThrowable(socket::receive)));
            Eventually.parked(receiving.get(0).thread());
            receiving.get(0).cancel();
            assertThat(receiving.get(0).join()).isInstanceOf(FiberCancelledException.class);
            receiving.add(Fiber.start("closed", () -> catchThrowable(socket::receive)));
            Eventually.parked(receiving.get(1).thread());
            socket.close();
            assertThat(receiving.get(1).join()).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> socket.send(Shard.current().allocate(1), address))
                    .isInstanceOf(ClosedChannelException.class);
        });
    }
}
