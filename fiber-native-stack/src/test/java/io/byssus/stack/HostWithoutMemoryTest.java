package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shard's buffer memory is used up, the reserve too: its host copes, and goes on afterwards. */
class HostWithoutMemoryTest {
    private static final long OUR_MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final long PEERS_MAC = MacAddress.parse("02:00:00:00:00:02");
    private static final int OURS = Ipv4Address.parse("10.0.0.1");
    private static final int PEERS = Ipv4Address.parse("10.0.0.2");
    private static final int ARP_BYTES = 60;

    private final BufferPool pool =
            new BufferPool(new Here(), BufferPool.Mode.TRACKING, BufferLimits.of(1 << 20, 1));
    private final BufferPool peersPool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
    private final InMemoryLink link = new InMemoryLink(OUR_MAC, PEERS_MAC, 1500, 64);
    private final Host host =
            new Host(
                    0,
                    new Ipv4Configuration(
                            List.of(Ipv4Subnet.parse("10.0.0.1", "255.255.255.0")),
                            Ipv4Configuration.NO_GATEWAY,
                            1500,
                            OUR_MAC),
                    TcpLimits.DEFAULTS,
                    link.left(),
                    pool,
                    new SplittableRandom(1),
                    Steering.single(new SplittableRandom(2)));

    @AfterEach
    void nothingLeaks() throws Exception {
        host.close();
        framesSent();
        link.right().close();
        assertThat(pool.liveSites()).isEmpty();
        assertThat(peersPool.liveSites()).isEmpty();
    }

    private static List<Buffer> takeAll(BufferPool pool) {
        List<Buffer> all = new ArrayList<>();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = pool.allocateReserved(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = pool.allocateReserved(length);
            }
        }
        return all;
    }

    /** How many frames have come out; they are dropped. */
    private int framesSent() {
        int count = 0;
        Buffer frame;
        while ((frame = link.right().receive()) != null) {
            frame.close();
            count++;
        }
        return count;
    }

    @Test
    void segmentsWaitForMemoryAndTheHostDoesNotStayAwakeForThem() {
        host.turn(1);
        framesSent(); // the announcement of its address
        List<Buffer> all = takeAll(pool);
        TcpConnection connection =
                host.tcp()
                        .connect(
                                2,
                                IpAddress.ofIpv4(OURS),
                                0,
                                IpAddress.ofIpv4(PEERS),
                                80,
                                TcpSettings.DEFAULTS,
                                events -> {});
        assertThat(connection).isNotNull();
        host.turn(3);
        assertThat(framesSent()).isZero();
        assertThat(host.deadline()).as("not at once").isGreaterThan(3);

        all.forEach(Buffer::close);
        assertThat(host.deadline()).as("at once").isLessThan(3);
        host.turn(4);
        assertThat(framesSent()).as("it asks for its neighbour").isEqualTo(1);
    }

    @Test
    void answerWithoutMemoryIsDroppedAndCounted() {
        host.turn(1);
        framesSent();
        List<Buffer> all = takeAll(pool);
        long before = host.counters().outDiscards;
        ask();
        assertThat(framesSent()).isZero();
        assertThat(host.counters().outDiscards).isEqualTo(before + 1);
        all.forEach(Buffer::close);
        ask();
        assertThat(framesSent()).isEqualTo(1);
    }

    private void ask() {
        Buffer question = peersPool.allocate(ARP_BYTES);
        RawMemory.fill(question.address(), ARP_BYTES, (byte) 0);
        ArpFrame.writeRequest(
                RawMemory.all(), question.address(), PEERS_MAC, PEERS, OURS, MacAddress.BROADCAST);
        link.right().send(question, Offload.NONE);
        host.turn(2);
    }

    @Test
    void frameOfAnotherShardIsGivenBackAndCounted() {
        SharedState shared = new SharedState(2, new SplittableRandom(1));
        Steering first = new Steering(0, shared);
        Steering second = new Steering(1, shared);
        first.forward(1, Steering.Stage.HOME, peersPool.allocate(100), true);
        List<Buffer> all = takeAll(pool);
        assertThat(second.take(1, pool, null)).isEqualTo(1);
        assertThat(second.dropped(Steering.Stage.HOME)).isEqualTo(1);
        assertThat(second.taken(Steering.Stage.HOME)).isZero();
        all.forEach(Buffer::close);
        first.close();
        second.close();
    }
}
