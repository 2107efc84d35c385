package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.UdpBindings.Binding;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.stack.wire.UdpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP on the wire: what is right arrives, what lies is dropped, counted and not answered. */
class HostileUdpTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PEER = Ipv4Address.parse("10.0.0.2");
    private static final int BROADCAST = Ipv4Address.parse("10.0.0.255");
    private static final int PORT = 5353;
    private static final int PEER_PORT = 4000;
    private static final int AT_UDP = IpOutput.HEADERS_BYTES;

    private final long seed = Seeds.next("HostileUdpTest");
    private final List<Integer> lengths = new ArrayList<>();
    private int refusals;

    private UdpPorts.Receiver receiver() {
        return new UdpPorts.Receiver() {
            @Override
            public void onDatagram(
                    Buffer frame, int at, int length, int source, int port, int destination) {
                assertThat(at + length).isLessThanOrEqualTo(frame.length());
                lengths.add(length);
            }

            @Override
            public void onRefused() {
                refusals++;
            }

            @Override
            public void abandon() {}
        };
    }

    private void bind(AttackedHost host) {
        host.host.udp().add(host.host.udp().bind(UdpBindings.ANY, PORT), receiver());
    }

    /** A right datagram. */
    private static Buffer datagram(AttackedHost host, int destination, int port, int length) {
        Buffer frame = host.pool.allocate(AT_UDP + UdpHeader.BYTES + length);
        RawMemory.fill(frame.address(), frame.length(), (byte) 7);
        long packet = frame.address() + EthernetHeader.BYTES;
        long header = frame.address() + AT_UDP;
        PacketHeaders.ethernet(frame.address(), AttackedHost.NEIGHBOUR_MAC, AttackedHost.MAC);
        PacketHeaders.ipv4(
                packet, Ipv4Header.PROTOCOL_UDP, PEER, destination, UdpHeader.BYTES + length);
        UdpHeader.sourcePort(MEMORY, header, PEER_PORT);
        UdpHeader.destinationPort(MEMORY, header, port);
        UdpHeader.length(MEMORY, header, UdpHeader.BYTES + length);
        UdpHeader.complete(MEMORY, header, pseudoHeader(packet, UdpHeader.BYTES + length));
        return frame;
    }

    private static long pseudoHeader(long packet, int length) {
        return InternetChecksum.pseudoHeader(
                Ipv4Header.source(MEMORY, packet),
                Ipv4Header.destination(MEMORY, packet),
                Ipv4Header.PROTOCOL_UDP,
                length);
    }

    private static Buffer datagram(AttackedHost host, int length) {
        return datagram(host, AttackedHost.ADDRESS, PORT, length);
    }

    private static void put(Buffer frame, int at, int value) {
        frame.put(AT_UDP + at, (byte) (value >> Byte.SIZE));
        frame.put(AT_UDP + at + 1, (byte) value);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1472})
    void whatIsRightArrives(int length) throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            host.put(datagram(host, length));
            host.settle();
            assertThat(lengths).containsExactly(length);
            assertThat(host.host.counters().inUdpErrors).isZero();
        }
    }

    @Test
    void aSenderMayMakeNoChecksumAndAWrongOneIsDroppedWithoutAWord() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            Buffer without = datagram(host, 10);
            put(without, 6, 0);
            host.put(without);
            host.settle();
            assertThat(lengths).containsExactly(10);
            for (int port : new int[] {PORT, PORT + 1}) {
                Buffer wrong = datagram(host, AttackedHost.ADDRESS, port, 10);
                wrong.put(AT_UDP + UdpHeader.BYTES, (byte) 8);
                host.put(wrong);
            }
            host.settle();
            assertThat(lengths).hasSize(1);
            assertThat(host.host.counters().inUdpErrors).isEqualTo(2);
            assertThat(host.others).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 19, 1000, 0xffff})
    void aLengthThatLiesIsDropped(int claimed) throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            Buffer frame = datagram(host, 10);
            put(frame, 4, claimed);
            put(frame, 6, 0);
            host.put(frame);
            host.settle();
            assertThat(lengths).isEmpty();
            assertThat(host.host.counters().inUdpErrors).isOne();
            assertThat(host.others).isEmpty();
        }
    }

    /** Less than there is, is possible: the rest is nobody's (RFC 768 does not say otherwise). */
    @Test
    void aLengthBelowThePacketsCutsTheRestOff() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            Buffer frame = datagram(host, 10);
            put(frame, 4, UdpHeader.BYTES + 4);
            put(frame, 6, 0);
            host.put(frame);
            host.settle();
            assertThat(lengths).containsExactly(4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aPacketTooShortForAHeaderIsDropped(int bytes) throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            Buffer frame = datagram(host, 10);
            long packet = frame.address() + EthernetHeader.BYTES;
            Ipv4Header.totalLength(MEMORY, packet, Ipv4Header.BYTES_MIN + bytes);
            Ipv4Header.complete(MEMORY, packet);
            host.put(frame);
            host.settle();
            assertThat(lengths).isEmpty();
            assertThat(host.host.counters().inUdpErrors).isOne();
            assertThat(host.others).isEmpty();
        }
    }

    @Test
    void aPortThatNobodyHasIsReportedToItsSenderAlone() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            host.put(datagram(host, 10)); // so that the neighbour is known
            host.settle();
            host.dropOthers();
            host.put(datagram(host, AttackedHost.ADDRESS, PORT + 1, 10));
            host.settle();
            assertThat(host.others).hasSize(1);
            long packet = host.others.getFirst().address() + EthernetHeader.BYTES;
            long message = packet + Ipv4Header.BYTES_MIN;
            assertThat(Ipv4Header.destination(MEMORY, packet)).isEqualTo(PEER);
            assertThat(Icmpv4Header.type(MEMORY, message))
                    .isEqualTo(Icmpv4Header.DESTINATION_UNREACHABLE);
            assertThat(Icmpv4Header.code(MEMORY, message)).isEqualTo(Icmpv4Header.CODE_PORT);
            host.dropOthers();
            Buffer toAll = datagram(host, BROADCAST, PORT + 1, 10);
            EthernetHeader.destination(MEMORY, toAll.address(), MacAddress.BROADCAST);
            host.put(toAll);
            host.settle();
            assertThat(host.others).as("RFC 1122, 3.2.2").isEmpty();
        }
    }

    @Test
    void aBroadcastArrives() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            Buffer toAll = datagram(host, BROADCAST, PORT, 10);
            EthernetHeader.destination(MEMORY, toAll.address(), MacAddress.BROADCAST);
            host.put(toAll);
            host.settle();
            assertThat(lengths).containsExactly(10);
        }
    }

    @Test
    void fragmentsArriveAsTheDatagramThatTheyWere() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            try (Buffer whole = datagram(host, 3000)) {
                int length = UdpHeader.BYTES + 3000;
                for (int at = 0; at < length; at += 1480) {
                    int part = Math.min(1480, length - at);
                    Buffer frame = host.pool.allocate(AT_UDP + part);
                    long packet = frame.address() + EthernetHeader.BYTES;
                    RawMemory.copy(whole.address(), frame.address(), AT_UDP);
                    RawMemory.copy(whole.address() + AT_UDP + at, frame.address() + AT_UDP, part);
                    Ipv4Header.totalLength(MEMORY, packet, Ipv4Header.BYTES_MIN + part);
                    Ipv4Header.fragment(
                            MEMORY,
                            packet,
                            at,
                            at + part == length ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
                    Ipv4Header.complete(MEMORY, packet);
                    host.put(frame);
                }
            }
            host.settle();
            assertThat(lengths).containsExactly(3000);
        }
    }

    /** Who can guess the ports of a connected socket can say so; others cannot. */
    @Test
    void aRefusalIsBelievedForTheFlowThatItQuotesAlone() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            UdpPorts udp = host.host.udp();
            Binding connected = udp.connect(AttackedHost.ADDRESS, PEER, PEER_PORT);
            udp.add(connected, receiver());
            host.put(refusal(host, PORT, PEER_PORT));
            host.put(refusal(host, connected.port, PEER_PORT + 1));
            host.put(refusal(host, connected.port + 1, PEER_PORT));
            host.settle();
            assertThat(refusals).isZero();
            host.put(refusal(host, connected.port, PEER_PORT));
            host.settle();
            assertThat(refusals).isOne();
        }
    }

    /** Port unreachable, about a datagram of ours. */
    private static Buffer refusal(AttackedHost host, int port, int peerPort) {
        int quoted = Ipv4Header.BYTES_MIN + UdpHeader.BYTES;
        Buffer frame = host.pool.allocate(AT_UDP + Icmpv4Header.BYTES + quoted);
        RawMemory.fill(frame.address(), frame.length(), (byte) 0);
        long packet = frame.address() + EthernetHeader.BYTES;
        long message = frame.address() + AT_UDP;
        long quote = message + Icmpv4Header.BYTES;
        PacketHeaders.ethernet(frame.address(), AttackedHost.NEIGHBOUR_MAC, AttackedHost.MAC);
        PacketHeaders.ipv4(
                packet,
                Ipv4Header.PROTOCOL_ICMP,
                PEER,
                AttackedHost.ADDRESS,
                Icmpv4Header.BYTES + quoted);
        PacketHeaders.ipv4(
                quote, Ipv4Header.PROTOCOL_UDP, AttackedHost.ADDRESS, PEER, UdpHeader.BYTES);
        UdpHeader.sourcePort(MEMORY, quote + Ipv4Header.BYTES_MIN, port);
        UdpHeader.destinationPort(MEMORY, quote + Ipv4Header.BYTES_MIN, peerPort);
        Icmpv4Header.begin(
                MEMORY, message, Icmpv4Header.DESTINATION_UNREACHABLE, Icmpv4Header.CODE_PORT);
        Icmpv4Header.complete(MEMORY, message, Icmpv4Header.BYTES + quoted);
        return frame;
    }

    /** Any bytes, mostly of a right datagram: nothing is thrown, and nothing is kept. */
    @Test
    void whateverComesIsTakenOrDropped() throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (AttackedHost host = new AttackedHost(seed)) {
            bind(host);
            host.settle();
            host.dropOthers();
            int before = host.pool.liveBlocks();
            for (int i = 0; i < 20_000; i++) {
                Buffer frame = datagram(host, random.nextInt(40));
                int changes = random.nextInt(4);
                for (int change = 0; change < changes; change++) {
                    int at =
                            EthernetHeader.BYTES
                                    + random.nextInt(frame.length() - EthernetHeader.BYTES);
                    frame.put(at, (byte) random.nextInt());
                }
                if (random.nextBoolean()) { // so that more than the IP header's checksum is met
                    Ipv4Header.complete(MEMORY, frame.address() + EthernetHeader.BYTES);
                }
                frame.trim(
                        random.nextInt(8) == 0
                                ? random.nextInt(frame.length() + 1)
                                : frame.length());
                host.put(frame);
                if (i % 64 == 0) {
                    host.settle();
                    host.dropOthers();
                }
            }
            host.pass(60_000_000_000L);
            host.dropOthers();
            assertThat(lengths).hasSizeGreaterThan(1000);
            assertThat(host.pool.liveBlocks()).isEqualTo(before);
        }
    }
}
