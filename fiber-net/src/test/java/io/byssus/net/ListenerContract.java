package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.testing.Eventually;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link Listener}: ports, limits, close. */
abstract class ListenerContract extends NetworkContract {
    ListenerContract(StackUnderTest stack) {
        super(stack);
    }

    /** The reset may come while it connects or afterwards. */
    private void connectAndRead(Listener listener) throws Exception {
        try (Connection connection = connect(listener)) {
            connection.input().read().close();
        }
    }

    @Test
    void bothEndsAgreeOnTheirAddresses() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults());
                    Connection client = connect(listener)) {
                Accepted accepted = listener.accept();
                try (Connection server = accepted.connection()) {
                    assertThat(accepted.remoteAddress())
                            .isEqualTo(stack().abroad(client.localAddress()))
                            .isEqualTo(server.remoteAddress());
                    assertThat(client.remoteAddress())
                            .isEqualTo(stack().abroad(listener.localAddress()));
                    assertThat(server.localAddress()).isEqualTo(listener.localAddress());
                    assertThat(listener.toString())
                            .contains(Addresses.format(listener.localAddress()));
                }
            }
        });
    }

    @Test
    void theNthCallForPortZeroMeansTheSamePortOnEveryShard() throws Exception {
        List<List<Listener>> listeners = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            onShard(
                    shard,
                    () ->
                            listeners.add(
                                    List.of(
                                            Network.listen(anyPort(), ListenOptions.defaults()),
                                            Network.listen(anyPort(), ListenOptions.defaults()))));
        }
        List<InetSocketAddress> first = addresses(listeners.get(0));
        assertThat(first).doesNotHaveDuplicates().noneMatch(address -> address.getPort() == 0);
        assertThat(addresses(listeners.get(1))).isEqualTo(first);
        for (int shard = 0; shard < SHARDS; shard++) {
            List<Listener> own = listeners.get(shard);
            onShard(shard, () -> own.forEach(Listener::close));
        }
    }

    private static List<InetSocketAddress> addresses(List<Listener> listeners) {
        return listeners.stream().map(Listener::localAddress).toList();
    }

    @Test
    void theReportIsForPeople() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.assertConversation(pair.client(), pair.server());
                assertThat(Network.report()).isNotBlank().endsWith("\n");
            }
        });
    }

    @Test
    void closeWakesTheAcceptor() throws Exception {
        onShard(() -> {
            Listener listener = Network.listen(anyPort(), ListenOptions.defaults());
            Fiber<Throwable> accepting =
                    Fiber.start("accepting", () -> catchThrowable(listener::accept));
            Eventually.parked(accepting.thread());
            listener.close();
            listener.close();
            assertThat(accepting.join()).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void closeResetsWhatWaitsButNotWhatWasAccepted() throws Exception {
        onShard(() -> {
            Listener listener = Network.listen(anyPort(), ListenOptions.defaults());
            Connection early = connect(listener);
            Connection accepted = listener.accept().connection();
            Connection waiting = connect(listener);
            listener.close();
            assertThatThrownBy(() -> waiting.input().read())
                    .isInstanceOf(ConnectionResetException.class);
            Talk.assertConversation(early, accepted);
            early.close();
            accepted.close();
            waiting.close();
        });
    }

    /** Connections of the first server linger on the port; RFC 9293, TIME-WAIT. */
    @Test
    void aServerCanBeRestartedOnItsPortAtOnce() throws Exception {
        onShard(() -> {
            InetSocketAddress address;
            try (Listener first = Network.listen(anyPort(), ListenOptions.reuseAddress())) {
                address = first.localAddress();
                Connection client = connect(first);
                first.accept().connection().close();
                Talk.assertHearsTheEnd(client);
                client.close();
            }
            try (Listener second = Network.listen(address, ListenOptions.reuseAddress());
                    Connection client = connect(second);
                    Connection server = second.accept().connection()) {
                Talk.assertConversation(client, server);
            }
        });
    }

    @Test
    void clientsBeyondMaxConnectionsAreResetUntilThereIsRoom() throws Exception {
        onShard(() -> {
            try (Listener listener =
                    Network.listen(anyPort(), ListenOptions.defaults().withMaxConnections(2))) {
                Pair one = new Pair(connect(listener), listener.accept().connection());
                Pair two = new Pair(connect(listener), listener.accept().connection());
                Fiber<Accepted> accepting = Fiber.start("accept", () -> listener.accept());
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(() -> connectAndRead(listener))
                            .isInstanceOf(ConnectionResetException.class);
                }
                assertThat(accepting.isDone()).isFalse();
                one.close();
                try (Connection client = connect(listener);
                        Connection server = accepting.join().connection()) {
                    Talk.assertConversation(client, server);
                    Talk.assertConversation(two.client(), two.server());
                }
                two.close();
            }
        });
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() throws Exception {
        ListenOptions options = ListenOptions.defaults();
        assertThatThrownBy(() -> options.withBacklog(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("backlog=0");
        assertThatThrownBy(() -> options.withMaxConnections(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxConnections=0");
        assertThatThrownBy(() -> options.withReceiveBufferBytes(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("receiveBufferBytes=-1");
        assertThatThrownBy(() -> Distribution.fixedShard(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shard=-1");
        onShard(() ->
                assertThatThrownBy(() ->
                                Network.listen(
                                        anyPort(),
                                        options.withDistribution(Distribution.fixedShard(SHARDS))))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("there are 2 shards"));
    }

    @Test
    void shardsMustAgreeOnTheDistribution() throws Exception {
        Listener[] first = new Listener[1];
        onShard(0, () -> first[0] = Network.listen(anyPort(), ListenOptions.defaults()));
        ListenOptions other =
                ListenOptions.defaults().withDistribution(Distribution.LEAST_CONNECTIONS);
        onShard(
                1,
                () ->
                        assertThatThrownBy(() -> Network.listen(anyPort(), other))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContainingAll("LEAST_CONNECTIONS", "KERNEL", "shard 1"));
        onShard(0, first[0]::close);
    }
}
