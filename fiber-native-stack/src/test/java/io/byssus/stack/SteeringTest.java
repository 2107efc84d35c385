package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.Distribution;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.CongestionAlgorithm;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.TcpHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a flow, and for how long others know of it. */
class SteeringTest {
    private static final int PORT = 80;
    private static final int SHARDS = 2;
    private static final int HALF_OPEN_MAX = 16;
    private static final int SYNS = 500;
    private static final int STRANGER = Ipv4Address.parse("10.0.0.66");
    private static final Duration DELAY = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** More than TIME-WAIT, and than half-open connections have. */
    private static final Duration LONG = Duration.ofSeconds(70);

    private static final TcpLimits LIMITS =
            new TcpLimits(1000, HALF_OPEN_MAX, 1000, 64L << 20, 3, CongestionAlgorithm.CUBIC);

    /** Where frames arrive. */
    private int queue;

    private final List<StreamEnd> served = new ArrayList<>();
    private final List<ShardedNetwork.Party> servers = new ArrayList<>();

    private final ShardedNetwork network =
            new ShardedNetwork(
                    new ShardedNetwork.Setup(
                            1,
                            SHARDS,
                            Faults.NONE.withDelay(DELAY),
                            Faults.NONE.withDelay(DELAY),
                            LIMITS,
                            BufferPool.Mode.TRACKING,
                            (ports, last) -> queue));

    @AfterEach
    void nothingIsLeft() {
        network.close();
        assertThat(network.liveSites()).isEmpty();
    }

    private void listen(Distribution distribution, StreamEnd.Plan plan) {
        network.listen(
                PORT,
                distribution,
                TcpSettings.DEFAULTS,
                (shard, connection) -> {
                    servers.add(shard);
                    served.add(new StreamEnd(shard, plan).begin(connection));
                });
    }

    /** From a port that the hash gives to this shard. */
    private StreamEnd connect(int home, int from, StreamEnd.Plan plan) {
        int port = from;
        while (homeOf(port) != home) {
            port++;
        }
        StreamEnd end = new StreamEnd(network.peer(), plan);
        return end.begin(network.connectIn(port, PORT, TcpSettings.DEFAULTS, end));
    }

    private int homeOf(int remotePort) {
        return network.shards()
                .getFirst()
                .steering
                .home(
                        ShardedNetwork.ADDRESS.high(),
                        ShardedNetwork.ADDRESS.low(),
                        ShardedNetwork.PEER.high(),
                        ShardedNetwork.PEER.low(),
                        Flow.ports(PORT, remotePort));
    }

    private void flood(int firstPort) {
        for (int i = 0; i < SYNS; i++) {
            Buffer frame =
                    CraftedSegment.between(
                                    STRANGER, firstPort + i, ShardedNetwork.ADDRESS.ipv4(), PORT)
                            .flags(TcpHeader.SYN)
                            .frame(network.wirePool());
            EthernetHeader.destination(RawMemory.all(), frame.address(), 0x020000000001L);
            network.queues().arrive(i % SHARDS, frame);
            network.run(Duration.ofMillis(1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void synsOfNobodyLeaveNothingInTheTable(boolean fixed) {
        listen(
                fixed ? Distribution.fixedShard(1) : Distribution.LEAST_CONNECTIONS,
                StreamEnd.Plan.receiving());
        flood(1000);
        assertThat(network.shared().owners().count())
                .as("half-open ones alone")
                .isPositive()
                .isLessThanOrEqualTo(HALF_OPEN_MAX * SHARDS);
        network.run(LONG);
        assertThat(network.shared().owners().count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void theAnswerToACookieFindsAListenerThatTakesIt(int policy) {
        Distribution[] policies = {
            Distribution.fixedShard(1), Distribution.LEAST_CONNECTIONS, Distribution.CLIENT_PORT
        };
        listen(policies[policy], StreamEnd.Plan.receiving());
        flood(1000);
        List<StreamEnd> ends = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ends.add(connect(i % 2, 20_000 + (100 * i), StreamEnd.Plan.sending(100_000)));
        }
        boolean done = network.runUntil(() -> isServed(10), SECOND.multipliedBy(10));
        assertThat(done).isTrue();
        assertThat(cookiesReceived()).isEqualTo(ends.size());
        assertThat(ends).allMatch(end -> end.failure() == TcpFailure.NONE);
        assertThat(served).hasSize(ends.size()).allMatch(end -> end.received() == 100_000);
        network.run(LONG.multipliedBy(2));
        assertThat(network.shared().owners().count()).isZero();
    }

    private boolean isServed(int count) {
        return served.size() == count && served.stream().allMatch(StreamEnd::isClosed);
    }

    private long cookiesReceived() {
        return network.shards().stream()
                .mapToLong(shard -> shard.host.tcp().counters().synCookiesReceived)
                .sum();
    }

    /** The entry of what was in TIME-WAIT stays, for the connection that follows. */
    @Test
    void aConnectionThatReopensOutlivesTimeWait() {
        listen(Distribution.fixedShard(1), StreamEnd.Plan.sending(1));
        StreamEnd first = connect(0, 5000, StreamEnd.Plan.receiving().staying());
        network.run(SECOND);
        assertThat(served.getFirst().sent()).isEqualTo(1);
        network.as(network.peer().id, first::endOutput); // the server has closed first
        network.run(SECOND);
        assertThat(network.shards().get(1).host.tcp().timeWaitCount()).isEqualTo(1);
        assertThat(network.shared().owners().count()).isEqualTo(1);
        int port = first.connection().localPort();
        StreamEnd.Plan patient = StreamEnd.Plan.receiving().staying();
        StreamEnd second = new StreamEnd(network.peer(), patient);
        second.begin(network.connectIn(port, PORT, TcpSettings.DEFAULTS, second));
        network.run(LONG);
        network.as(network.peer().id, second::endOutput);
        network.run(SECOND);
        assertThat(second.connection().failure()).isEqualTo(TcpFailure.NONE);
        assertThat(served).hasSize(2).allMatch(StreamEnd::isAtEnd);
        network.run(LONG);
        assertThat(network.shared().owners().count()).isZero();
    }

    /**
     * A SYN waits in the ring of a shard that stands still; it comes again, and goes to another.
     */
    @Test
    void aSynThatComesTwiceMakesOneConnection() {
        listen(Distribution.LEAST_CONNECTIONS, StreamEnd.Plan.receiving().staying());
        ShardedNetwork.Party one = network.shards().get(0);
        ShardedNetwork.Party other = network.shards().get(1);
        queue = 1;
        // The first goes to shard 0; then that has more than shard 1.
        connect(1, 5000, StreamEnd.Plan.receiving().staying());
        network.run(SECOND);
        assertThat(servers).containsExactly(one);
        network.stall(other);
        queue = 0;
        StreamEnd end = connect(0, 6000, StreamEnd.Plan.sending(1000).staying());
        network.run(Duration.ofMillis(100));
        assertThat(one.steering.forwarded(Steering.Stage.OWNER)).isEqualTo(1);
        // While shard 1 sleeps it gets two connections, so that shard 0 has the fewest.
        network.shared()
                .ports()
                .find(0, ShardedNetwork.ADDRESS.low(), PORT)
                .connectionOpened(other.id);
        network.shared()
                .ports()
                .find(0, ShardedNetwork.ADDRESS.low(), PORT)
                .connectionOpened(other.id);
        network.run(SECOND.multipliedBy(3));
        assertThat(servers).containsExactly(one, one);
        network.resume(other);
        network.run(SECOND.multipliedBy(3));
        assertThat(servers).containsExactly(one, one);
        assertThat(other.host.tcp().connections()).isEmpty();
        assertThat(other.host.tcp().counters().listenDrops).isEqualTo(1);
        assertThat(end.connection().state()).isEqualTo(TcpState.ESTABLISHED);
        assertThat(served.getLast().received()).isEqualTo(1000);
    }

    /** Frames of a flow that is entered go to its owner, wherever they arrive. */
    @Test
    void aStalledHomeDoesNotHoldUpWhatAnotherShardOwns() {
        listen(Distribution.fixedShard(1), StreamEnd.Plan.receiving());
        StreamEnd direct = connect(0, 5000, StreamEnd.Plan.sending(1).staying());
        network.run(SECOND);
        network.stall(network.shards().get(0));
        queue = 1;
        network.as(
                network.peer().id,
                () -> {
                    Buffer text = network.peer().pool.allocate(1000);
                    Pattern.fill(1, text);
                    direct.connection().send(text);
                    direct.endOutput();
                });
        network.run(Duration.ofMillis(10));
        assertThat(served.getFirst().received()).isEqualTo(1001);
        assertThat(served.getFirst().isAtEnd()).isTrue();
        network.resume(network.shards().get(0));
    }

    @Test
    void aPortThatAnotherShardUsesTowardsThePeerIsNotTaken() {
        network.peerListens(
                PORT, TcpSettings.DEFAULTS, (peer, connection) -> connection.closeOutput());
        ShardedNetwork.Party one = network.shards().get(0);
        ShardedNetwork.Party other = network.shards().get(1);
        TcpConnection atHome = network.connectOut(one, 0, PORT, TcpSettings.DEFAULTS, e -> {});
        network.run(SECOND);
        assertThat(network.connectOut(other, atHome.localPort(), PORT, TcpSettings.DEFAULTS, null))
                .as("a port of a connection that is at home elsewhere")
                .isNull();
        assertThat(network.shared().owners().count()).isZero();
        int port = 40_000;
        while (one.steering.home(
                        ShardedNetwork.ADDRESS.high(),
                        ShardedNetwork.ADDRESS.low(),
                        ShardedNetwork.PEER.high(),
                        ShardedNetwork.PEER.low(),
                        Flow.ports(port, PORT))
                != one.id) {
            port++;
        }
        TcpConnection away = network.connectOut(other, port, PORT, TcpSettings.DEFAULTS, e -> {});
        assertThat(away).isNotNull();
        assertThat(network.connectOut(one, port, PORT, TcpSettings.DEFAULTS, e -> {}))
                .as("its home must not use it either")
                .isNull();
        assertThat(
                        one.steering.isHome(
                                ShardedNetwork.ADDRESS,
                                ShardedNetwork.PEER,
                                Flow.ports(port, PORT)))
                .as("nor offer it to a connection that wants any")
                .isFalse();
        network.run(SECOND);
        assertThat(atHome.state()).isEqualTo(TcpState.CLOSE_WAIT);
        assertThat(away.state()).isEqualTo(TcpState.CLOSE_WAIT);
    }

    @Test
    void touchingAnotherShardsConnectionIsABug() {
        listen(Distribution.fixedShard(1), StreamEnd.Plan.receiving().staying());
        connect(0, 5000, StreamEnd.Plan.receiving().staying());
        network.run(SECOND);
        TcpConnection connection = served.getFirst().connection();
        for (Runnable touch :
                List.<Runnable>of(
                        connection::closeOutput, connection::abort, connection::markUrgent)) {
            assertThatThrownBy(() -> network.as(0, touch)).isInstanceOf(AssertionError.class);
        }
        network.as(1, connection::abort);
    }

    @Test
    void forwardedFramesComeBackWithoutATask() {
        listen(Distribution.fixedShard(1), StreamEnd.Plan.receiving());
        StreamEnd end = connect(0, 5000, StreamEnd.Plan.sending(1 << 20));
        assertThat(network.runUntil(() -> isServed(1), SECOND)).isTrue();
        assertThat(end.failure()).isEqualTo(TcpFailure.NONE);
        assertThat(network.shards().get(0).steering.forwarded(Steering.Stage.OWNER))
                .isGreaterThan(500);
        assertThat(network.foreignTasks()).isZero();
    }
}
