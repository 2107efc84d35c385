package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Attacks 8, 10 and 11: fragments, and lengths that lie. */
class HostileDatagramTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PEER = Ipv4Address.parse("10.0.0.2");
    private static final long FRAGMENT_BYTES_MAX = 4L << 20;

    private final long seed = Seeds.next("HostileDatagramTest");

    /** An echo request, or a part of one. */
    private static Buffer echo(
            AttackedHost host, int source, int id, int length, int offset, Ipv4Header.Part part) {
        Buffer frame = host.pool.allocate(IpOutput.HEADERS_BYTES + length);
        RawMemory.fill(frame.address(), frame.length(), (byte) 0);
        long packet = frame.address() + EthernetHeader.BYTES;
        PacketHeaders.ethernet(frame.address(), AttackedHost.NEIGHBOUR_MAC, AttackedHost.MAC);
        PacketHeaders.ipv4(packet, Ipv4Header.PROTOCOL_ICMP, source, AttackedHost.ADDRESS, length);
        Ipv4Header.identification(MEMORY, packet, id);
        Ipv4Header.fragment(MEMORY, packet, offset, part);
        Ipv4Header.complete(MEMORY, packet);
        if (offset == 0) {
            // What follows is zeros, so the checksum of the first part is that of the whole.
            long message = packet + Ipv4Header.BYTES_MIN;
            Icmpv4Header.begin(MEMORY, message, Icmpv4Header.ECHO_REQUEST, 0);
            Icmpv4Header.complete(MEMORY, message, length);
        }
        return frame;
    }

    private static boolean isEchoed(AttackedHost host, int id) {
        host.dropOthers();
        host.put(echo(host, PEER, id, 800, 0, Ipv4Header.Part.NOT_LAST));
        host.put(echo(host, PEER, id, 400, 800, Ipv4Header.Part.LAST));
        host.settle();
        boolean echoed = false;
        for (Buffer frame : host.others) {
            long packet = frame.address() + EthernetHeader.BYTES;
            echoed |=
                    Ipv4Header.destination(MEMORY, packet) == PEER
                            && Icmpv4Header.type(MEMORY, packet + Ipv4Header.BYTES_MIN)
                                    == Icmpv4Header.ECHO_REPLY;
        }
        host.dropOthers();
        return echoed;
    }

    /** CVE-2018-5391. */
    @Test
    void fragmentsThatNeverBecomeWholeFillTheirCapAndNoMore() throws IOException {
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            assertThat(isEchoed(host, 1)).isTrue();
            long before = host.pool.liveBytes();
            for (int i = 0; i < 100_000; i++) {
                host.put(
                        echo(
                                host,
                                (20 << 24) + i % 50,
                                i & 0xffff,
                                1480,
                                1480 * (i % 40),
                                Ipv4Header.Part.NOT_LAST));
                if (i % 64 == 0) {
                    host.settle();
                    assertThat(host.pool.liveBytes() - before)
                            .isLessThanOrEqualTo(FRAGMENT_BYTES_MAX + (64 << 11));
                }
            }
            host.settle();
            assertThat(isEchoed(host, 2)).as("beside the flood").isTrue();
            host.pass(TimeUnit.SECONDS.toNanos(31));
            host.dropOthers();
            assertThat(host.pool.liveBytes() - before).isLessThanOrEqualTo(4096);
            assertThat(isEchoed(host, 3)).as("after it").isTrue();
        }
    }

    @Test
    void overlapsAreDroppedWithTheirDatagram() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            assertThat(isEchoed(host, 1)).isTrue();
            host.put(echo(host, PEER, 7, 800, 0, Ipv4Header.Part.NOT_LAST));
            host.put(echo(host, PEER, 7, 800, 8, Ipv4Header.Part.NOT_LAST));
            host.settle();
            assertThat(isEchoed(host, 7)).as("the spoilt datagram").isFalse();
            assertThat(isEchoed(host, 8)).as("the next").isTrue();
            host.pass(TimeUnit.SECONDS.toNanos(31));
            assertThat(isEchoed(host, 7)).as("its identification, later").isTrue();
        }
    }

    /** Every IHL with many total lengths and every data offset, the checksums being right. */
    @Test
    void everyTripleOfLengthsIsTakenOrDroppedAndCounted() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpListener listener = host.listen(1);
            RawPeer peer = new RawPeer(host, PEER, 5000, 77);
            TcpConnection connection = peer.connect(listener);
            int taken = 0;
            int frames = 0;
            for (int ihl = 0; ihl < 16; ihl++) {
                for (int total = 0; total <= 140; total++) {
                    for (int dataOffset = 0; dataOffset < 16; dataOffset++) {
                        long counted = counted(host);
                        long segments = host.tcp().counters().inSegments;
                        host.put(lying(host, peer, ihl, total, dataOffset));
                        host.settle();
                        frames++;
                        boolean isRight =
                                ihl >= 5
                                        && dataOffset >= 5
                                        && total <= 100
                                        && 4 * ihl + 4 * dataOffset <= total;
                        assertThat(
                                        host.tcp().counters().inSegments
                                                - segments
                                                + counted(host)
                                                - counted)
                                .as("ihl=%d total=%d offset=%d", ihl, total, dataOffset)
                                .isGreaterThanOrEqualTo(1);
                        if (isRight) {
                            taken++;
                        } else {
                            assertThat(counted(host) - counted)
                                    .as("ihl=%d total=%d offset=%d", ihl, total, dataOffset)
                                    .isEqualTo(1);
                        }
                    }
                }
            }
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
            assertThat(taken).isBetween(1, frames / 2);
        }
    }

    private static long counted(AttackedHost host) {
        return host.host.counters().inHeaderErrors
                + host.host.counters().inChecksumErrors
                + host.tcp().counters().inErrors;
    }

    /** In a frame with 100 bytes behind the Ethernet header, all of them NOPs in the end. */
    private static Buffer lying(
            AttackedHost host, RawPeer peer, int ihl, int total, int dataOffset) {
        int room = 100;
        Buffer frame = host.pool.allocate(EthernetHeader.BYTES + room);
        RawMemory.fill(frame.address(), frame.length(), (byte) 1);
        long packet = frame.address() + EthernetHeader.BYTES;
        EthernetHeader.destination(MEMORY, frame.address(), AttackedHost.MAC);
        EthernetHeader.type(MEMORY, frame.address(), EthernetHeader.TYPE_IPV4);
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.timeToLive(MEMORY, packet, 64);
        Ipv4Header.protocol(MEMORY, packet, Ipv4Header.PROTOCOL_TCP);
        Ipv4Header.source(MEMORY, packet, peer.address);
        Ipv4Header.destination(MEMORY, packet, AttackedHost.ADDRESS);
        Ipv4Header.totalLength(MEMORY, packet, total);
        frame.put(EthernetHeader.BYTES, (byte) (0x40 | ihl));
        int headerLength = 4 * ihl;
        long segment = packet + headerLength;
        if (headerLength + TcpHeader.BYTES_MIN <= room) {
            TcpHeader.sourcePort(MEMORY, segment, peer.port);
            TcpHeader.destinationPort(MEMORY, segment, AttackedHost.PORT);
            TcpHeader.flags(MEMORY, segment, TcpHeader.ACK);
            TcpHeader.sequence(MEMORY, segment, peer.next - 1_000_000);
            frame.put(EthernetHeader.BYTES + headerLength + 12, (byte) (dataOffset << 4));
        }
        if (headerLength >= Ipv4Header.BYTES_MIN) {
            Ipv4Header.complete(MEMORY, packet);
        }
        int length = total - headerLength;
        if (headerLength >= Ipv4Header.BYTES_MIN
                && length >= TcpHeader.BYTES_MIN
                && total <= room) {
            TcpHeader.complete(
                    MEMORY,
                    segment,
                    length,
                    InternetChecksum.pseudoHeader(
                            peer.address, AttackedHost.ADDRESS, Ipv4Header.PROTOCOL_TCP, length));
        }
        return frame;
    }
}
