package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsException;
import io.byssus.net.tls.TlsHandshakeException;
import io.byssus.net.tls.TlsProvider;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsTestFiles;
import io.byssus.net.tls.TlsVersion;
import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records and their end; peers that are slow, hostile or cut off. */
abstract class TlsStreamContract extends NetworkContract {
    private static final int STALLED = 500;
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(5);

    /** A record's header, its content type and its tag (RFC 8446, 5.2). */
    private static final long OVERHEAD_MIN = 5 + 1 + 16;

    /** Some engines pad. */
    private static final long OVERHEAD_MAX = OVERHEAD_MIN + 16;

    private final TlsProvider provider;

    TlsStreamContract(StackUnderTest stack, TlsProvider provider) {
        super(stack);
        this.provider = provider;
    }

    private TlsServer server() throws IOException {
        return TlsServer.of(TlsPairs.serverOptions().withProvider(provider));
    }

    private TlsServer server(TlsVersion version) throws IOException {
        return TlsServer.of(
                TlsPairs.serverOptions().withProvider(provider).withVersions(version, version));
    }

    private Pair over(Pair plain) throws IOException {
        return TlsPairs.over(plain, server(), TlsPairs.client(), "localhost");
    }

    private static long sent() {
        return Shard.current().reactor().counters().bytesSent;
    }

    @Test
    void smallWritesShareARecordAndLargeOnesMakeSeveral() throws Exception {
        onShard(() -> {
            try (Pair pair = over(openPair())) {
                Talk.assertConversation(pair.client(), pair.server());
                ConnectionOutput output = pair.client().output();
                long before = sent();
                output.write("one");
                output.write(Talk.buffer(new byte[2000]));
                output.write("three");
                output.flush();
                assertThat(sent() - before - 2008).isBetween(OVERHEAD_MIN, OVERHEAD_MAX);
                pair.server().input().readExactly(2008).close();

                before = sent();
                Fiber<Void> writing =
                        Fiber.start("writing", () -> output.write(Talk.buffer(new byte[50_000])));
                pair.server().input().readExactly(50_000).close();
                writing.join();
                assertThat(sent() - before - 50_000).isBetween(4 * OVERHEAD_MIN, 4 * OVERHEAD_MAX);
            }
        });
    }

    /** Records in pieces, whatever the pieces. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 6, 100, 16_405})
    void recordsArriveInPieces(int piece) throws Exception {
        byte[] bytes = Talk.pattern(40_000);
        onShard(() -> {
            Pair inner = openPair();
            Pair outer = openPair();
            List<Fiber<Void>> relays =
                    List.of(
                            Fiber.start(
                                    "there", () -> relay(inner.server(), outer.client(), piece)),
                            Fiber.start(
                                    "back", () -> relay(outer.client(), inner.server(), piece)));
            Pair pair = over(new Pair(inner.client(), outer.server()));
            Fiber<Void> writing =
                    Fiber.start(
                            "writing",
                            () -> {
                                pair.client().output().write(bytes);
                                pair.client().output().close();
                            });
            Talk.assertSame(Talk.hearAll(pair.server()), bytes);
            writing.join();
            pair.close();
            relays.forEach(Fiber::join);
            inner.reset();
            outer.reset();
        });
    }

    private static void relay(Connection from, Connection to, int piece) throws IOException {
        try {
            for (var some = from.input().readUpTo(piece);
                    !some.isEmpty();
                    some = from.input().readUpTo(piece)) {
                to.output().write(some);
                to.output().flush();
            }
            to.output().close();
        } catch (IOException e) {
            to.reset(); // the other direction was first
        }
    }

    /** It has seen nothing of an end by then, so its engine has no reason of its own to speak. */
    @ParameterizedTest
    @EnumSource
    void aServerThatEndsFirstEndsInOrder(TlsVersion version) throws Exception {
        byte[] bytes = Talk.pattern(4000);
        onShard(() -> {
            try (Pair pair =
                    TlsPairs.over(openPair(), server(version), TlsPairs.client(), "localhost")) {
                Talk.say(pair.client(), "hello");
                Talk.assertHears(pair.server(), "hello");
                pair.server().output().write(bytes);
                pair.server().output().close();
                Talk.assertSame(Talk.hearAll(pair.client()), bytes);
            }
        });
    }

    @Test
    void aStreamThatIsCutOffDoesNotEndInOrder() throws Exception {
        onShard(() -> {
            Pair plain = openPair();
            Pair pair = over(plain);
            Talk.say(pair.client(), "some words");
            plain.client().close();
            Talk.assertHears(pair.server(), "some words");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> pair.server().input().read())
                        .isInstanceOf(TlsException.class)
                        .hasMessageStartingWith("read: cut off before close_notify: ");
            }
            pair.reset();
        });
    }

    @Test
    void whatWasTamperedWithEndsTheConnectionAndThePeerIsTold() throws Exception {
        byte[] forged = new byte[40];
        forged[0] = 23;
        forged[1] = 3;
        forged[2] = 3;
        forged[4] = 35;
        onShard(() -> {
            Pair plain = openPair();
            Pair pair = over(plain);
            Talk.assertConversation(pair.client(), pair.server());
            Talk.say(pair.client(), "good");
            plain.client().output().write(forged);
            plain.client().output().flush();
            Talk.assertHears(pair.server(), "good");
            assertThatThrownBy(() -> pair.server().input().read())
                    .isInstanceOf(TlsException.class)
                    .hasMessageStartingWith("read: ");
            assertThatThrownBy(() -> Talk.say(pair.server(), "more"))
                    .isInstanceOf(TlsException.class);
            assertThatThrownBy(() -> pair.client().input().read())
                    .as("an alert")
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining("bad_record_mac");
            pair.reset();
        });
    }

    /** At once, and not when so many bytes have come. */
    @ParameterizedTest
    @ValueSource(ints = {(1 << 14) + 2049, 0xffff})
    void aRecordThatIsTooLongEndsTheConnection(int length) throws Exception {
        byte[] header = {23, 3, 3, (byte) (length >> Byte.SIZE), (byte) length, 0};
        onShard(() -> {
            Pair plain = openPair();
            Pair pair = over(plain);
            Talk.assertConversation(pair.client(), pair.server());
            plain.client().output().write(header);
            plain.client().output().flush();
            assertThatThrownBy(() -> pair.server().input().read())
                    .isInstanceOf(TlsException.class)
                    .hasMessageStartingWith("read: ");
            assertThatThrownBy(() -> Talk.say(pair.server(), "more"))
                    .isInstanceOf(TlsException.class);
            pair.reset();
        });
    }

    @Test
    void aPeerThatResetsIsNoBusinessOfOthers() throws Exception {
        onShard(() -> {
            try (Pair other = over(openPair())) {
                Pair pair = over(openPair());
                Talk.assertConversation(pair.client(), pair.server());
                pair.client().reset();
                assertThatThrownBy(() -> pair.server().input().read())
                        .isInstanceOf(ConnectionResetException.class);
                pair.server().reset();
                Talk.assertConversation(other.client(), other.server());
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "\u0016\u0003\u0001\u0000\u0004abcd",
                "\u0016\u0003\u0003\u0070\u0000too much",
                "\u0017\u0003\u0003\u0000\u0001x",
                "\u0016\u0003\u0003\u0000\u0000",
                "\u0080\u0001",
                "x"
            })
    void whatIsNoTlsIsRefusedAtOnce(String garbage) throws Exception {
        byte[] bytes = garbage.getBytes(StandardCharsets.ISO_8859_1);
        onShard(() -> {
            Pair plain = openPair();
            plain.client().output().write(bytes);
            plain.client().output().flush();
            if (garbage.endsWith("\u0000\u0000")) {
                plain.client().output().close(); // an empty record alone is no garbage
            }
            assertThatThrownBy(() -> Tls.server(plain.server(), server()))
                    .isInstanceOf(TlsHandshakeException.class)
                    .hasMessageStartingWith("handshake: ");
            plain.reset();
        });
    }

    @Test
    void whoStallsInTheHandshakeIsResetAtItsDeadline() throws Exception {
        onShard(() -> {
            TlsServer hasty =
                    TlsServer.of(
                            TlsPairs.serverOptions()
                                    .withProvider(provider)
                                    .withHandshakeTimeout(SHORT));
            Pair plain = openPair();
            Talk.say(plain.client(), "\u0016\u0003"); // and no more
            long start = System.nanoTime();
            assertThatThrownBy(() -> Tls.server(plain.server(), hasty))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("handshake: timed out: ");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, LONG);
            assertThatThrownBy(() -> plain.client().input().read())
                    .isInstanceOf(ConnectionResetException.class);
            plain.reset();
        });
    }

    /** They hold no thread of the pool, and no fiber but their own. */
    @Test
    void stalledHandshakesKeepNobodyFromHis() throws Exception {
        onShard(() -> {
            TlsServer server = server();
            List<Pair> stalled = new ArrayList<>();
            List<Fiber<Throwable>> waiting = new ArrayList<>();
            for (int i = 0; i < STALLED; i++) {
                Pair pair = openPair();
                stalled.add(pair);
                Talk.say(pair.client(), "\u0016\u0003\u0001\u0001");
                waiting.add(
                        Fiber.start(
                                "waiting",
                                () -> catchThrowable(() -> Tls.server(pair.server(), server))));
            }
            try (Pair pair = TlsPairs.over(openPair(), server, TlsPairs.client(), "localhost")) {
                Talk.assertConversation(pair.client(), pair.server());
            }
            waiting.forEach(fiber -> assertThat(fiber.isDone()).isFalse());
            assertPoolIsIdle();
            stalled.forEach(pair -> pair.client().reset());
            waiting.forEach(
                    fiber -> assertThat(fiber.join()).isInstanceOf(ConnectionResetException.class));
        });
    }

    /** Few threads, and they wait for work. */
    private static void assertPoolIsIdle() {
        int threadsMax = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        Eventually.until(() -> {
            List<Thread> threads =
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("byssus-tls-"))
                            .toList();
            assertThat(threads).hasSizeLessThanOrEqualTo(threadsMax);
            return threads.stream().allMatch(thread -> thread.getState() != Thread.State.RUNNABLE)
                    ? ""
                    : "a thread of the pool computes: " + threads;
        });
    }

    @Test
    void aReadThatTimesOutInTheHandshakeCanBeRepeated() throws Exception {
        onShard(() -> {
            Pair plain = openPair();
            Connection server = plain.server().through(server());
            server.input().timeout(SHORT);
            assertThatThrownBy(() -> server.input().read())
                    .isInstanceOf(SocketTimeoutException.class);
            server.input().timeout(Duration.ZERO);
            Fiber<Connection> connecting =
                    Fiber.start(
                            "connecting",
                            () -> Tls.client(plain.client(), "localhost", TlsPairs.client()));
            Fiber<Void> reading =
                    Fiber.start(
                            "reading",
                            () -> {
                                Talk.assertHears(server, "question");
                                Talk.say(server, "answer");
                            });
            Connection client = connecting.join();
            Talk.say(client, "question");
            Talk.assertHears(client, "answer");
            reading.join();
            new Pair(client, server).close();
        });
    }

    /** The second does the handshake when the first is stopped. */
    @Test
    void aReaderAndAWriterMayBothWaitForTheHandshake() throws Exception {
        onShard(() -> {
            Pair plain = openPair();
            Connection server = plain.server().through(server());
            Fiber<Throwable> reading =
                    Fiber.start("reading", () -> catchThrowable(() -> server.input().read()));
            Eventually.parked(reading.thread());
            Fiber<Void> writing = Fiber.start("writing", () -> Talk.say(server, "hello"));
            Eventually.parked(writing.thread());
            reading.cancel();
            assertThat(reading.join()).isInstanceOf(FiberCancelledException.class);
            Connection client = Tls.client(plain.client(), "localhost", TlsPairs.client());
            Talk.assertHears(client, "hello");
            writing.join();
            Pair pair = new Pair(client, server);
            Talk.assertConversation(client, server);
            pair.close();
        });
    }

    @Test
    void aConnectionThatIsClosedInTheHandshakeTellsWhoWaits() throws Exception {
        onShard(() -> {
            Pair plain = openPair();
            Connection server = plain.server().through(server());
            Fiber<Throwable> reading =
                    Fiber.start("reading", () -> catchThrowable(() -> server.input().read()));
            Fiber<Throwable> writing =
                    Fiber.start("writing", () -> catchThrowable(() -> Talk.say(server, "hello")));
            Eventually.parked(reading.thread());
            Eventually.parked(writing.thread());
            server.reset();
            assertThat(reading.join()).isInstanceOf(ConnectionClosedException.class);
            assertThat(writing.join()).isInstanceOf(ConnectionClosedException.class);
            plain.reset();
        });
    }

    // With a client that is not ours.

    private static SSLSocket connectWithTheJdk(Listener listener, String protocol)
            throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(TlsTestFiles.of("root.pem"))) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket("127.0.0.1", listener.localAddress().getPort());
        socket.setEnabledProtocols(new String[] {protocol});
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }

    private static void say(SSLSocket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String hear(SSLSocket socket, int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.US_ASCII);
    }

    @Test
    void aClientThatRenegotiatesIsRefused() throws Exception {
        onShard(() -> {
            ListenOptions options = ListenOptions.defaults().withLayer(server(TlsVersion.TLS_1_2));
            try (Listener listener = Network.listen(anyPort(), options)) {
                Fiber<Throwable> client =
                        Fiber.start(
                                "client",
                                () ->
                                        Blocking.call(() -> {
                                            try (SSLSocket socket =
                                                    connectWithTheJdk(listener, "TLSv1.2")) {
                                                say(socket, "hello");
                                                return catchThrowable(() -> {
                                                    socket.startHandshake();
                                                    hear(socket, 1);
                                                });
                                            }
                                        }));
                Connection server = listener.accept().connection();
                Talk.assertHears(server, "hello");
                assertThatThrownBy(() -> server.input().read())
                        .isInstanceOf(TlsException.class)
                        .hasMessageStartingWith("read: ");
                server.close();
                assertThat(client.join()).isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    void keyUpdatesAreAnsweredInTheMiddleOfTheStream() throws Exception {
        onShard(() -> {
            ListenOptions options = ListenOptions.defaults().withLayer(server(TlsVersion.TLS_1_3));
            try (Listener listener = Network.listen(anyPort(), options)) {
                Fiber<String> client =
                        Fiber.start(
                                "client",
                                () ->
                                        Blocking.call(() -> {
                                            try (SSLSocket socket =
                                                    connectWithTheJdk(listener, "TLSv1.3")) {
                                                StringBuilder heard = new StringBuilder();
                                                for (int i = 0; i < 10; i++) {
                                                    say(socket, "question");
                                                    socket.startHandshake(); // a key update
                                                    say(socket, "?");
                                                    heard.append(hear(socket, 6));
                                                }
                                                return heard.toString();
                                            }
                                        }));
                try (Connection server = listener.accept().connection()) {
                    for (int i = 0; i < 10; i++) {
                        Talk.assertHears(server, "question?");
                        Talk.say(server, "answer");
                    }
                    Talk.assertHearsTheEnd(server);
                }
                assertThat(client.join()).isEqualTo("answer".repeat(10));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoEndsFirstSaysSoToTheOther(TlsVersion version) throws Exception {
        onShard(() -> {
            ListenOptions options = ListenOptions.defaults().withLayer(server(version));
            try (Listener listener = Network.listen(anyPort(), options)) {
                Fiber<Integer> client =
                        Fiber.start(
                                "client",
                                () ->
                                        Blocking.call(() -> {
                                            try (SSLSocket socket =
                                                    connectWithTheJdk(
                                                            listener, version.protocol())) {
                                                say(socket, "hello");
                                                return socket.getInputStream()
                                                        .readAllBytes()
                                                        .length;
                                            }
                                        }));
                try (Connection server = listener.accept().connection()) {
                    Talk.assertHears(server, "hello");
                    server.output().write(Talk.buffer(new byte[30_000]));
                }
                assertThat(client.join()).isEqualTo(30_000);
            }
        });
    }
}
