package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The parts of the contract that listen, where a port has one queue for all shards. */
class NioOneQueueTest {
    private static StackUnderTest stack() {
        return StackUnderTest.onLoopback(() -> new RuntimeOptions().networkStack("one-queue"));
    }

    @Nested
    class Listeners extends ListenerContract {
        Listeners() {
            super(NioOneQueueTest.stack());
        }
    }

    @Nested
    class Distributions extends DistributionContract {
        Distributions() {
            super(NioOneQueueTest.stack());
        }
    }

    @Nested
    class ProxiedListeners extends ProxyProtocolContract {
        ProxiedListeners() {
            super(NioOneQueueTest.stack());
        }
    }

    @Nested
    class Cancellation extends CancellationContract {
        Cancellation() {
            super(NioOneQueueTest.stack());
        }
    }

    @Nested
    class Turns extends NetworkContract {
        Turns() {
            super(NioOneQueueTest.stack());
        }

        @Test
        void connectionsGoToTheShardsInTurnAndStayThere() throws Exception {
            int connections = 20;
            Listener[] listeners = new Listener[SHARDS];
            List<List<Connection>> accepted = new ArrayList<>();
            List<Fiber<?>> loops = new ArrayList<>();
            onShard(0, () -> listeners[0] = Network.listen(anyPort(), ListenOptions.defaults()));
            onShard(1, () -> listeners[1] = Network.listen(anyPort(), ListenOptions.defaults()));
            for (int shard = 0; shard < SHARDS; shard++) {
                List<Connection> own = new ArrayList<>();
                accepted.add(own);
                Listener listener = listeners[shard];
                onShard(
                        shard,
                        () -> loops.add(Fiber.start("accepting", () -> acceptAll(listener, own))));
            }
            onShard(
                    0,
                    () -> {
                        List<Connection> clients = new ArrayList<>();
                        for (int i = 0; i < connections; i++) {
                            Connection client = connect(listeners[0]);
                            Talk.say(client, "hello");
                            Talk.assertHears(client, "hello");
                            clients.add(client);
                        }
                        for (Connection client : clients) {
                            client.close();
                        }
                    });
            for (int shard = 0; shard < SHARDS; shard++) {
                onShard(shard, listeners[shard]::close);
                assertThat(accepted.get(shard)).hasSize(connections / SHARDS);
            }
        }

        private static void acceptAll(Listener listener, List<Connection> accepted)
                throws IOException {
            try {
                while (true) {
                    Connection connection = listener.accept().connection();
                    accepted.add(connection);
                    Fiber.start(
                            "echo",
                            () -> {
                                try (connection) {
                                    connection.output().write(connection.input().read());
                                    connection.output().flush();
                                    connection.input().read().close();
                                }
                            });
                }
            } catch (ClosedChannelException e) {
                assertThat(e).isInstanceOf(ConnectionClosedException.class);
            }
        }

        @Test
        void aUdpPortIsOneShardsAlone() throws Exception {
            UdpSocket[] first = new UdpSocket[1];
            onShard(0, () -> first[0] = Network.bindUdp(anyPort(), DatagramOptions.defaults()));
            onShard(
                    1,
                    () ->
                            assertThatThrownBy(() ->
                                            Network.bindUdp(
                                                    first[0].localAddress(),
                                                    DatagramOptions.defaults()))
                                    .isInstanceOf(UnsupportedOperationException.class)
                                    .hasMessageContaining("another shard has"));
            onShard(0, first[0]::close);
        }
    }
}
