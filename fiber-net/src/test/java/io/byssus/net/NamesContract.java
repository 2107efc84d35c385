package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.dns.Names;
import io.byssus.net.dns.Resolver;
import io.byssus.net.dns.ResolverOptions;
import io.byssus.net.dns.ServiceRecord;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** {@link Resolver}: what servers say, over UDP, and what is remembered of it. */
abstract class NamesContract extends NetworkContract {
    private static final Duration SHORT = Duration.ofMillis(50);

    private static final Zone ZONE =
            Zone.of(
                    "www.example.com. 60 IN A 127.0.0.1",
                    "www.example.com. 60 IN A 127.0.0.2",
                    "www.example.com. 60 IN AAAA ::1",
                    "four.example.com. 60 IN A 127.0.0.4",
                    "alias.example.com. 60 IN CNAME other.example.com.",
                    "other.example.com. 60 IN CNAME four.example.com.",
                    "brief.example.com. 0 IN A 127.0.0.5",
                    "_http._tcp.example.com. 60 IN SRV 2 0 81 late.example.com.",
                    "_http._tcp.example.com. 60 IN SRV 1 0 80 four.example.com.",
                    "_none._tcp.example.com. 60 IN SRV 0 0 0 .");

    @TempDir Path folder;

    private StubDnsServer server;

    NamesContract(StackUnderTest stack) {
        super(stack);
    }

    @BeforeEach
    void startServer() throws Exception {
        server = StubDnsServer.start(ZONE);
    }

    @AfterEach
    void stopServer() throws Exception {
        server.close();
    }

    private ResolverOptions resolverOptions() {
        return ResolverOptions.defaults()
                .withServers(server.address())
                .withSearch()
                .withTimeout(Duration.ofSeconds(10))
                .withAttempts(1)
                .withHostsFile(folder.resolve("hosts"))
                .withResolvConf(folder.resolve("resolv.conf"));
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }

    private static List<String> resolve(Resolver resolver, String host) throws Exception {
        return texts(resolver.resolve(host));
    }

    private static final String IPV6_LOOPBACK = "0:0:0:0:0:0:0:1";

    @Test
    void bothFamiliesAreAskedForAndKeepTheName() throws Exception {
        onShard(() -> {
            List<InetAddress> addresses = Resolver.of(resolverOptions()).resolve("WWW.example.com");
            assertThat(texts(addresses)).containsExactly(IPV6_LOOPBACK, "127.0.0.1", "127.0.0.2");
            assertThat(addresses)
                    .allSatisfy(address ->
                            assertThat(address.getHostName()).isEqualTo("WWW.example.com"));
            assertThat(server.asked())
                    .extracting(StubDnsServer.Asked::type)
                    .containsExactlyInAnyOrder(Type.A, Type.AAAA);
        });
    }

    @Test
    void idsPortsAndCaseDifferFromQueryToQuery() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions().withCacheEntries(0));
            for (int i = 0; i < 20; i++) {
                resolver.resolve("www.example.com");
            }
            List<StubDnsServer.Asked> asked = server.asked();
            assertThat(asked).hasSize(40);
            assertThat(asked.stream().map(StubDnsServer.Asked::sourcePort).distinct())
                    .hasSizeGreaterThan(20);
            assertThat(asked.stream().map(one -> one.query().getHeader().getID()).distinct())
                    .hasSizeGreaterThan(35);
            assertThat(asked.stream().map(StubDnsServer.Asked::name).distinct())
                    .hasSizeGreaterThan(20);
            assertThat(asked).allMatch(one -> one.query().getOPT().getPayloadSize() == 1232);
        });
    }

    @Test
    void anAnswerIsRememberedAsLongAsItHolds() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            resolve(resolver, "www.example.com");
            assertThat(resolve(resolver, "www.EXAMPLE.com")).hasSize(3);
            assertThat(server.asked()).hasSize(2);
            assertThat(resolver.counters().cacheHits()).isEqualTo(2);
            assertThat(resolver.counters().cached()).isEqualTo(2);
            resolve(resolver, "brief.example.com");
            resolve(resolver, "brief.example.com");
            assertThat(
                            server.asked().stream()
                                    .filter(one -> one.type() == Type.A)
                                    .filter(one ->
                                            one.name().equalsIgnoreCase("brief.example.com")))
                    .hasSize(2);
            resolver.clear();
            assertThat(resolver.counters().cached()).isZero();
        });
    }

    @Test
    void thatThereIsNothingIsRememberedToo() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> resolver.resolve("no.example.com"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage(
                                "no.example.com: not resolved: no.example.com: no such name, says "
                                        + Addresses.format(server.address()));
            }
            assertThat(server.asked()).hasSize(2);
        });
    }

    @Test
    void manyFibersThatAskAtOnceCauseOneQuery() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions().withCacheEntries(0));
            resolve(resolver, "four.example.com"); // reads the files
            List<Fiber<List<InetAddress>>> fibers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                fibers.add(Fiber.start("asker", () -> resolver.resolve("www.example.com")));
            }
            for (Fiber<List<InetAddress>> fiber : fibers) {
                assertThat(fiber.join()).hasSize(3);
            }
            assertThat(server.asked()).hasSize(4);
            assertThat(resolver.counters().joined()).isEqualTo(98);
        });
    }

    @Test
    void thereIsABoundToQueriesAtOnce() throws Exception {
        server.script(asked -> List.of());
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions().withTimeout(Duration.ofSeconds(25)));
            try (Scope scope = Scope.open("askers")) {
                for (int i = 0; i < 200; i++) {
                    String host = "host" + i + ".example.com.";
                    scope.start("asker", () -> resolver.resolve(host));
                }
                Eventually.until("as many as may", () -> server.asked().size() == 256);
                assertThat(resolver.counters().queries()).isEqualTo(256);
                scope.cancel();
            }
            server.script(ZONE);
            assertThat(resolve(resolver, "four.example.com")).hasSize(1);
        });
    }

    /** What is known does not park, but lets others run when its time is over. */
    @Test
    void whoAsksForWhatIsKnownDoesNotHoldTheShard() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            resolve(resolver, "four.example.com");
            boolean[] ran = new boolean[1];
            Fiber<Void> other =
                    Fiber.start(
                            "other",
                            () -> {
                                ran[0] = true;
                            });
            int rounds = 0;
            while (!ran[0]) {
                resolver.resolve("four.example.com");
                rounds++;
                assertThat(rounds).isLessThan(10_000_000);
            }
            other.join();
        });
    }

    @Test
    void whoIsCancelledLeavesTheOthersTheirAnswer() throws Exception {
        server.script(asked -> List.of());
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            Fiber<Void> one = cancelled(() -> resolver.resolve("www.example.com"));
            Fiber<Void> other = cancelled(() -> resolver.resolve("www.example.com"));
            Eventually.until("asked", () -> server.asked().size() == 2);
            one.cancel();
            one.join();
            server.script(ZONE);
            Fiber<List<InetAddress>> third =
                    Fiber.start("third", () -> resolver.resolve("four.example.com"));
            assertThat(third.join()).hasSize(1);
            other.cancel(); // the last one: the query is given up
            other.join();
            assertThat(resolve(resolver, "www.example.com")).hasSize(3);
        });
    }

    private static Fiber<Void> cancelled(FiberTask task) {
        return Fiber.start(
                "cancelled",
                () -> {
                    assertThatThrownBy(task::run).isInstanceOf(FiberCancelledException.class);
                });
    }

    @Test
    void aDeadlineEndsTheWait() throws Exception {
        server.script(asked -> List.of());
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThatThrownBy(() -> resolver.resolve("www.example.com", Deadline.after(SHORT)))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("resolve www.example.com: no answer in time");
            assertThatThrownBy(() -> resolver.services("_a.example.com", Deadline.after(SHORT)))
                    .isInstanceOf(SocketTimeoutException.class);
        });
    }

    @Test
    void aSilentServerIsPassedOver() throws Exception {
        try (StubDnsServer silent = StubDnsServer.start(asked -> List.of())) {
            onShard(() -> {
                ResolverOptions both =
                        resolverOptions()
                                .withServers(silent.address(), server.address())
                                .withTimeout(SHORT);
                assertThat(resolve(Resolver.of(both), "four.example.com")).hasSize(1);
                Resolver alone = Resolver.of(both.withServers(silent.address()).withAttempts(3));
                assertThatThrownBy(() -> alone.resolve("www.example.com"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage(
                                "www.example.com: not resolved: www.example.com: "
                                        + Addresses.format(silent.address())
                                        + " did not answer in 50 ms (3 attempts)");
            });
            assertThat(silent.asked()).hasSize(8);
        }
    }

    @Test
    void aServerThatIsNotThereIsPassedOver() throws Exception {
        StubDnsServer gone = StubDnsServer.start(ZONE);
        gone.close();
        onShard(() -> {
            ResolverOptions both = resolverOptions().withServers(gone.address(), server.address());
            assertThat(resolve(Resolver.of(both), "four.example.com")).hasSize(1);
            assertThatThrownBy(() ->
                            Resolver.of(both.withServers(gone.address())).resolve("a.example.com"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("refused");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {Rcode.SERVFAIL, Rcode.REFUSED})
    void aServerThatWillNotSayIsPassedOver(int rcode) throws Exception {
        StubDnsServer.Script refusing = asked -> List.of(Zone.answer(asked, rcode).toWire());
        try (StubDnsServer unwilling = StubDnsServer.start(refusing)) {
            onShard(() -> {
                ResolverOptions both =
                        resolverOptions().withServers(unwilling.address(), server.address());
                assertThat(resolve(Resolver.of(both), "four.example.com")).hasSize(1);
                Resolver alone = Resolver.of(both.withServers(unwilling.address()));
                assertThatThrownBy(() -> alone.resolve("www.example.com"))
                        .hasMessageContaining(
                                Addresses.format(unwilling.address())
                                        + " says "
                                        + Rcode.string(rcode));
            });
        }
    }

    @Test
    void serversTakeTurnsIfAsked() throws Exception {
        try (StubDnsServer second = StubDnsServer.start(ZONE)) {
            onShard(() -> {
                Resolver resolver =
                        Resolver.of(
                                resolverOptions()
                                        .withServers(server.address(), second.address())
                                        .withRotate(true));
                resolve(resolver, "www.example.com");
                resolve(resolver, "four.example.com");
                assertThat(server.asked()).hasSize(2);
                assertThat(second.asked()).hasSize(2);
            });
        }
    }

    @Test
    void aServerWithoutEdnsIsAskedWithout() throws Exception {
        server.script(asked ->
                asked.query().getOPT() != null
                        ? List.of(Zone.answer(asked, Rcode.FORMERR).toWire())
                        : ZONE.answers(asked));
        onShard(() ->
                assertThat(resolve(Resolver.of(resolverOptions()), "four.example.com")).hasSize(1));
    }

    @Test
    void aliasesAreFollowed() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolve(resolver, "alias.example.com")).containsExactly("127.0.0.4");
            server.script(asked ->
                    asked.name().equalsIgnoreCase("far.example.com")
                            ? List.of(
                                    Zone.answer(
                                            asked,
                                            "far.example.com. 60 IN CNAME alias.example.com."))
                            : ZONE.answers(asked));
            assertThat(resolve(resolver, "far.example.com")).containsExactly("127.0.0.4");
        });
    }

    @Test
    void aliasesWithoutEndAreAnError() throws Exception {
        server.script(asked ->
                List.of(
                        Zone.answer(
                                asked,
                                "a.example.com. 60 IN CNAME b.example.com.",
                                "b.example.com. 60 IN CNAME a.example.com.")));
        onShard(() ->
                assertThatThrownBy(() -> Resolver.of(resolverOptions()).resolve("a.example.com"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("circle"));
        server.script(asked ->
                List.of(Zone.answer(asked, asked.name() + ". 60 IN CNAME x" + asked.name() + ".")));
        onShard(() ->
                assertThatThrownBy(() -> Resolver.of(resolverOptions()).resolve("a.example.com"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("have no end"));
    }

    @Test
    void servicesComeByPriority() throws Exception {
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolver.services("_http._tcp.example.com"))
                    .containsExactly(
                            new ServiceRecord("four.example.com", 80, 1, 0),
                            new ServiceRecord("late.example.com", 81, 2, 0));
            resolver.services("_http._tcp.example.com");
            assertThat(server.asked()).hasSize(1);
            assertThatThrownBy(() -> resolver.services("_none._tcp.example.com"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(
                            "_none._tcp.example.com: its domain says that there is no such"
                                    + " service");
            assertThatThrownBy(() -> resolver.services("www.example.com"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("the name has no SRV record");
        });
    }

    @Test
    void shortNamesAreSearchedFor() throws Exception {
        onShard(() -> {
            Resolver resolver =
                    Resolver.of(resolverOptions().withSearch("sub.example.com", "Example.com."));
            assertThat(resolve(resolver, "four")).containsExactly("127.0.0.4");
            assertThatThrownBy(() -> resolver.resolve("four."))
                    .isInstanceOf(UnknownHostException.class);
            assertThatThrownBy(() -> resolver.resolve("nobody"))
                    .hasMessageContainingAll(
                            "nobody.sub.example.com: no such name",
                            "nobody.example.com: no such name",
                            "nobody: no such name");
        });
    }

    @Test
    void theFilesSayTheRest() throws Exception {
        Files.writeString(folder.resolve("hosts"), "127.0.0.9 here.example.com me # comment\n");
        Files.writeString(folder.resolve("resolv.conf"), "search example.com\n");
        onShard(() -> {
            ResolverOptions fromFiles =
                    ResolverOptions.defaults()
                            .withServers(server.address())
                            .withHostsFile(folder.resolve("hosts"))
                            .withResolvConf(folder.resolve("resolv.conf"));
            Resolver resolver = Resolver.of(fromFiles);
            assertThat(resolve(resolver, "me")).containsExactly("127.0.0.9");
            assertThat(resolve(resolver, "HERE.example.com.")).containsExactly("127.0.0.9");
            assertThat(resolve(resolver, "localhost")).containsExactly(IPV6_LOOPBACK, "127.0.0.1");
            assertThat(server.asked()).isEmpty();
            assertThat(resolve(resolver, "four")).containsExactly("127.0.0.4");
        });
    }

    /** Runs {@code body} in a runtime that asks this server. */
    private void onShardThatAsks(StubDnsServer server, FiberTask body) throws Exception {
        String address = Addresses.format(server.address());
        try (Shards asking = start(options().dnsServers(address).shutdownGrace(Duration.ZERO))) {
            asking.submitTo(
                    0,
                    () -> {
                        body.run();
                        return null;
                    });
            Leftovers.awaitNone(asking, stack().buffersAtRest());
        }
    }

    @Test
    void toConnectTakesTheAddressThatAnswers() throws Exception {
        Zone zone =
                Zone.of(
                        "two.example.com. 60 IN A 127.0.0.77",
                        "two.example.com. 60 IN AAAA ::1",
                        "two.example.com. 60 IN A 127.0.0.1",
                        "one.example.com. 60 IN A 127.0.0.77");
        server.script(zone);
        onShardThatAsks(
                server,
                () -> {
                    final int port;
                    try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                        port = listener.localAddress().getPort();
                        for (int i = 0; i < 2; i++) {
                            try (Connection client = Network.connect("two.example.com.", port)) {
                                assertThat(Addresses.format(client.remoteAddress()))
                                        .isEqualTo("127.0.0.1:" + port);
                                assertThat(client.remoteAddress().getHostString())
                                        .isEqualTo("two.example.com.");
                                listener.accept().connection().close();
                            }
                        }
                        assertThatThrownBy(() -> Network.connect("one.example.com.", port))
                                .isInstanceOf(ConnectException.class)
                                .hasMessage("connect: Connection refused: 127.0.0.77:" + port);
                    }
                    assertThatThrownBy(() -> Network.connect("two.example.com.", port))
                            .isInstanceOf(ConnectException.class)
                            .hasMessageStartingWith("connect: two.example.com.:" + port + ": ")
                            .hasMessageContaining("tried [::1]:" + port)
                            .hasMessageContaining("127.0.0.77:" + port)
                            .hasMessageContaining("127.0.0.1:" + port);
                    assertThatThrownBy(() -> Network.connect("none.example.com.", port))
                            .isInstanceOf(UnknownHostException.class)
                            .hasMessageContaining("no such name, says");
                });
        assertThat(server.asked()).hasSize(6);
    }

    @Test
    void theTimeToConnectCoversTheLookUp() throws Exception {
        server.script(asked -> List.of());
        onShardThatAsks(
                server,
                () ->
                        assertThatThrownBy(() ->
                                        Network.connect(
                                                "www.example.com.",
                                                1,
                                                ConnectOptions.defaults().withTimeout(SHORT)))
                                .isInstanceOf(SocketTimeoutException.class)
                                .hasMessage(
                                        "connect: www.example.com.:1: its name was not resolved in time"));
    }

    @Test
    void datagramsGoToTheFirstAddress() throws Exception {
        onShardThatAsks(
                server,
                () -> {
                    try (UdpSocket socket = Network.connectUdp("four.example.com.", 5000)) {
                        assertThat(socket.remoteAddress().map(Addresses::format))
                                .hasValue("127.0.0.4:5000");
                    }
                    assertThat(Names.resolve("four.example.com.")).hasSize(1);
                    assertThat(Names.resolver().counters().cacheHits()).isPositive();
                });
    }
}
