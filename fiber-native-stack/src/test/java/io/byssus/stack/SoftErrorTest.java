package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.time.ManualClock;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What an application of the network API learns of ICMP errors that may pass: nothing while they
 * may (they are in the report), and if the connection times out, that was why.
 */
class SoftErrorTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PEER = Ipv4Address.parse("20.0.0.2");
    private static final int ROUTER = Ipv4Address.parse("30.0.0.1");
    private static final int QUOTED_BYTES = Ipv4Header.BYTES_MIN + 8;

    private final long seed = Seeds.next("SoftErrorTest");

    /** A router says that it knows no way for {@code quoted}, a segment that was sent. */
    private static Buffer noWay(AttackedHost host, SentSegment quoted) {
        int length = Icmpv4Header.BYTES + QUOTED_BYTES;
        Buffer frame = host.pool.allocate(IpOutput.HEADERS_BYTES + length);
        EthernetHeader.destination(MEMORY, frame.address(), AttackedHost.MAC);
        EthernetHeader.source(MEMORY, frame.address(), AttackedHost.NEIGHBOUR_MAC);
        EthernetHeader.type(MEMORY, frame.address(), EthernetHeader.TYPE_IPV4);
        long packet = frame.address() + EthernetHeader.BYTES;
        header(packet, length, Ipv4Header.PROTOCOL_ICMP, ROUTER, AttackedHost.ADDRESS);
        long message = packet + Ipv4Header.BYTES_MIN;
        Icmpv4Header.begin(
                MEMORY, message, Icmpv4Header.DESTINATION_UNREACHABLE, Icmpv4Header.CODE_HOST);
        Icmpv4Header.nextHopMtu(MEMORY, message, 0);
        long inner = message + Icmpv4Header.BYTES;
        int segmentLength = TcpHeader.BYTES_MIN + quoted.text().length;
        header(
                inner,
                segmentLength,
                Ipv4Header.PROTOCOL_TCP,
                AttackedHost.ADDRESS,
                quoted.destination());
        long segment = inner + Ipv4Header.BYTES_MIN;
        TcpHeader.sourcePort(MEMORY, segment, quoted.sourcePort());
        TcpHeader.destinationPort(MEMORY, segment, quoted.destinationPort());
        TcpHeader.sequence(MEMORY, segment, quoted.sequence());
        Icmpv4Header.complete(MEMORY, message, length);
        return frame;
    }

    private static void header(long packet, int length, int protocol, int from, int to) {
        Ipv4Header.begin(MEMORY, packet);
        Ipv4Header.totalLength(MEMORY, packet, Ipv4Header.BYTES_MIN + length);
        Ipv4Header.timeToLive(MEMORY, packet, 64);
        Ipv4Header.protocol(MEMORY, packet, protocol);
        Ipv4Header.source(MEMORY, packet, from);
        Ipv4Header.destination(MEMORY, packet, to);
        Ipv4Header.complete(MEMORY, packet);
    }

    /** As the network API has it; nothing here parks. */
    private static NativeSocket socket(TcpConnection connection) {
        Reactor reactor =
                new Reactor(0, new ManualClock(), new ParkingBackend(), ReactorOptions.defaults());
        NativeSocket socket =
                new NativeSocket(
                        reactor,
                        connection,
                        new InetSocketAddress("10.0.0.1", AttackedHost.PORT),
                        new InetSocketAddress("20.0.0.2", 5000),
                        null);
        connection.user(socket);
        return socket;
    }

    private static Buffer text(AttackedHost host) {
        Buffer text = host.pool.allocate(100);
        RawMemory.fill(text.address(), 100, (byte) 1);
        return text;
    }

    private static String report(AttackedHost host) {
        return Report.of(host.host, Steering.single(new SplittableRandom(1)));
    }

    @Test
    @Tag("MUST-56")
    @Tag("SHLD-25")
    void aConnectionThatTimesOutWhereRoutersKnowNoWaySaysSo() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpConnection connection = new RawPeer(host, PEER, 5000, 1).connect(host.listen(1));
            NativeSocket socket = socket(connection);
            connection.send(text(host));
            host.settle();
            host.put(noWay(host, host.takeSent().getLast()));
            host.settle();
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
            assertThat(report(host)).contains(" trouble=HOST_UNREACHABLE");
            host.pass(TimeUnit.MINUTES.toNanos(5));
            assertThatThrownBy(() -> socket.receive(0, Long.MAX_VALUE))
                    .isInstanceOf(NoRouteToHostException.class)
                    .hasMessage("read: No route to host: 20.0.0.2:5000");
            socket.close();
        }
    }

    @Test
    @Tag("MUST-56")
    void oneThatGoesOnHasNoTroubleAnyMoreAndTimesOutAsAnyOther() throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            RawPeer peer = new RawPeer(host, PEER, 5000, 1);
            TcpConnection connection = peer.connect(host.listen(1));
            NativeSocket socket = socket(connection);
            connection.send(text(host));
            host.settle();
            SentSegment sent = host.takeSent().getLast();
            host.put(noWay(host, sent));
            host.settle();
            peer.expected = sent.end();
            host.deliver(peer.segment(TcpHeader.ACK));
            assertThat(connection.trouble()).isEqualTo(TcpFailure.NONE);
            assertThat(report(host)).doesNotContain("trouble");
            connection.send(text(host));
            host.pass(TimeUnit.MINUTES.toNanos(5));
            assertThatThrownBy(() -> socket.receive(0, Long.MAX_VALUE))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("read: Connection timed out: 20.0.0.2:5000");
            socket.close();
        }
    }
}
