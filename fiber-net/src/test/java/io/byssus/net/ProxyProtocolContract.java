package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener with the {@link ProxyProtocol}. */
abstract class ProxyProtocolContract extends NetworkContract {
    private static final InetSocketAddress SOURCE = new InetSocketAddress("192.0.2.1", 56324);
    private static final InetSocketAddress DESTINATION = new InetSocketAddress("192.0.2.2", 443);
    private static final byte[] HEADER = ProxyHeaders.version1(SOURCE, DESTINATION);

    ProxyProtocolContract(StackUnderTest stack) {
        super(stack);
    }

    /** Every address of the stacks under test is in these. */
    private static ProxyProtocol anyone() {
        return ProxyProtocol.from("0.0.0.0/0", "::/0");
    }

    private Listener listen(ProxyProtocol protocol) throws IOException {
        return Network.listen(anyPort(), ListenOptions.defaults().withProxyProtocol(protocol));
    }

    private static void send(Connection to, byte[] bytes) throws IOException {
        to.output().write(bytes);
        to.output().flush();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theClientIsWhomTheHeaderNames(boolean version1) throws Exception {
        byte[] header =
                version1
                        ? HEADER
                        : ProxyHeaders.version2(
                                SOURCE,
                                DESTINATION,
                                ProxyHeaders.extension(
                                        ProxyHeader.AUTHORITY, ProxyHeaders.ascii("example.org")));
        onShard(() -> {
            try (Listener listener = listen(anyone());
                    Connection client = connect(listener)) {
                client.output().write(header);
                Talk.say(client, "what follows");
                Accepted accepted = listener.accept();
                try (Connection server = accepted.connection()) {
                    assertThat(accepted.remoteAddress()).isEqualTo(SOURCE);
                    assertThat(server.remoteAddress()).isEqualTo(SOURCE);
                    assertThat(server.localAddress()).isEqualTo(DESTINATION);
                    assertThat(server.peerAddress())
                            .isEqualTo(stack().abroad(client.localAddress()));
                    ProxyHeader said = server.proxyHeader().orElseThrow();
                    assertThat(said.version()).isEqualTo(version1 ? 1 : 2);
                    assertThat(said.extension(ProxyHeader.AUTHORITY).map(String::new))
                            .isEqualTo(version1 ? Optional.empty() : Optional.of("example.org"));
                    Talk.assertHears(server, "what follows");
                    Talk.assertConversation(server, client);
                }
                assertThat(listener.proxyProtocolCounts())
                        .isEqualTo(new ProxyProtocolCounts(1, 0, 0, 0, 0, 0));
            }
        });
    }

    @Test
    void aLoadBalancerThatSpeaksForItselfIsThePeer() throws Exception {
        onShard(() -> {
            try (Listener listener = listen(anyone());
                    Connection client = connect(listener)) {
                send(client, ProxyHeaders.version2(0x20, 0, new byte[0]));
                try (Connection server = listener.accept().connection()) {
                    assertThat(server.remoteAddress()).isEqualTo(server.peerAddress());
                    assertThat(stack().abroad(server.localAddress()))
                            .isEqualTo(client.remoteAddress());
                    assertThat(server.proxyHeader()).isPresent();
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    /** Random headers in random pieces, with text right behind them. */
    @Test
    void aHeaderMayComeInAnyPieces() throws Exception {
        Random random = new Random(Seeds.next("ProxyProtocolContract"));
        onShard(() -> {
            try (Listener listener = listen(anyone())) {
                for (int i = 0; i < 30; i++) {
                    boolean six = random.nextBoolean();
                    InetSocketAddress source = ProxyHeaders.address(random, six);
                    InetSocketAddress destination = ProxyHeaders.address(random, six);
                    byte[] header =
                            random.nextBoolean()
                                    ? ProxyHeaders.version1(source, destination)
                                    : ProxyHeaders.version2(
                                            source,
                                            destination,
                                            ProxyHeaders.extension(
                                                    9, new byte[random.nextInt(2000)]));
                    try (Connection client = connect(listener)) {
                        Fiber<Connection> accepting =
                                Fiber.start("accepting", () -> listener.accept().connection());
                        int from = 0;
                        while (from < header.length) {
                            int count = Math.min(1 + random.nextInt(30), header.length - from);
                            client.output().write(header, from, count);
                            client.output().flush();
                            from += count;
                            Fiber.yield();
                        }
                        Talk.say(client, "text");
                        try (Connection server = accepting.join()) {
                            assertThat(server.remoteAddress()).isEqualTo(source);
                            assertThat(server.localAddress()).isEqualTo(destination);
                            Talk.assertHears(server, "text");
                        }
                    }
                }
            }
        });
    }

    @Test
    void silentPeersHoldUpNobodyAndAreResetInTime() throws Exception {
        ProxyProtocol hasty = anyone().withHeaderTimeout(Duration.ofMillis(300));
        onShard(() -> {
            List<Connection> silent = new ArrayList<>();
            try (Listener listener = listen(hasty)) {
                for (int i = 0; i < 20; i++) {
                    silent.add(connect(listener));
                    send(silent.getLast(), new byte[] {'P'});
                }
                try (Connection client = connect(listener)) {
                    send(client, HEADER);
                    try (Connection server = listener.accept().connection()) {
                        assertThat(server.remoteAddress()).isEqualTo(SOURCE);
                        Talk.assertConversation(client, server);
                        assertThat(listener.proxyProtocolCounts().accepted()).isEqualTo(1);
                        for (Connection late : silent) {
                            assertReset(late);
                        }
                        assertThat(listener.proxyProtocolCounts().late()).isEqualTo(20);
                        Talk.assertConversation(client, server);
                    }
                }
            } finally {
                silent.forEach(Connection::reset);
            }
        });
    }

    /** However much of a header they have sent: they hold nobody up, and little memory. */
    @Test
    void aThousandSilentPeersHoldUpNobody() throws Exception {
        ProxyProtocol patient = anyone().withHeaderTimeout(Duration.ofMinutes(1));
        byte[] announced = new byte[17];
        System.arraycopy(ProxyHeaders.version2(0x21, 0x11, new byte[16_000]), 0, announced, 0, 17);
        onShard(() -> {
            List<Connection> silent = new ArrayList<>();
            try (Listener listener = listen(patient)) {
                Fiber<Connection> accepting =
                        Fiber.start("accepting", () -> listener.accept().connection());
                for (int i = 0; i < 1000; i++) {
                    silent.add(connect(listener));
                    if (i % 2 == 0) {
                        send(silent.getLast(), announced);
                    }
                }
                try (Connection client = connect(listener)) {
                    send(client, HEADER);
                    try (Connection server = accepting.join()) {
                        assertThat(server.remoteAddress()).isEqualTo(SOURCE);
                        Talk.assertConversation(client, server);
                    }
                }
                assertThat(listener.proxyProtocolCounts())
                        .isEqualTo(new ProxyProtocolCounts(1, 0, 0, 0, 0, 0));
                assertThat(Shard.current().buffers().liveBytes()).isLessThan(1 << 20);
            } finally {
                silent.forEach(Connection::reset);
            }
        });
    }

    /** The limit is for all of it, however little comes however often. */
    @Test
    void aHeaderThatTricklesIsLateAllTheSame() throws Exception {
        ProxyProtocol hasty = anyone().withHeaderTimeout(Duration.ofMillis(200));
        onShard(() -> {
            try (Listener listener = listen(hasty);
                    Connection slow = connect(listener)) {
                Fiber<Accepted> accepting = Fiber.start("accepting", () -> listener.accept());
                Fiber<?> trickling =
                        Fiber.start(
                                "trickling",
                                () -> {
                                    byte[] endless =
                                            ProxyHeaders.version2(0x21, 0x11, new byte[16_000]);
                                    try {
                                        for (byte one : endless) {
                                            send(slow, new byte[] {one});
                                            Fiber.sleep(Duration.ofMillis(20));
                                        }
                                    } catch (ConnectionResetException e) {
                                        assertThat(listener.proxyProtocolCounts().late()).isOne();
                                    }
                                });
                assertReset(slow);
                trickling.join();
                cancel(accepting);
                slow.reset();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "PROXY TCP4 nonsense\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 and then it does not end within the bytes that it may"
                        + " have: one hundred and seven",
                "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000c123456789012",
                "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u007f\u007f"
            })
    void aMalformedHeaderEndsItsConnectionOnly(String header) throws Exception {
        onShard(() -> {
            try (Listener listener = listen(anyone());
                    Connection bad = connect(listener);
                    Connection good = connect(listener)) {
                send(bad, header.getBytes(StandardCharsets.ISO_8859_1));
                send(good, HEADER);
                try (Connection server = listener.accept().connection()) {
                    assertReset(bad);
                    Talk.assertConversation(good, server);
                }
                assertThat(listener.proxyProtocolCounts())
                        .isEqualTo(new ProxyProtocolCounts(1, 1, 0, 0, 0, 0));
                bad.reset();
            }
        });
    }

    @Test
    void whoEndsBeforeItsHeaderIsCountedOnly() throws Exception {
        onShard(() -> {
            try (Listener listener = listen(anyone())) {
                connect(listener).close();
                Connection half = connect(listener);
                send(half, ProxyHeaders.ascii("PROXY TCP4 1.2"));
                half.output().close();
                assertThatThrownBy(() -> listener.accept(Deadline.after(Duration.ofMillis(200))))
                        .isInstanceOf(SocketTimeoutException.class);
                assertThat(listener.proxyProtocolCounts())
                        .isEqualTo(new ProxyProtocolCounts(0, 1, 0, 0, 0, 1));
                half.reset();
            }
        });
    }

    @Test
    void whoIsNotTrustedIsResetUnlessClientsMayComeDirectly() throws Exception {
        ProxyProtocol others = ProxyProtocol.from("203.0.113.0/24");
        onShard(() -> {
            try (Listener listener = listen(others);
                    Connection client = connect(listener)) {
                Fiber<Accepted> accepting = Fiber.start("accepting", () -> listener.accept());
                assertReset(client);
                assertThat(listener.proxyProtocolCounts().untrusted()).isEqualTo(1);
                cancel(accepting);
                client.reset();
            }
            try (Listener listener = listen(others.withDirectClients(true));
                    Connection client = connect(listener)) {
                send(client, HEADER);
                try (Connection server = listener.accept().connection()) {
                    assertThat(server.remoteAddress())
                            .isEqualTo(stack().abroad(client.localAddress()));
                    assertThat(server.proxyHeader()).isEmpty();
                    assertThat(server.input().readLine(200)).isPresent();
                }
            }
        });
    }

    /**
     * What is silent for longest makes room, so that nobody can keep others out by saying nothing.
     */
    @Test
    void tooManySilentPeersMakeRoomForTheNext() throws Exception {
        ListenOptions options = ListenOptions.defaults().withBacklog(8).withProxyProtocol(anyone());
        onShard(() -> {
            List<Connection> silent = new ArrayList<>();
            try (Listener listener = Network.listen(anyPort(), options)) {
                Fiber<Connection> accepting =
                        Fiber.start("accepting", () -> listener.accept().connection());
                for (int i = 0; i < 12; i++) {
                    silent.add(connect(listener));
                    Eventually.parked(accepting.thread());
                }
                try (Connection client = connect(listener)) {
                    send(client, HEADER);
                    try (Connection server = accepting.join()) {
                        Talk.assertConversation(client, server);
                    }
                }
                for (int i = 0; i < 5; i++) {
                    assertReset(silent.get(i));
                }
                assertThat(listener.proxyProtocolCounts().pruned()).isEqualTo(5);
            } finally {
                silent.forEach(Connection::reset);
            }
        });
    }

    @Test
    void theAddressesStayWithAConnectionThatGoesToAnotherShard() throws Exception {
        ListenOptions options =
                ListenOptions.defaults()
                        .withDistribution(Distribution.fixedShard(1))
                        .withProxyProtocol(anyone());
        InetSocketAddress any = anyPort();
        Listener[] listeners = new Listener[SHARDS];
        for (int shard = 0; shard < SHARDS; shard++) {
            int id = shard;
            onShard(id, () -> listeners[id] = Network.listen(any, options));
        }
        // Every shard accepts, whoever gets the connection then.
        Fiber<?>[] accepting = new Fiber<?>[1];
        onShard(0, () -> accepting[0] = Fiber.start("accepting", () -> listeners[0].accept()));
        for (int i = 0; i < 4; i++) {
            InetSocketAddress source = new InetSocketAddress("192.0.2.9", 1000 + i);
            Connection[] client = new Connection[1];
            onShard(
                    0,
                    () -> {
                        client[0] = connect(listeners[0]);
                        send(client[0], ProxyHeaders.version2(source, DESTINATION));
                    });
            onShard(
                    1,
                    () -> {
                        try (Connection server = listeners[1].accept().connection()) {
                            assertThat(server.remoteAddress()).isEqualTo(source);
                            assertThat(server.localAddress()).isEqualTo(DESTINATION);
                        }
                    });
            onShard(0, () -> client[0].close());
        }
        onShard(
                0,
                () -> {
                    cancel(accepting[0]);
                    listeners[0].close();
                });
        onShard(1, () -> listeners[1].close());
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void anAcceptThatIsStoppedLosesNothing(Means means) throws Exception {
        onShard(() -> {
            try (Listener listener = listen(anyone());
                    Connection client = connect(listener)) {
                var source = new AbortSource("source");
                Fiber<Boolean> accepting =
                        Fiber.start(
                                "accepting",
                                () -> {
                                    assertThatThrownBy(() -> means.run(source, listener::accept))
                                            .isInstanceOf(means.thrown());
                                    return Thread.currentThread().isInterrupted();
                                });
                means.awaitParked(accepting);
                means.stop(source, accepting);
                assertThat(accepting.join()).as("interrupt status").isFalse();
                send(client, HEADER);
                try (Connection server = listener.accept().connection()) {
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    @Test
    void closingTheListenerEndsWhatWaitsInIt() throws Exception {
        onShard(() -> {
            Listener listener = listen(anyone());
            try (Connection silent = connect(listener);
                    Connection waiting = connect(listener);
                    Connection taken = connect(listener)) {
                send(taken, HEADER);
                try (Connection server = listener.accept().connection()) {
                    send(waiting, HEADER);
                    Fiber<String> accepting = Fiber.start("accepting", () -> failure(listener));
                    assertThat(accepting.join()).isEqualTo("accepted");
                    Fiber<String> closedUnder = Fiber.start("accepting", () -> failure(listener));
                    Eventually.parked(closedUnder.thread());
                    listener.close();
                    assertThat(closedUnder.join()).isEqualTo("ConnectionClosedException");
                    assertReset(silent);
                    Talk.assertConversation(taken, server);
                }
                silent.reset();
            }
        });
    }

    private static String failure(Listener listener) {
        try {
            listener.accept().connection().close();
            return "accepted";
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static void cancel(Fiber<?> fiber) {
        fiber.cancel();
        assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
    }

    private static void assertReset(Connection connection) {
        assertThatThrownBy(() -> connection.input().read())
                .isInstanceOf(ConnectionResetException.class);
    }
}
