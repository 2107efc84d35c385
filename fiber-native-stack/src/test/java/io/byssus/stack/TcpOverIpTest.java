package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What TCP asks of IP, between two hosts whose frames pass through the test. */
class TcpOverIpTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PORT = 80;
    private static final int HOPS = 17;
    private static final int TURNS = 20;

    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
    private final InMemoryLink clientLink = new InMemoryLink(0x0200_0000_0001L, 2, 1500, 64);
    private final InMemoryLink serverLink = new InMemoryLink(0x0200_0000_0002L, 2, 1500, 64);
    private final Host client = host("192.0.2.1", clientLink.left());
    private final Host server = host("192.0.2.2", serverLink.left());
    private long now = 1_000_000_000;

    private Host host(String address, LinkDevice device) {
        return new Host(
                now,
                new Ipv4Configuration(
                        List.of(Ipv4Subnet.parse(address, "255.255.255.0")),
                        Ipv4Configuration.NO_GATEWAY,
                        device.mtu(),
                        device.macAddress(),
                        HOPS),
                TcpLimits.DEFAULTS,
                device,
                pool,
                new SplittableRandom(1),
                Steering.single(new SplittableRandom(2)));
    }

    @AfterEach
    void nothingLeaks() throws Exception {
        client.close();
        server.close();
        clientLink.right().close();
        serverLink.right().close();
        assertThat(pool.liveSites()).isEmpty();
    }

    private TcpConnection connect() {
        server.tcp()
                .listen(address("0.0.0.0"), PORT, 1, TcpSettings.DEFAULTS, new SilentListener());
        return client.tcp()
                .connect(
                        now,
                        address("192.0.2.1"),
                        0,
                        address("192.0.2.2"),
                        PORT,
                        TcpSettings.DEFAULTS,
                        events -> {});
    }

    private static IpAddress address(String text) {
        return IpAddress.ofIpv4(Ipv4Address.parse(text));
    }

    /** Both hosts take turns; each frame with TCP is shown before it arrives. */
    private void exchange(Consumer<Buffer> segments) {
        for (int i = 0; i < TURNS; i++) {
            now += 1_000_000;
            client.turn(now);
            server.turn(now);
            relay(clientLink.right(), serverLink.right(), segments);
            relay(serverLink.right(), clientLink.right(), segments);
        }
    }

    private static void relay(LinkDevice from, LinkDevice to, Consumer<Buffer> segments) {
        for (Buffer frame = from.receive(); frame != null; frame = from.receive()) {
            long packet = packet(frame);
            if (EthernetHeader.type(MEMORY, frame.address()) == EthernetHeader.TYPE_IPV4
                    && Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_TCP) {
                segments.accept(frame);
            }
            to.send(frame);
        }
    }

    private static long packet(Buffer frame) {
        return frame.address() + EthernetHeader.BYTES;
    }

    @Test
    @Tag("MUST-49")
    void theTimeToLiveIsThatOfTheConfiguration() {
        TcpConnection connection = connect();
        exchange(frame -> assertThat(Ipv4Header.timeToLive(MEMORY, packet(frame))).isEqualTo(HOPS));
        assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
    }

    /** What the user sets is in every frame from then on: text, again, and acknowledgments. */
    @Test
    @Tag("MUST-48")
    @Tag("SHLD-21")
    @Tag("SHLD-22")
    void differentiatedServicesAreInEveryFrameFromThenOn() {
        TcpConnection connection = connect();
        exchange(frame -> assertThat(trafficClass(frame)).isZero());
        for (int codepoint : new int[] {46, 63, 0, 8}) {
            connection.differentiatedServices(codepoint);
            Buffer text = pool.allocate(5000);
            RawMemory.fill(text.address(), 5000, (byte) 1);
            connection.send(text);
            int[] frames = {0};
            exchange(frame -> {
                boolean ours =
                        Ipv4Header.source(MEMORY, packet(frame)) == Ipv4Address.parse("192.0.2.1");
                assertThat(trafficClass(frame)).isEqualTo(ours ? codepoint << 2 : 0);
                frames[0] += ours ? 1 : 0;
            });
            assertThat(frames[0]).isGreaterThanOrEqualTo(4);
        }
    }

    private static int trafficClass(Buffer frame) {
        return Ipv4Header.trafficClass(MEMORY, packet(frame));
    }

    @Test
    @Tag("MUST-2")
    void everySegmentHasARightChecksum() {
        TcpConnection connection = connect();
        exchange(frame -> {
            long packet = packet(frame);
            int length = Ipv4Header.totalLength(MEMORY, packet) - Ipv4Header.BYTES_MIN;
            long sum =
                    InternetChecksum.pseudoHeader(
                                    Ipv4Header.source(MEMORY, packet),
                                    Ipv4Header.destination(MEMORY, packet),
                                    Ipv4Header.PROTOCOL_TCP,
                                    length)
                            + InternetChecksum.sum(MEMORY, packet + Ipv4Header.BYTES_MIN, length);
            assertThat(InternetChecksum.isRight(sum)).isTrue();
        });
        assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
    }

    @Test
    @Tag("MUST-3")
    void aSegmentWithAWrongChecksumIsDroppedAndCounted() {
        TcpConnection connection = connect();
        exchange(frame -> frame.put(EthernetHeader.BYTES + Ipv4Header.BYTES_MIN + 4, (byte) 99));
        assertThat(connection.state()).isEqualTo(TcpState.SYN_SENT);
        assertThat(server.tcp().counters().inChecksumErrors).isPositive();
        assertThat(server.tcp().connections()).isEmpty();
    }
}
