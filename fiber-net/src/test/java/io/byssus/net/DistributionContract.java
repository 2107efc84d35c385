package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which shard a connection goes to, and that it stays there; what waits when the runtime stops. */
abstract class DistributionContract extends NetworkContract {
    private static final int CLIENTS = 64;

    /** A connection, and the shard that serves it. */
    private record Served(int clientPort, int shard) {}

    DistributionContract(StackUnderTest stack) {
        super(stack);
    }

    static Stream<Distribution> distributions() {
        return Stream.of(
                Distribution.KERNEL,
                Distribution.LEAST_CONNECTIONS,
                Distribution.CLIENT_PORT,
                Distribution.fixedShard(1));
    }

    /** Answers each message with the number of the shard that serves the connection. */
    private static void serve(Connection connection) throws IOException {
        Shard shard = Shard.current();
        try (connection) {
            Buffer message = connection.input().read();
            while (!message.isEmpty()) {
                message.close();
                Talk.say(connection, Integer.toString(shard.id()));
                assertThat(Shard.current()).isSameAs(shard);
                message = connection.input().read();
            }
            assertThat(Shard.current()).isSameAs(shard);
        }
    }

    private static void acceptAll(Listener listener, Shard shard) throws IOException {
        try (listener) {
            while (true) {
                Connection connection = listener.accept().connection();
                assertThat(Shard.current()).as("the accepting shard").isSameAs(shard);
                Fiber.start("serving", () -> serve(connection));
            }
        }
    }

    private static int ask(Connection connection) throws IOException {
        Talk.say(connection, "?");
        return Integer.parseInt(Talk.text(connection.input().readExactly(1)));
    }

    /** Three messages on each of many connections that are open at the same time. */
    private static List<Served> shardsThatServe(List<Connection> clients) throws IOException {
        List<Integer> shards = new ArrayList<>();
        for (Connection client : clients) {
            shards.add(ask(client));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < clients.size(); i++) {
                assertThat(ask(clients.get(i))).isEqualTo(shards.get(i));
            }
        }
        List<Served> served = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            served.add(new Served(clients.get(i).localAddress().getPort(), shards.get(i)));
        }
        return served;
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void eachConnectionIsServedToItsEndByTheShardOfThePolicy(Distribution distribution)
            throws Exception {
        try (Shards own = start(options())) {
            InetSocketAddress address = listenOnEach(own, distribution, true).getFirst();
            List<List<Connection>> clients = new ArrayList<>();
            for (Shard shard : own.all()) {
                clients.add(ShardResult.of(own, shard.id(), () -> connectMany(address)));
            }
            List<Served> served = new ArrayList<>();
            for (Shard shard : own.all()) {
                List<Connection> ofShard = clients.get(shard.id());
                served.addAll(ShardResult.of(own, shard.id(), () -> shardsThatServe(ofShard)));
            }
            assertPolicy(distribution, served);
            for (Shard shard : own.all()) {
                List<Connection> ofShard = clients.get(shard.id());
                ShardResult.of(own, shard.id(), () -> closeAll(ofShard));
            }
        }
    }

    /** An equal share of the clients, so that each shard has as many. */
    private static List<Connection> connectMany(InetSocketAddress address) throws IOException {
        List<Connection> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS / SHARDS; i++) {
            clients.add(Network.connect(address, ConnectOptions.defaults()));
        }
        return clients;
    }

    private static int closeAll(List<Connection> connections) throws IOException {
        for (Connection connection : connections) {
            connection.close();
        }
        return connections.size();
    }

    private static void assertPolicy(Distribution distribution, List<Served> served) {
        List<Integer> shards = served.stream().map(Served::shard).toList();
        assertThat(shards).hasSize(CLIENTS);
        switch (distribution.policy()) {
            case KERNEL -> assertThat(shards).contains(0, 1);
            case FIXED_SHARD -> assertThat(shards).containsOnly(1);
            case LEAST_CONNECTIONS ->
                    assertThat(shards.stream().filter(shard -> shard == 0).count())
                            .isEqualTo(CLIENTS / 2);
            case CLIENT_PORT ->
                    assertThat(served).allMatch(one -> one.shard() == one.clientPort() % SHARDS);
        }
    }

    /** The listening addresses; with {@code accept}, every shard serves. */
    private List<InetSocketAddress> listenOnEach(
            Shards shards, Distribution distribution, boolean accept) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Shard shard : shards.all()) {
            Listener listener =
                    ShardResult.of(
                            shards,
                            shard.id(),
                            () ->
                                    Network.listen(
                                            anyPort(),
                                            ListenOptions.defaults()
                                                    .withDistribution(distribution)));
            addresses.add(addressOf(listener));
            if (accept) {
                startAccepting(shards, shard, listener);
            }
        }
        return addresses;
    }

    private static void startAccepting(Shards shards, Shard shard, Listener listener) {
        shards.spawn(
                shard.id(),
                "accepting",
                () -> {
                    acceptAll(listener, shard);
                    return null;
                });
    }

    /** They have sent their request before the stop, and nobody has accepted them yet. */
    @ParameterizedTest
    @MethodSource("distributions")
    void whenTheRuntimeStopsWhatWaitsIsAcceptedFirst(Distribution distribution) throws Exception {
        Shards own = start(options().shutdownGrace(Duration.ofSeconds(10)));
        List<Listener> listeners = new ArrayList<>();
        for (Shard shard : own.all()) {
            listeners.add(
                    ShardResult.of(
                            own,
                            shard.id(),
                            () ->
                                    Network.listen(
                                            anyPort(),
                                            ListenOptions.defaults()
                                                    .withDistribution(distribution))));
        }
        InetSocketAddress address = addressOf(listeners.getFirst());
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Void> asking =
                own.spawn(
                        0,
                        "asking",
                        () -> {
                            askAndHear(address, asked);
                            return null;
                        });
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        for (Shard shard : own.all()) {
            startAccepting(own, shard, listeners.get(shard.id()));
        }
        assertThat(own.stop()).isTrue();
        asking.get(10, TimeUnit.SECONDS);
    }

    private static void askAndHear(InetSocketAddress address, CountDownLatch asked)
            throws IOException {
        List<Connection> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Connection client = Network.connect(address, ConnectOptions.defaults());
            Talk.say(client, "?");
            clients.add(client);
        }
        asked.countDown();
        for (Connection client : clients) {
            client.input().timeout(Duration.ofSeconds(10));
            assertThat(Talk.text(client.input().readExactly(1))).isIn("0", "1");
            client.close();
        }
    }

    /** Memory goes from shard to shard with what one receives for another. */
    @Test
    void whatIsOnItsWayWhenTheRuntimeStopsIsGivenBack() throws Exception {
        Shards own = start(options().shutdownGrace(Duration.ZERO));
        InetSocketAddress address =
                listenOnEach(own, Distribution.LEAST_CONNECTIONS, true).getFirst();
        CountDownLatch answered = new CountDownLatch(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            own.spawn(i % SHARDS, "asking", () -> askAlways(address, answered));
        }
        assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(own.stop()).isTrue();
        for (Shard shard : own.all()) {
            assertThat(shard.buffers().liveSites()).as("buffers of %s", shard).isEmpty();
        }
    }

    private static Void askAlways(InetSocketAddress address, CountDownLatch answered)
            throws IOException {
        try (Connection client = Network.connect(address, ConnectOptions.defaults())) {
            ask(client);
            answered.countDown();
            while (true) {
                ask(client);
            }
        }
    }

    @Test
    void afterTheStopTheServiceLoopEndsAndNobodyListens() throws Exception {
        Shards own = start(options());
        CompletableFuture<InetSocketAddress> address = new CompletableFuture<>();
        CompletableFuture<Accepted> loop =
                own.spawn(
                        0,
                        "loop",
                        () -> {
                            Listener listener = Network.listen(anyPort(), ListenOptions.defaults());
                            address.complete(listener.localAddress());
                            return listener.accept();
                        });
        InetSocketAddress bound = address.get(5, TimeUnit.SECONDS);
        assertThat(own.stop()).isTrue();
        assertThat(loop.handle((result, failure) -> failure).get(5, TimeUnit.SECONDS))
                .isInstanceOf(FiberCancelledException.class)
                .hasMessageContaining("the runtime stops");
        onShard(() -> Network.listen(bound, ListenOptions.defaults()).close());
    }
}
