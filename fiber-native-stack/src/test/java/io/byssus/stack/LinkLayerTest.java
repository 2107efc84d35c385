package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpEvents;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** ARP under loss, and pings that are fragmented. */
class LinkLayerTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int ECHO_BYTES = 8000;
    private static final int PACKET_BYTES = Ipv4Header.BYTES_MIN + Icmpv4Header.BYTES + ECHO_BYTES;
    private static final int IDENTIFIER = 0x1234;

    private final SplittableRandom random = new SplittableRandom(Seeds.next("LinkLayerTest"));

    /** Counts what the left host receives that is ICMP. */
    private static final class IcmpCounter extends DeviceDecorator {
        private int fragments;
        private int echoBytes;

        IcmpCounter(LinkDevice device) {
            super(device);
        }

        @Override
        public Buffer receive() {
            Buffer frame = device.receive();
            if (frame != null
                    && EthernetHeader.type(MEMORY, frame.address()) == EthernetHeader.TYPE_IPV4) {
                long packet = frame.address() + EthernetHeader.BYTES;
                if (Ipv4Header.protocol(MEMORY, packet) == Ipv4Header.PROTOCOL_ICMP) {
                    fragments++;
                    echoBytes += Ipv4Header.totalLength(MEMORY, packet) - Ipv4Header.BYTES_MIN;
                }
            }
            return frame;
        }
    }

    /** Three requests in a row must not be lost: then the neighbour counts as not there. */
    @Test
    void neighboursAreFoundWhereFramesAreLost() throws Exception {
        for (int i = 0; i < 20; i++) {
            SimulatedNetwork network =
                    new SimulatedNetwork(
                            SimulatedNetwork.Setup.of(
                                            random.nextLong(),
                                            Faults.NONE
                                                    .withDelay(Duration.ofMillis(1))
                                                    .withLoss(0.03))
                                    .tracking());
            new Transfer(
                            network,
                            LossyTransferTest.patient(64 << 10, 64 << 10),
                            StreamEnd.Plan.sending(100),
                            StreamEnd.Plan.sending(100))
                    .complete();
        }
    }

    /** Half of all frames are lost: then the neighbour seems not to be there now and then. */
    @Test
    void whereHalfIsLostAConnectGetsThroughOrSaysThatNobodyAnswersAndALaterOneGetsThrough()
            throws Exception {
        int established = 0;
        int unreachable = 0;
        for (int i = 0; i < 40; i++) {
            SimulatedNetwork network =
                    new SimulatedNetwork(
                            SimulatedNetwork.Setup.of(
                                            random.nextLong(),
                                            Faults.NONE
                                                    .withDelay(Duration.ofMillis(1))
                                                    .withLoss(0.5))
                                    .tracking());
            TcpSettings settings = LossyTransferTest.patient(64 << 10, 64 << 10);
            network.listen(1, settings, accepted -> accepted.abort());
            boolean first = true;
            TcpConnection connection = connect(network, settings);
            for (int tries = 1; connection.failure() == TcpFailure.HOST_UNREACHABLE; tries++) {
                assertThat(tries).isLessThan(20);
                unreachable += first ? 1 : 0;
                first = false;
                network.run(Duration.ofSeconds(30));
                connection = connect(network, settings);
            }
            assertThat(connection.failure()).isIn(TcpFailure.NONE, TcpFailure.RESET);
            established += first ? 1 : 0;
            connection.abort();
            network.run(Duration.ofMinutes(5));
            Transfer.assertNothingIsLeft(network);
        }
        assertThat(established).as("at once").isPositive();
        assertThat(unreachable).as("at first").isPositive();
        assertThat(established + unreachable).isEqualTo(40);
    }

    /** Opens a connection, and waits until it is one, or will never be. */
    private static TcpConnection connect(SimulatedNetwork network, TcpSettings settings) {
        int[] told = {0};
        TcpConnection connection = network.connect(settings, events -> told[0] |= events);
        assertThat(
                        network.runUntil(
                                () -> (told[0] & (TcpEvents.CONNECTED | TcpEvents.CLOSED)) != 0,
                                Duration.ofHours(2)))
                .isTrue();
        assertThat((told[0] & TcpEvents.CONNECTED) != 0)
                .isNotEqualTo(connection.failure() == TcpFailure.HOST_UNREACHABLE);
        return connection;
    }

    @Test
    void aLargePingIsAnsweredThroughFragmentsInAnyOrder() throws Exception {
        Faults faults =
                Faults.NONE
                        .withDelay(Duration.ofMillis(5))
                        .withReordering(0.5, Duration.ofMillis(3))
                        .withDuplication(0.2);
        IcmpCounter[] counter = new IcmpCounter[1];
        SimulatedNetwork network =
                new SimulatedNetwork(
                        SimulatedNetwork.Setup.of(random.nextLong(), faults)
                                .tracking()
                                .around((pool, device) -> counter[0] = new IcmpCounter(device)));
        new Transfer(
                network,
                LossyTransferTest.patient(64 << 10, 64 << 10),
                StreamEnd.Plan.sending(100),
                StreamEnd.Plan.sending(100));
        network.run(Duration.ofSeconds(1));
        ping(network);
        network.run(Duration.ofSeconds(1));
        assertThat(counter[0].fragments).isGreaterThanOrEqualTo(6);
        assertThat(counter[0].echoBytes).isGreaterThanOrEqualTo(Icmpv4Header.BYTES + ECHO_BYTES);
        network.run(Duration.ofMinutes(2)); // fragments that came twice wait for their time
        Transfer.assertNothingIsLeft(network);
    }

    @Test
    void lostFragmentsLeaveNothingBehind() throws Exception {
        SimulatedNetwork network =
                new SimulatedNetwork(
                        SimulatedNetwork.Setup.of(random.nextLong(), Faults.NONE.withLoss(0.3))
                                .tracking());
        for (int i = 0; i < 50; i++) {
            ping(network);
            network.run(Duration.ofMillis(100));
        }
        network.run(Duration.ofMinutes(3));
        Transfer.assertNothingIsLeft(network);
    }

    private static void ping(SimulatedNetwork network) {
        Buffer frame = network.pool().allocate(EthernetHeader.BYTES + PACKET_BYTES);
        long packet = frame.address() + EthernetHeader.BYTES;
        PacketHeaders.ipv4(
                packet,
                Ipv4Header.PROTOCOL_ICMP,
                (int) SimulatedNetwork.LEFT.low(),
                (int) SimulatedNetwork.RIGHT.low(),
                Icmpv4Header.BYTES + ECHO_BYTES);
        long message = packet + Ipv4Header.BYTES_MIN;
        Icmpv4Header.begin(MEMORY, message, Icmpv4Header.ECHO_REQUEST, 0);
        Icmpv4Header.echo(MEMORY, message, IDENTIFIER, 1);
        RawMemory.fill(message + Icmpv4Header.BYTES, ECHO_BYTES, (byte) 1);
        Icmpv4Header.complete(MEMORY, message, Icmpv4Header.BYTES + ECHO_BYTES);
        network.left().output().send(frame);
    }
}
