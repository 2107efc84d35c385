package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.UdpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an ICMP error quotes of a packet whose checksum was left to the devices. */
class OffloadedErrorTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int UDP_CHECKSUM_OFFSET = 6;
    private static final int CLOSED_PORT = 9;
    private static final int UDP_AT = EthernetHeader.BYTES + Ipv4Header.BYTES_MIN;

    /** An empty one. */
    private static final int DATAGRAM_BYTES = Ipv4Header.BYTES_MIN + UdpHeader.BYTES;

    private static final int QUOTED_AT = UDP_AT + Icmpv4Header.BYTES;

    private Wire wire;

    /** Sends what no host would, and looks at the errors that come back. */
    private static final class Wire extends DeviceDecorator {
        private int rightlyQuoted;

        Wire(LinkDevice device) {
            super(device);
        }

        @Override
        public Buffer receive() {
            Buffer frame = device.receive();
            if (frame != null && frame.length() >= QUOTED_AT + DATAGRAM_BYTES) {
                long packet = frame.address() + EthernetHeader.BYTES;
                if (Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_ICMP
                        && isRight(frame.address() + QUOTED_AT)) {
                    rightlyQuoted++;
                }
            }
            return frame;
        }

        private static boolean isRight(long packet) {
            int length = Ipv4Header.totalLength(MEMORY, packet) - Ipv4Header.BYTES_MIN;
            long udp = packet + Ipv4Header.BYTES_MIN;
            long sum =
                    InternetChecksum.pseudoHeader(
                                    Ipv4Header.source(MEMORY, packet),
                                    Ipv4Header.destination(MEMORY, packet),
                                    Ipv4Header.PROTOCOL_UDP,
                                    length)
                            + InternetChecksum.sum(MEMORY, udp, length);
            return InternetChecksum.isRight(sum);
        }
    }

    /** The checksum that nobody has computed yet is that of a packet which was on no wire. */
    @Test
    void anErrorQuotesADatagramWithItsChecksum() throws IOException {
        try (SimulatedNetwork network =
                new SimulatedNetwork(
                        SimulatedNetwork.Setup.of(Seeds.next("OffloadedErrorTest"), Faults.NONE)
                                .tracking()
                                .offloading()
                                .around((pool, device) -> {
                                    wire = new Wire(device);
                                    return wire;
                                }))) {
            wire.send(datagram(network), Offload.checksum(UDP_AT, UDP_CHECKSUM_OFFSET));
            network.run(Duration.ofSeconds(1));
            assertThat(network.right().counters().inUdpNoPorts).isEqualTo(1);
            assertThat(wire.rightlyQuoted).isEqualTo(1);
        }
    }

    private static Buffer datagram(SimulatedNetwork network) {
        int left = SimulatedNetwork.LEFT.ipv4();
        int right = SimulatedNetwork.RIGHT.ipv4();
        Buffer frame = network.pool().allocate(EthernetHeader.BYTES + DATAGRAM_BYTES);
        PacketHeaders.ethernet(
                frame.address(), SimulatedNetwork.LEFT_MAC, SimulatedNetwork.RIGHT_MAC);
        PacketHeaders.ipv4(
                frame.address() + EthernetHeader.BYTES,
                Ipv4Header.PROTOCOL_UDP,
                left,
                right,
                UdpHeader.BYTES);
        long udp = frame.address() + UDP_AT;
        UdpHeader.sourcePort(MEMORY, udp, CLOSED_PORT);
        UdpHeader.destinationPort(MEMORY, udp, CLOSED_PORT);
        UdpHeader.length(MEMORY, udp, UdpHeader.BYTES);
        int partial =
                InternetChecksum.partial(
                        InternetChecksum.pseudoHeader(
                                left, right, Ipv4Header.PROTOCOL_UDP, UdpHeader.BYTES));
        frame.put(UDP_AT + UDP_CHECKSUM_OFFSET, (byte) (partial >>> Byte.SIZE));
        frame.put(UDP_AT + UDP_CHECKSUM_OFFSET + 1, (byte) partial);
        return frame;
    }
}
