package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.ip.ArpFrame;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Attack 12: sequence numbers that can be foretold, and neighbours that are not who they say. */
class SpoofingTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final long EVIL_MAC = 0x02_00_00_00_66_66L;

    private final long seed = Seeds.next("SpoofingTest");

    /** The numbers that many SYNs are answered with, less the clock, are evenly spread. */
    @Test
    void initialSequenceNumbersOfDifferentPeersHaveNothingInCommon() throws IOException {
        int[] high = new int[256];
        int[] low = new int[256];
        int[] differences = new int[256];
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            host.listen(1);
            int count = 200_000;
            int previous = 0;
            for (int i = 0; i < count; i++) {
                RawPeer peer = new RawPeer(host, (20 << 24) + i / 50_000, 1024 + i % 50_000, 1);
                int number = peer.open().sequence();
                host.deliver(peer.segment(TcpHeader.RST));
                high[number >>> 24]++;
                low[number & 0xff]++;
                differences[(number - previous) >>> 24]++;
                previous = number;
            }
            assertThat(host.tcp().connections()).isEmpty();
            assertThat(host.tcp().counters().synCookiesSent).isZero();
        }
        assertUniform(high);
        assertUniform(low);
        assertUniform(differences);
    }

    /** Pearson's chi-square within six standard deviations. */
    private static void assertUniform(int[] counts) {
        double sum = 0;
        for (int count : counts) {
            sum += count;
        }
        double expected = sum / counts.length;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        double freedom = counts.length - 1.0;
        assertThat((chiSquare - freedom) / Math.sqrt(2 * freedom)).isBetween(-6.0, 6.0);
    }

    @Test
    void theNumbersOfOnePeerFollowTheClock() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            host.listen(1);
            RawPeer peer = new RawPeer(host, Ipv4Address.parse("10.0.0.2"), 5000, 1);
            int first = peer.open().sequence();
            host.deliver(peer.segment(TcpHeader.RST));
            host.pass(TimeUnit.MILLISECONDS.toNanos(100));
            int second = new RawPeer(host, peer.address, 5000, 1).open().sequence();
            assertThat(second - first).as("4 microseconds each").isBetween(24_000, 26_000);
        }
    }

    private static Buffer evilReply(AttackedHost host, int senderIp, int targetIp, long to) {
        Buffer frame = host.pool.allocate(ArpFrame.BYTES);
        ArpFrame.writeReply(MEMORY, frame.address(), EVIL_MAC, senderIp, targetIp, to);
        EthernetHeader.destination(MEMORY, frame.address(), to);
        return frame;
    }

    @Test
    void unsolicitedAnswersNeitherChangeNorCreateNeighbours() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            host.listen(1);
            // The gateway becomes known by being asked for.
            new RawPeer(host, Ipv4Address.parse("20.0.0.1"), 5000, 1).open();
            int known = host.host.neighbours().size();
            long gateway = host.host.neighbours().lookup(host.now, AttackedHost.GATEWAY);
            assertThat(gateway).isEqualTo(AttackedHost.NEIGHBOUR_MAC);
            int stranger = Ipv4Address.parse("10.0.0.77");
            for (int i = 0; i < 1000; i++) {
                host.put(
                        evilReply(
                                host,
                                AttackedHost.GATEWAY,
                                AttackedHost.ADDRESS,
                                AttackedHost.MAC));
                host.put(
                        evilReply(
                                host,
                                AttackedHost.GATEWAY,
                                AttackedHost.GATEWAY,
                                MacAddress.BROADCAST));
                host.put(evilReply(host, stranger, AttackedHost.ADDRESS, AttackedHost.MAC));
                host.put(evilReply(host, stranger, stranger, MacAddress.BROADCAST));
                Buffer request = host.pool.allocate(ArpFrame.BYTES);
                ArpFrame.writeRequest(
                        MEMORY,
                        request.address(),
                        EVIL_MAC,
                        AttackedHost.GATEWAY,
                        AttackedHost.ADDRESS,
                        MacAddress.BROADCAST);
                host.put(request);
                host.settle();
                host.pass(TimeUnit.MILLISECONDS.toNanos(10));
                assertThat(host.host.neighbours().lookup(host.now, AttackedHost.GATEWAY))
                        .isEqualTo(AttackedHost.NEIGHBOUR_MAC);
            }
            assertThat(host.host.neighbours().size()).isEqualTo(known);
            assertThat(host.host.neighbours().lookup(host.now, stranger)).isNegative();
        }
    }

    @Test
    void whoAsksFromAThousandsAddressesFillsABoundedTable() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            host.listen(1);
            new RawPeer(host, Ipv4Address.parse("20.0.0.1"), 5000, 1).open();
            for (int i = 2; i < 254; i++) {
                Buffer request = host.pool.allocate(ArpFrame.BYTES);
                ArpFrame.writeRequest(
                        MEMORY,
                        request.address(),
                        EVIL_MAC + i,
                        AttackedHost.ADDRESS + i - 1,
                        AttackedHost.ADDRESS,
                        MacAddress.BROADCAST);
                assertThat(ArpPacket.check(MEMORY, request.address() + EthernetHeader.BYTES, 28))
                        .isNotNull();
                host.put(request);
            }
            host.settle();
            assertThat(host.host.neighbours().size()).isLessThanOrEqualTo(1024);
            assertThat(host.host.neighbours().lookup(host.now, AttackedHost.GATEWAY))
                    .isEqualTo(AttackedHost.NEIGHBOUR_MAC);
        }
    }
}
