package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link UdpSocket}: what is sent arrives whole or not at all, and nothing closes it but close. */
abstract class DatagramContract extends NetworkContract {
    private static final Duration SHORT = Duration.ofMillis(50);

    DatagramContract(StackUnderTest stack) {
        super(stack);
    }

    UdpSocket bind() throws IOException {
        return bind(DatagramOptions.defaults());
    }

    UdpSocket bind(DatagramOptions options) throws IOException {
        return Network.bindUdp(anyPort(), options);
    }

    static Buffer payload(String text) {
        return Talk.buffer(text.getBytes(StandardCharsets.US_ASCII));
    }

    static void assertReceives(UdpSocket socket, DatagramHeader header, String text)
            throws IOException {
        Buffer payload = socket.receive(header);
        assertThat(Talk.text(payload)).isEqualTo(text);
    }

    private static void assertConversation(UdpSocket one, UdpSocket other) throws IOException {
        DatagramHeader header = new DatagramHeader();
        one.send(payload("question"), other.localAddress());
        assertReceives(other, header, "question");
        assertThat(header.source()).isEqualTo(one.localAddress());
        other.send(payload("answer"), header);
        assertReceives(one, header, "answer");
        assertThat(header.source()).isEqualTo(other.localAddress());
    }

    @Test
    void datagramsArriveWithTheirSourceAndCanBeAnswered() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                assertConversation(one, other);
                assertThat(one.remoteAddress()).isEmpty();
                assertThat(one.toString())
                        .isEqualTo("UdpSocket[" + Addresses.format(one.localAddress()) + "]");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "::"})
    void ipv6AndItsWildcardWork(String host) throws Exception {
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress(host, 0);
            try (UdpSocket six = Network.bindUdp(any, DatagramOptions.defaults());
                    UdpSocket client = Network.connectUdp("::1", six.localAddress().getPort())) {
                DatagramHeader header = new DatagramHeader();
                client.send(payload("six"));
                assertReceives(six, header, "six");
                assertThat(header.source()).isEqualTo(client.localAddress());
                six.send(payload("6"), header);
                assertReceives(client, header, "6");
            }
        });
    }

    @Test
    void aSocketOfBothFamiliesSeesIpv4AsIpv4() throws Exception {
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress("::", 0);
            try (UdpSocket both = Network.bindUdp(any, DatagramOptions.defaults());
                    UdpSocket client =
                            Network.connectUdp("127.0.0.1", both.localAddress().getPort())) {
                DatagramHeader header = new DatagramHeader();
                client.send(payload("four"));
                assertReceives(both, header, "four");
                assertThat(header.source()).isEqualTo(client.localAddress());
                both.send(payload("4"), client.localAddress());
                assertReceives(client, header, "4");
            }
        });
    }

    @Test
    void anIpv4SocketRefusesAnIpv6Destination() throws Exception {
        onShard(() -> {
            try (UdpSocket four = bind()) {
                assertThatThrownBy(() -> four.send(payload("?"), new InetSocketAddress("::1", 9)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("destination=[::1]:9");
            }
        });
    }

    @Test
    void aConnectedSocketHearsItsPeerAlone() throws Exception {
        onShard(() -> {
            try (UdpSocket server = bind();
                    UdpSocket stranger = bind();
                    UdpSocket client =
                            Network.connectUdp(server.localAddress(), DatagramOptions.defaults())) {
                stranger.send(payload("intruder"), client.localAddress());
                stranger.flush();
                client.send(payload("hello"));
                DatagramHeader header = new DatagramHeader();
                assertReceives(server, header, "hello");
                server.send(payload("welcome"), header);
                assertReceives(client, header, "welcome");
                assertThat(client.remoteAddress()).contains(server.localAddress());
                assertThat(client.toString()).contains(" to ");
            }
        });
    }

    @Test
    void sendKnowsWhetherItIsConnected() throws Exception {
        onShard(() -> {
            try (UdpSocket server = bind();
                    UdpSocket client =
                            Network.connectUdp(server.localAddress(), DatagramOptions.defaults())) {
                assertThatThrownBy(() -> server.send(payload("where to?")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not connected");
                assertThatThrownBy(() -> client.send(payload("x"), server.localAddress()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("connected to");
                assertThatThrownBy(() ->
                                server.send(
                                        payload("x"),
                                        InetSocketAddress.createUnresolved("nowhere", 9)))
                        .isInstanceOf(UnknownHostException.class);
            }
        });
    }

    @Test
    void anEmptyDatagramIsADatagram() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                one.send(Buffer.EMPTY, other.localAddress());
                one.send(payload("next"), other.localAddress());
                DatagramHeader header = new DatagramHeader();
                assertReceives(other, header, "");
                assertThat(header.length()).isZero();
                assertReceives(other, header, "next");
            }
        });
    }

    @Test
    void whatIsLongerThanTheOptionsAllowIsTruncatedAndSaysSo() throws Exception {
        onShard(() -> {
            try (UdpSocket sender = bind();
                    UdpSocket narrow = bind(DatagramOptions.defaults().withPayloadBytesMax(100));
                    UdpSocket wide =
                            bind(
                                    DatagramOptions.defaults()
                                            .withPayloadBytesMax(
                                                    DatagramOptions.PAYLOAD_BYTES_LIMIT))) {
                byte[] large = Talk.pattern(65_507);
                sender.send(Talk.buffer(large), narrow.localAddress());
                sender.send(payload("short"), narrow.localAddress());
                sender.send(Talk.buffer(large), wide.localAddress());
                DatagramHeader header = new DatagramHeader();
                try (Buffer payload = narrow.receive(header)) {
                    assertThat(payload.length()).isEqualTo(100);
                    assertThat(header.isTruncated()).isTrue();
                    assertThat(header.length()).isEqualTo(65_507);
                    assertThat(header.toString()).contains("truncated to 100");
                }
                assertReceives(narrow, header, "short");
                assertThat(header.isTruncated()).isFalse();
                assertThat(narrow.counters().truncated()).isOne();
                try (Buffer payload = wide.receive(header)) {
                    assertThat(header.isTruncated()).isFalse();
                    Talk.assertSame(payload.toByteArray(), large);
                }
            }
        });
    }

    @Test
    void aPayloadThatNoDatagramCanHoldIsRefused() throws Exception {
        onShard(() -> {
            try (UdpSocket socket = bind()) {
                assertThatThrownBy(() ->
                                socket.send(
                                        Shard.current().allocate(65_528), socket.localAddress()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("length=65528");
            }
        });
    }

    @Test
    void whatIsNotFlushedGoesOutByItself() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                Fiber<Void> receiver =
                        Fiber.start(
                                "receiver",
                                () -> assertReceives(other, new DatagramHeader(), "by itself"));
                Eventually.parked(receiver.thread());
                one.send(payload("by itself"), other.localAddress());
                receiver.join();
            }
        });
    }

    @Test
    void manyAreSentAndReceivedInFewCalls() throws Exception {
        int count = 100;
        onShard(() -> {
            try (UdpSocket one = bind(DatagramOptions.defaults().withSegmentation(false));
                    UdpSocket other = bind()) {
                for (int i = 0; i < count; i++) {
                    one.send(payload("number " + i), other.localAddress());
                }
                one.flush();
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < count; i++) {
                    assertReceives(other, header, "number " + i);
                }
                assertThat(one.counters().sent()).isEqualTo(count);
                assertThat(other.counters().received()).isEqualTo(count);
                if (has(Capability.DATAGRAM_BATCHES)) {
                    assertThat(one.counters().sendCalls()).isLessThan(count / 3);
                    assertThat(other.counters().receiveCalls()).isLessThan(count / 3);
                } else {
                    assertThat(one.counters().sendCalls()).isEqualTo(count);
                    assertThat(other.counters().receiveCalls()).isGreaterThanOrEqualTo(count);
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void segmentsOfALargeMessageArriveAsTheDatagramsThatTheyWere(boolean coalescing)
            throws Exception {
        int[] lengths = {700, 700, 700, 300, 700, 700, 0, 700, 1400, 1400, 10};
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind(DatagramOptions.defaults().withCoalescing(coalescing))) {
                for (int i = 0; i < lengths.length; i++) {
                    one.send(marked(i, lengths[i]), other.localAddress());
                }
                one.flush();
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < lengths.length; i++) {
                    try (Buffer payload = other.receive(header);
                            Buffer expected = marked(i, lengths[i])) {
                        assertThat(header.isTruncated()).isFalse();
                        assertThat(header.length()).isEqualTo(lengths[i]);
                        Talk.assertSame(payload.toByteArray(), expected.toByteArray());
                    }
                }
                assertThat(one.counters().sent()).isEqualTo(lengths.length);
                assertThat(other.counters().received()).isEqualTo(lengths.length);
            }
        });
    }

    private static Buffer marked(int mark, int length) {
        byte[] bytes = Talk.pattern(length);
        if (length > 0) {
            bytes[0] = (byte) mark;
        }
        return Talk.buffer(bytes);
    }

    @Test
    void whatWasReceivedButNotAskedForIsDroppedByClose() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind()) {
                UdpSocket other = bind(DatagramOptions.defaults().withCoalescing(true));
                for (int i = 0; i < 20; i++) {
                    one.send(payload("left"), other.localAddress());
                }
                one.flush();
                other.receive().close();
                other.receive().close();
                other.close();
                other.close();
                assertThatThrownBy(other::receive).isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(() -> other.send(payload("x"), one.localAddress()))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(other::flush).isInstanceOf(ClosedChannelException.class);
                assertThat(other.counters().received()).isEqualTo(2);
            }
        });
    }

    @Test
    void closeSendsWhatIsQueued() throws Exception {
        onShard(() -> {
            try (UdpSocket other = bind()) {
                UdpSocket one = bind();
                one.send(payload("farewell"), other.localAddress());
                one.close();
                assertReceives(other, new DatagramHeader(), "farewell");
            }
        });
    }

    @Test
    void closeWakesTheReceiver() throws Exception {
        onShard(() -> {
            UdpSocket socket = bind();
            Fiber<Throwable> receiving =
                    Fiber.start("receiving", () -> catchThrowable(socket::receive));
            Eventually.parked(receiving.thread());
            socket.close();
            assertThat(receiving.join()).isInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void aSilentPeerIsWaitedForUntilTheTimeout() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                one.timeout(SHORT);
                assertThatThrownBy(one::receive).isInstanceOf(SocketTimeoutException.class);
                one.timeout(Duration.ZERO);
                one.deadline(Deadline.after(SHORT));
                assertThatThrownBy(one::receive).isInstanceOf(SocketTimeoutException.class);
                other.send(payload("late"), one.localAddress());
                other.flush();
                assertReceives(one, new DatagramHeader(), "late");
                one.deadline(Deadline.NONE);
                assertConversation(one, other);
                assertThatThrownBy(() -> one.timeout(Duration.ofMillis(-1)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void receiveCanBeStoppedAndTheSocketGoesOn(Means means) throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                AbortSource source = new AbortSource("test");
                Fiber<Throwable> receiving =
                        Fiber.start(
                                "receiving",
                                () ->
                                        catchThrowable(() ->
                                                means.run(source, () -> one.receive().close())));
                means.awaitParked(receiving);
                means.stop(source, receiving);
                assertThat(receiving.join()).isInstanceOf(means.thrown());
                assertConversation(one, other);
            }
        });
    }

    @Test
    void twoReceiversAreAMistake() throws Exception {
        onShard(() -> {
            try (UdpSocket socket = bind()) {
                Fiber<Throwable> first =
                        Fiber.start("first", () -> catchThrowable(socket::receive));
                Eventually.parked(first.thread());
                assertThatThrownBy(socket::receive).isInstanceOf(IllegalStateException.class);
                first.cancel();
                assertThat(first.join()).isInstanceOf(FiberCancelledException.class);
            }
        });
    }

    /** ICMP, port unreachable: RFC 1122, 4.1.3.3. */
    @Test
    void aPeerThatIsNotThereIsReportedOnceAndTheSocketGoesOn() throws Exception {
        onShard(() -> {
            UdpSocket gone = bind();
            InetSocketAddress address = gone.localAddress();
            try (UdpSocket client = Network.connectUdp(address, DatagramOptions.defaults())) {
                gone.close();
                client.timeout(Duration.ofSeconds(20));
                client.send(payload("anybody?"));
                assertThatThrownBy(client::receive)
                        .isInstanceOf(PortUnreachableException.class)
                        .hasMessageContaining(Addresses.format(address));
                try (UdpSocket back = Network.bindUdp(address, DatagramOptions.defaults())) {
                    client.send(payload("again"));
                    DatagramHeader header = new DatagramHeader();
                    assertReceives(back, header, "again");
                    back.send(payload("here"), header);
                    assertReceives(client, header, "here");
                }
            }
        });
    }

    @Test
    void aRefusalIsReportedByFlushAndNothingIsKeptBack() throws Exception {
        onShard(() -> {
            UdpSocket gone = bind();
            InetSocketAddress address = gone.localAddress();
            try (UdpSocket client =
                    Network.connectUdp(
                            address, DatagramOptions.defaults().withSegmentation(false))) {
                gone.close();
                Throwable refused = null;
                for (int i = 0; i < 100 && refused == null; i++) {
                    client.send(payload("anybody?"));
                    refused = catchThrowable(client::flush);
                    Fiber.sleep(Duration.ofMillis(1)); // the answer comes when it comes
                }
                assertThat(refused).isInstanceOf(PortUnreachableException.class);
                assertThat(client.counters().failed()).isZero();
            }
        });
    }

    @Test
    void destinationsThatCannotBeReachedHarmNobodyElse() throws Exception {
        onShard(() -> {
            try (UdpSocket one = bind();
                    UdpSocket other = bind()) {
                InetSocketAddress nobody = new InetSocketAddress(anyPort().getAddress(), 0);
                one.send(payload("first"), other.localAddress());
                one.send(payload("to port 0"), nobody);
                one.send(payload("second"), other.localAddress());
                assertThatThrownBy(one::flush).isInstanceOf(SocketException.class);
                one.flush();
                DatagramHeader header = new DatagramHeader();
                assertReceives(other, header, "first");
                assertReceives(other, header, "second");
                assertThat(one.counters().failed()).isOne();
                one.send(payload("to port 0"), nobody);
                assertConversation(one, other);
                assertThat(one.counters().failed()).isEqualTo(2);
            }
        });
    }

    @Test
    void aHeldPortIsAnErrorForASecondSocketOfTheShard() throws Exception {
        onShard(() -> {
            try (UdpSocket first = bind()) {
                assertThatThrownBy(() ->
                                Network.bindUdp(first.localAddress(), DatagramOptions.defaults()))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("Address already in use");
            }
        });
    }

    @Test
    void portZeroIsAPortForEachSocketAlone() throws Exception {
        Set<Integer> ports = new HashSet<>();
        List<List<UdpSocket>> sockets = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(shard, () -> sockets.add(List.of(bind(), bind())));
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            List<UdpSocket> own = sockets.get(shard);
            own.forEach(socket -> ports.add(socket.localAddress().getPort()));
            onShard(shard, () -> own.forEach(UdpSocket::close));
        }
        assertThat(ports).hasSize(2 * SHARDS);
    }

    @Test
    void shardsShareAPortAndASenderStaysWithOne() throws Exception {
        UdpSocket[] servers = new UdpSocket[SHARDS];
        onShard(0, () -> servers[0] = bind());
        onShard(
                1,
                () ->
                        servers[1] =
                                Network.bindUdp(
                                        servers[0].localAddress(), DatagramOptions.defaults()));
        assertThat(servers[1].localAddress()).isEqualTo(servers[0].localAddress());
        List<Fiber<?>> loops = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            UdpSocket server = servers[shard];
            String name = "shard " + shard;
            onShard(shard, () -> loops.add(Fiber.start("answering", () -> answer(server, name))));
        }
        Set<String> answering = new HashSet<>();
        onShard(
                0,
                () -> {
                    for (int i = 0; i < 200 && answering.size() < SHARDS; i++) {
                        try (UdpSocket client =
                                Network.connectUdp(
                                        servers[0].localAddress(), DatagramOptions.defaults())) {
                            String first = ask(client);
                            assertThat(ask(client)).isEqualTo(first);
                            answering.add(first);
                        }
                    }
                });
        assertThat(answering).hasSize(SHARDS);
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(shard, servers[shard]::close);
        }
    }

    private static void answer(UdpSocket server, String name) throws IOException {
        DatagramHeader header = new DatagramHeader();
        try {
            while (true) {
                server.receive(header).close();
                server.send(payload(name), header);
            }
        } catch (ClosedChannelException e) {
            assertThat(e).isInstanceOf(ConnectionClosedException.class);
        }
    }

    private static String ask(UdpSocket client) throws IOException {
        client.send(payload("who?"));
        return Talk.text(client.receive());
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        DatagramOptions options = DatagramOptions.defaults();
        assertThatThrownBy(() -> options.withPayloadBytesMax(0))
                .hasMessageContaining("payloadBytesMax=0");
        assertThatThrownBy(() -> options.withPayloadBytesMax(65_528))
                .hasMessageContaining("payloadBytesMax=65528");
        assertThatThrownBy(() -> options.withBatch(0)).hasMessageContaining("batch=0");
        assertThatThrownBy(() -> options.withBatch(257)).hasMessageContaining("batch=257");
        assertThatThrownBy(() -> options.withSendBufferBytes(-1))
                .hasMessageContaining("sendBufferBytes=-1");
        assertThatThrownBy(() -> options.withReceiveBufferBytes(-1))
                .hasMessageContaining("receiveBufferBytes=-1");
        assertThatThrownBy(() -> options.withMulticastTtl(256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multicastTtl=256");
    }
}
