package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.TapOptions.Offloads;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Eventually;
import io.byssus.testing.NetworkNamespace;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames to and from the kernel's own stack. */
@Tag("tun")
@Timeout(60)
class TapDeviceTest {
    private static final TapOptions PLAIN = TapOptions.of(TapHost.NAME);
    private static final TapOptions OFFLOADING = PLAIN.withOffloads(Offloads.TCP_SEGMENTATION);
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int MSS = 1460;

    private TapHost host;
    private TapPackets packets;

    @BeforeEach
    void makeNamespace() throws Exception {
        host = new TapHost();
        packets = new TapPackets(host.frames, PLAIN.macAddress());
    }

    @AfterEach
    void noFrameLeaks() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    /** Waits for the kernel's question who we are, and answers; what the kernel's address is. */
    private long introduceOurselves(TapDevice device) {
        try (Buffer request = host.await(device, "ARP request", TapDeviceTest::isArpRequestForUs)) {
            long kernelMac = EthernetHeader.source(MEMORY, request.address());
            device.send(packets.arpReply(kernelMac));
            return kernelMac;
        }
    }

    private static boolean isArpRequestForUs(Buffer frame) {
        long arp = frame.address() + EthernetHeader.BYTES;
        return TapHost.isArp(frame)
                && ArpPacket.operation(MEMORY, arp) == ArpPacket.REQUEST
                && ArpPacket.targetIp(MEMORY, arp) == TapHost.OUR_IP;
    }

    private static boolean isEchoRequest(Buffer frame) {
        return TapHost.isToUs(frame, Ipv4Header.PROTOCOL_ICMP)
                && Icmpv4Header.type(MEMORY, frame.address() + TapPackets.TCP_AT)
                        == Icmpv4Header.ECHO_REQUEST;
    }

    @Test
    void theKernelAsksByArpBelievesTheAnswerAndPings() throws Exception {
        TapDevice device = host.open(PLAIN);
        assertThat(device.mtu()).isEqualTo(1500);
        assertThat(device.macAddress()).isEqualTo(PLAIN.macAddress());
        host.up();
        NetworkNamespace.Running ping =
                host.namespace.start("ping", "-c", "1", "-W", "5", "-s", "1000", "10.9.0.2");
        introduceOurselves(device);
        try (Buffer echo = host.await(device, "echo request", TapDeviceTest::isEchoRequest)) {
            assertThat(echo.length()).isEqualTo(14 + 20 + 8 + 1000);
            assertThat(Ipv4Header.check(MEMORY, echo.address() + 14, echo.length() - 14))
                    .isEqualTo(Defect.NONE);
            assertThat(Icmpv4Header.check(MEMORY, echo.address() + 34, echo.length() - 34))
                    .isEqualTo(Defect.NONE);
            assertThat(device.receivedOffload() & ~Offload.VERIFIED).isEqualTo(Offload.NONE);
        }
        assertThat(ping.isAlive()).isTrue();
        assertThat(host.namespace.must("ip", "neigh", "show", "10.9.0.2"))
                .contains(MacAddress.format(PLAIN.macAddress()))
                .contains("REACHABLE");
    }

    @Test
    void whatPassesIsCounted() throws Exception {
        TapDevice device = host.open(PLAIN);
        host.up();
        device.send(packets.arpRequest());
        long bytes;
        try (Buffer reply = host.await(device, "ARP reply", TapHost::isArp)) {
            bytes = reply.length();
        }
        DeviceCounters counters = device.counters();
        assertThat(counters.framesSent()).isEqualTo(1);
        assertThat(counters.bytesSent()).isEqualTo(42);
        assertThat(counters.framesReceived()).isPositive();
        assertThat(counters.bytesReceived()).isGreaterThanOrEqualTo(bytes);
        assertThat(counters.receiveErrors()).as("an empty queue is none").isZero();
        assertThat(device).asString().contains("framesSent=1 bytesSent=42");
    }

    @Test
    void withoutOffloadsEveryFrameFitsAndHasItsChecksum() throws Exception {
        TapDevice device = host.open(PLAIN);
        assertThat(device.completesChecksums()).isFalse();
        assertThat(device.segmentationBytesMax()).isZero();
        assertLargestFrameOfTheKernel(
                device,
                frame -> {
                    assertThat(Offload.needsChecksum(device.receivedOffload())).isFalse();
                    assertThat(frame.length()).isLessThanOrEqualTo(1514);
                    assertThat(frame.capacity()).isEqualTo(2048);
                    assertTcpChecksum(frame);
                    return true;
                });
    }

    @Test
    void withOffloadsTheKernelSendsLargeSegmentsAndLeavesTheChecksum() throws Exception {
        TapDevice device = host.open(OFFLOADING);
        assertThat(device.completesChecksums()).isTrue();
        assertThat(device.segmentationBytesMax()).isEqualTo(65_535);
        assertLargestFrameOfTheKernel(
                device,
                frame -> {
                    long offload = device.receivedOffload();
                    assertThat(Offload.needsChecksum(offload)).isTrue();
                    assertThat(Offload.checksumStart(offload)).isEqualTo(34);
                    assertThat(Offload.checksumOffset(offload)).isEqualTo(16);
                    Offload.complete(offload, frame);
                    assertTcpChecksum(frame);
                    if (frame.length() <= 1514) {
                        return false;
                    }
                    assertThat(Offload.isTcpSegments(offload)).isTrue();
                    assertThat(Offload.segmentBytes(offload)).isEqualTo(MSS);
                    assertThat(frame.capacity()).isEqualTo(1 << 16);
                    return true;
                });
    }

    private interface FrameCheck {
        /** Whether it is what was to be seen. */
        boolean wasIt(Buffer frame);
    }

    /** Lets the kernel send 14 KB over TCP, and looks at its segments until one is it. */
    private void assertLargestFrameOfTheKernel(TapDevice device, FrameCheck check)
            throws Exception {
        try (Socket client = connect(device, 1000)) {
            client.getOutputStream().write(new byte[10 * MSS]);
            boolean found = false;
            while (!found) {
                try (Buffer segment = awaitData(device)) {
                    found = check.wasIt(segment);
                }
            }
        }
    }

    private Buffer awaitData(TapDevice device) {
        return host.await(
                device,
                "TCP payload",
                frame ->
                        TapHost.isToUs(frame, Ipv4Header.PROTOCOL_TCP)
                                && frame.length() > TapPackets.TCP_PAYLOAD_AT);
    }

    /**
     * A connection of the kernel to us; its first byte from us has the number after {@code iss}.
     */
    private Socket connect(TapDevice device, int iss) throws Exception {
        host.up();
        Socket client = host.namespace.run(Socket::new);
        CompletableFuture<Void> connected =
                CompletableFuture.runAsync(() -> connectOrThrow(client));
        introduceOurselves(device);
        try (Buffer syn =
                host.await(
                        device, "SYN", frame -> TapHost.isToUs(frame, Ipv4Header.PROTOCOL_TCP))) {
            assertThat(TapPackets.tcpFlags(syn) & TcpHeader.SYN).isNotZero();
            device.send(packets.synAck(syn, iss, MSS));
        }
        connected.get(10, TimeUnit.SECONDS);
        return client;
    }

    private void connectOrThrow(Socket client) {
        try {
            InetAddress ours = InetAddress.getByAddress(new byte[] {10, 9, 0, 2});
            host.namespace.run(() -> {
                client.connect(new java.net.InetSocketAddress(ours, 7), 10_000);
                return null;
            });
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void assertTcpChecksum(Buffer frame) {
        long ip = frame.address() + TapPackets.IP_AT;
        int length = Ipv4Header.totalLength(MEMORY, ip) - Ipv4Header.BYTES_MIN;
        long pseudoHeader =
                InternetChecksum.pseudoHeader(
                        Ipv4Header.source(MEMORY, ip),
                        Ipv4Header.destination(MEMORY, ip),
                        Ipv4Header.PROTOCOL_TCP,
                        length);
        assertThat(
                        TcpHeader.check(
                                MEMORY, frame.address() + TapPackets.TCP_AT, length, pseudoHeader))
                .isEqualTo(Defect.NONE);
    }

    @Test
    void aLargeSegmentOfOursArrivesAtAKernelSocket() throws Exception {
        TapDevice device = host.open(OFFLOADING);
        int iss = 5000;
        byte[] payload = new byte[40_000];
        new Random(1).nextBytes(payload);
        try (Socket client = connect(device, iss)) {
            client.getOutputStream().write(new byte[] {1});
            try (Buffer segment = awaitData(device)) {
                device.send(
                        packets.data(segment, iss + 1, payload),
                        Offload.tcpSegments(
                                Offload.checksum(TapPackets.TCP_AT, TcpHeader.CHECKSUM_OFFSET),
                                TapPackets.TCP_PAYLOAD_AT,
                                MSS));
            }
            client.setSoTimeout(10_000);
            assertThat(client.getInputStream().readNBytes(payload.length)).isEqualTo(payload);
        }
        assertThat(device.counters().sendErrors()).isZero();
    }

    @Test
    void aPacketThatIsLongerThanTheBufferWithItsHeadersIsWhole() throws Exception {
        // A device knows the MTU that it was opened with, so it is set before.
        host.namespace.must("ip", "tuntap", "add", "dev", TapHost.NAME, "mode", "tap");
        host.namespace.must("ip", "link", "set", TapHost.NAME, "mtu", "65521");
        TapDevice device = host.open(OFFLOADING);
        assertThat(device.mtu()).isEqualTo(65_521);
        host.up();
        host.namespace.start("ping", "-c", "1", "-W", "5", "-s", "65493", "-p", "5a", "10.9.0.2");
        introduceOurselves(device);
        try (Buffer echo = host.await(device, "echo request", TapDeviceTest::isEchoRequest)) {
            assertThat(echo.length()).isEqualTo(65_535);
            assertThat(Icmpv4Header.check(MEMORY, echo.address() + 34, echo.length() - 34))
                    .isEqualTo(Defect.NONE);
            assertThat(echo.get(65_534)).isEqualTo((byte) 0x5a);
        }
    }

    @Test
    void aFrameThatTheMtuDoesNotAllowIsDroppedAndCounted() throws Exception {
        TapDevice device = host.open(PLAIN);
        host.up();
        host.namespace.must("ip", "link", "set", TapHost.NAME, "mtu", "9000");
        host.namespace.start("ping", "-c", "1", "-W", "5", "-s", "8000", "10.9.0.2");
        introduceOurselves(device);
        Eventually.until(
                "a frame was too long",
                () -> {
                    Buffer frame = device.receive();
                    if (frame != null) {
                        assertThat(frame.length()).isLessThanOrEqualTo(1514);
                        frame.close();
                    }
                    return device.counters().receivedTooLong() == 1;
                });
        assertThat(device.deadlineNanos()).isEqualTo(LinkDevice.NO_DEADLINE);
    }

    @Test
    void severalQueuesShareOneInterface() throws Exception {
        TapOptions two = PLAIN.withQueues(2);
        TapDevice[] queues = {host.open(two), host.open(two)};
        host.up();
        for (TapDevice queue : queues) {
            queue.send(packets.arpRequest());
            // The kernel answers on the queue of its choice.
            Eventually.until(
                    "an ARP reply has arrived",
                    () -> {
                        for (TapDevice either : queues) {
                            try (Buffer frame = either.receive()) {
                                if (frame != null && TapHost.isArp(frame)) {
                                    return true;
                                }
                            }
                        }
                        return false;
                    });
            assertThat(queue.counters().framesSent()).isEqualTo(1);
        }
        queues[0].close();
        queues[1].send(packets.arpRequest());
        host.await(queues[1], "ARP reply on the queue that is left", TapHost::isArp).close();
    }

    @Test
    void oneQueueOfAnInterfaceThatMayHaveSeveralIsOpenedToo() throws Exception {
        host.namespace.must(
                "ip", "tuntap", "add", "dev", TapHost.NAME, "mode", "tap", "multi_queue");
        TapDevice device = host.open(PLAIN);
        host.up();
        device.send(packets.arpRequest());
        host.await(device, "ARP reply", TapHost::isArp).close();
    }

    @Test
    void whatIsSentWhileTheInterfaceIsDownIsDroppedAndCounted() throws Exception {
        TapDevice device = host.open(PLAIN);
        assertThat(device.warning())
                .isEqualTo("byssus0 is down: nothing passes before `ip link set dev byssus0 up`");
        device.send(packets.arpRequest());
        assertThat(device.counters().sentWhileDown()).isEqualTo(1);
        assertThat(device.counters().framesSent()).isZero();
        assertThat(device.hasRoom()).isTrue();
        assertThat(device.receive()).isNull();
        host.up();
        device.send(packets.arpRequest());
        host.await(device, "ARP reply", TapHost::isArp).close();
    }

    @Test
    void anInterfaceThatIsUpIsNothingToWarnOf() throws Exception {
        host.namespace.must("ip", "tuntap", "add", "dev", TapHost.NAME, "mode", "tap");
        host.up();
        assertThat(host.open(PLAIN).warning()).isEmpty();
    }

    @Test
    void afterTheInterfaceWasDeletedNothingPassesAndItIsCounted() throws Exception {
        TapDevice device = host.open(PLAIN);
        host.up();
        host.namespace.must("ip", "link", "del", TapHost.NAME);
        assertThat(device.receive()).isNull();
        device.send(packets.arpRequest());
        assertThat(device.counters().receiveErrors()).isEqualTo(1);
        assertThat(device.counters().sendErrors()).isEqualTo(1);
    }
}
