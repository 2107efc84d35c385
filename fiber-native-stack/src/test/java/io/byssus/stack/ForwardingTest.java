package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Frames that one shard passes on to another. */
class ForwardingTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);
    private static final int RING_CAPACITY = 1024;

    @Test
    void aFullRingDropsAndCountsAndLeaksNothing() {
        BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
        SharedState shared = new SharedState(2, new SplittableRandom(1));
        Steering steering = new Steering(0, shared);
        for (int i = 0; i < RING_CAPACITY + 10; i++) {
            steering.forward(1, Steering.Stage.HOME, pool.allocate(100), true);
        }
        assertThat(steering.forwarded(Steering.Stage.HOME)).isEqualTo(RING_CAPACITY);
        assertThat(steering.dropped(Steering.Stage.HOME)).isEqualTo(10);
        assertThat(pool.liveBlocks()).isEqualTo(RING_CAPACITY);
        Buffer frame;
        while ((frame = shared.rings().poll(0, 1)) != null) {
            frame.close();
        }
        assertThat(pool.liveSites()).isEmpty();
    }

    @Test
    void whatIsOnItsWayWhenAShardEndsIsGivenBack() {
        BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
        SharedState shared = new SharedState(2, new SplittableRandom(1));
        Steering first = new Steering(0, shared);
        Steering second = new Steering(1, shared);
        first.forward(1, Steering.Stage.HOME, pool.allocate(100), true);
        first.close();
        assertThat(pool.liveBlocks()).as("the other may still take it").isEqualTo(1);
        second.forward(0, Steering.Stage.HOME, pool.allocate(100), true);
        assertThat(second.dropped(Steering.Stage.HOME)).as("too late").isEqualTo(1);
        second.close();
        first.close();
        assertThat(pool.liveSites()).isEmpty();
    }

    @Test
    void whatAShardHasNotTakenWhenItEndsIsReclaimed() {
        BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
        SharedState shared = new SharedState(2, new SplittableRandom(1));
        ForwardRings rings = shared.rings();
        assertThat(rings.offer(0, 1, pool.allocate(100))).isTrue();
        assertThat(rings.reclaim(0, 1)).isZero();
        rings.leave(1);
        assertThat(rings.reclaim(0, 1)).isEqualTo(1);
        assertThat(rings.offer(0, 1, Buffer.EMPTY)).isFalse();
        assertThat(pool.liveSites()).isEmpty();
    }

    /** A local port of the client's choice may hash to a shard that has no part in it. */
    @Test
    void connectionsFromChosenPortsWorkWhereverTheyHash() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().networkStack("native").smp(2).overprovisioned(true);
        options.device().device("loopback");
        try (Shards shards = Shards.start(options)) {
            shards.<Void, Exception>submitTo(
                    0,
                    () -> {
                        try (Listener listener =
                                Network.listen(LOOPBACK, ListenOptions.defaults())) {
                            converseFromChosenPorts(listener);
                        }
                        return null;
                    });
        }
    }

    private static void converseFromChosenPorts(Listener listener) throws Exception {
        List<Connection> open = new ArrayList<>();
        for (int port = 20_000; port < 20_032; port++) {
            Connection client =
                    Network.connect(
                            listener.localAddress(),
                            ConnectOptions.defaults()
                                    .withLocalAddress(new InetSocketAddress("127.0.0.1", port)));
            Connection server = listener.accept().connection();
            assertThat(server.remoteAddress().getPort()).isEqualTo(port);
            client.output().write("to " + port);
            client.output().flush();
            try (Buffer heard = server.input().readExactly(8)) {
                assertThat(heard.get(3)).isEqualTo((byte) '2');
            }
            open.add(client);
            open.add(server);
        }
        assertThat(Network.report()).contains("ByssusForwarded");
        for (Connection connection : open) {
            connection.close();
        }
    }

    /** Two connections between the same endpoints would take each other's segments. */
    @Test
    void aPortThatAConnectionOfAnotherShardHasIsRefused() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().networkStack("native").smp(2).overprovisioned(true);
        options.device().device("loopback");
        try (Shards shards = Shards.start(options)) {
            shards.<Void, Exception>submitTo(
                    0,
                    () -> {
                        try (Listener listener =
                                Network.listen(LOOPBACK, ListenOptions.defaults())) {
                            connectTwiceFromOnePort(shards, listener);
                        }
                        return null;
                    });
        }
    }

    private static void connectTwiceFromOnePort(Shards shards, Listener listener) throws Exception {
        InetSocketAddress server = listener.localAddress();
        for (int port = 20_000; port < 20_016; port++) {
            ConnectOptions from =
                    ConnectOptions.defaults()
                            .withLocalAddress(new InetSocketAddress("127.0.0.1", port));
            try (Connection client = Network.connect(server, from);
                    Connection accepted = listener.accept().connection()) {
                assertThatThrownBy(() -> shards.submitTo(1, () -> Network.connect(server, from)))
                        .isInstanceOf(BindException.class);
                client.output().write("still here");
                client.output().flush();
                try (Buffer heard = accepted.input().readExactly(10)) {
                    assertThat(heard.length()).isEqualTo(10);
                }
            }
        }
    }
}
