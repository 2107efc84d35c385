package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.Distribution;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One shard stands still for a second, and what comes for it goes on coming. */
class ShardStallTest {
    private static final int SHARDS = 3;
    private static final int PINGS = 24;
    private static final int TRANSFERS = 48;
    private static final int PING_PORT = 7;
    private static final int TRANSFER_PORT = 9;
    private static final long TRANSFER_BYTES = 2L << 20;
    private static final Duration DELAY = Duration.ofMillis(1);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final Duration BEFORE = Duration.ofSeconds(1);
    private static final Duration STALL = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** "p99 rises by 20 % at most" (issue 3). */
    private static final double RISE_MAX = 1.2;

    private final Map<Integer, Integer> shardOfPort = new HashMap<>();
    private final List<StreamEnd> served = new ArrayList<>();

    /**
     * Pings arrive where the flow was sent last, as on TAP. Transfers never do: all of their frames
     * are passed on, to the stalled shard too.
     */
    private static int queue(int ports, int last) {
        if (last < 0) {
            return Math.floorMod(ports, SHARDS);
        }
        return Flow.localPort(ports) == PING_PORT ? last : (last + 1) % SHARDS;
    }

    private ShardedNetwork network() {
        Faults link = Faults.NONE.withDelay(DELAY);
        return new ShardedNetwork(
                new ShardedNetwork.Setup(
                        1,
                        SHARDS,
                        link,
                        link,
                        TcpLimits.DEFAULTS,
                        BufferPool.Mode.RECYCLING,
                        ShardStallTest::queue));
    }

    @Test
    void theStalledShardsConnectionsSurviveAndTheOthersDoNotNotice() {
        // By the client's port, two of three connections are not where their hash has them.
        stall(Distribution.CLIENT_PORT);
    }

    @Test
    void theSameWhereTheHashDecides() {
        stall(Distribution.KERNEL);
    }

    private void stall(Distribution distribution) {
        ShardedNetwork network = network();
        network.listen(
                PING_PORT,
                distribution,
                TcpSettings.DEFAULTS,
                (shard, connection) -> {
                    shardOfPort.put(connection.remotePort(), shard.id);
                    new EchoEnd(shard, connection);
                });
        network.listen(
                TRANSFER_PORT,
                distribution,
                TcpSettings.DEFAULTS,
                (shard, connection) ->
                        served.add(
                                new StreamEnd(shard, StreamEnd.Plan.receiving())
                                        .begin(connection)));
        List<PingEnd> pings = new ArrayList<>();
        for (int i = 0; i < PINGS; i++) {
            PingEnd ping = new PingEnd(network.peer(), PAUSE);
            pings.add(ping.begin(network.connectIn(0, PING_PORT, TcpSettings.DEFAULTS, ping)));
        }
        network.run(BEFORE);
        List<StreamEnd> transfers = new ArrayList<>();
        for (int i = 0; i < TRANSFERS; i++) {
            StreamEnd transfer =
                    new StreamEnd(network.peer(), StreamEnd.Plan.sending(TRANSFER_BYTES));
            transfers.add(
                    transfer.begin(
                            network.connectIn(0, TRANSFER_PORT, TcpSettings.DEFAULTS, transfer)));
        }
        network.run(Duration.ofMillis(20)); // they are in full flight
        ShardedNetwork.Party stalled = network.shards().get(0);
        long begin = network.now();
        network.stall(stalled);
        network.run(STALL);
        network.resume(stalled);
        long end = network.now();
        long dropped = droppedBefore(network);
        assertThat(dropped).as("frames that found the stalled shard's ring full").isPositive();
        assertThat(network.runUntil(() -> transfers.stream().allMatch(StreamEnd::isClosed), LIMIT))
                .isTrue();
        network.run(Duration.ofSeconds(1));
        assertEveryByteArrived(transfers);
        assertLatencies(pings, begin, end);
        pings.forEach(PingEnd::end);
        assertNothingIsLeft(network);
    }

    /** Of the shards that ran. */
    private static long droppedBefore(ShardedNetwork network) {
        long dropped = 0;
        for (ShardedNetwork.Party shard : network.shards()) {
            for (Steering.Stage stage : Steering.Stage.values()) {
                dropped += shard.steering.dropped(stage);
            }
        }
        return dropped;
    }

    private void assertEveryByteArrived(List<StreamEnd> transfers) {
        for (StreamEnd transfer : transfers) {
            assertThat(transfer.failure()).isEqualTo(TcpFailure.NONE);
        }
        assertThat(served).hasSize(TRANSFERS);
        for (StreamEnd end : served) {
            assertThat(end.failure()).isEqualTo(TcpFailure.NONE);
            assertThat(end.received()).isEqualTo(TRANSFER_BYTES);
        }
    }

    private void assertLatencies(List<PingEnd> pings, long begin, long end) {
        List<Long> before = new ArrayList<>();
        List<Long> during = new ArrayList<>();
        int stalledPings = 0;
        for (PingEnd ping : pings) {
            TcpConnection connection = ping.connection();
            long last = ping.samples().getLast().askedNanos();
            assertThat(last).as("goes on afterwards").isGreaterThan(end);
            if (shardOfPort.get(connection.localPort()) == 0) {
                stalledPings++;
                continue;
            }
            for (PingEnd.Sample sample : ping.samples()) {
                if (sample.askedNanos() < begin) {
                    before.add(sample.nanos());
                } else if (sample.askedNanos() < end) {
                    during.add(sample.nanos());
                }
            }
        }
        assertThat(stalledPings).isPositive();
        double rise = quantile(during, 0.99) / (double) quantile(before, 0.99);
        System.out.printf(
                "p99 of the others: %d us before, %d us during the stall; worst %d us%n",
                quantile(before, 0.99) / 1000,
                quantile(during, 0.99) / 1000,
                quantile(during, 1) / 1000);
        assertThat(rise).isLessThanOrEqualTo(RISE_MAX);
        assertThat(during).as("as many as before").hasSizeGreaterThan(before.size() * 9 / 10);
    }

    private static long quantile(List<Long> values, double part) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() * part, sorted.size() - 1.0));
    }

    private static void assertNothingIsLeft(ShardedNetwork network) {
        assertThat(network.runUntilQuiet(LIMIT)).isTrue();
        assertThat(network.shared().owners().count()).isZero();
        for (ShardedNetwork.Party shard : network.shards()) {
            assertThat(shard.host.tcp().connections()).isEmpty();
        }
        assertThat(network.liveBlocks()).isZero();
        network.close();
        assertThat(network.liveBlocks()).isZero();
    }
}
