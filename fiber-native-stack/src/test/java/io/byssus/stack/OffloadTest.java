package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What two hosts leave to a device that completes checksums and cuts segments, both ways. */
class OffloadTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int BYTES = 1 << 20;

    private final SimulatedNetwork.Setup plain =
            SimulatedNetwork.Setup.of(Seeds.next("OffloadTest"), Faults.NONE).tracking();
    private Watched wire;

    /** Looks at what is sent. */
    private static final class Watched extends DeviceDecorator {
        private int cut;
        private int wrong;

        Watched(LinkDevice device) {
            super(device);
        }

        @Override
        public void send(Buffer frame, long offload) {
            if (Offload.isTcpSegments(offload)) {
                cut++;
            }
            if (Offload.needsChecksum(offload) && !completesRight(frame, offload)) {
                wrong++;
            }
            device.send(frame, offload);
        }

        private static boolean completesRight(Buffer frame, long offload) {
            try (Buffer copy = frame.copy()) {
                Offload.complete(offload, copy);
                long packet = copy.address() + EthernetHeader.BYTES;
                int length = Ipv4Header.totalLength(MEMORY, packet) - Ipv4Header.BYTES_MIN;
                long sum =
                        InternetChecksum.pseudoHeader(
                                        Ipv4Header.source(MEMORY, packet),
                                        Ipv4Header.destination(MEMORY, packet),
                                        Ipv4Header.PROTOCOL_TCP,
                                        length)
                                + InternetChecksum.sum(
                                        MEMORY, packet + Ipv4Header.BYTES_MIN, length);
                return InternetChecksum.isRight(sum);
            }
        }
    }

    /** Sends BYTES from the left host; what both have counted. */
    private SimulatedNetwork transfer(SimulatedNetwork.Setup setup) throws IOException {
        SimulatedNetwork network =
                new SimulatedNetwork(
                        setup.around((pool, device) -> {
                            wire = new Watched(device);
                            return wire;
                        }));
        new Transfer(
                        network,
                        TcpSettings.DEFAULTS,
                        StreamEnd.Plan.sending(BYTES),
                        StreamEnd.Plan.receiving())
                .complete();
        assertThat(network.right().counters().inChecksumErrors).isZero();
        return network;
    }

    @Test
    void aDeviceThatCutsSegmentsGetsLargeOnes() throws IOException {
        SimulatedNetwork network = transfer(plain.offloading());
        assertThat(wire.cut).isPositive();
        assertThat(wire.wrong).isZero();
        assertThat(network.left().tcp().counters().outSegments)
                .isLessThan(BYTES / SimulatedNetwork.MTU / 2);
    }

    @Test
    void otherDevicesGetWholeFramesOfTheMtu() throws IOException {
        SimulatedNetwork network = transfer(plain);
        assertThat(wire.cut).isZero();
        assertThat(network.left().tcp().counters().outSegments)
                .isGreaterThan(BYTES / SimulatedNetwork.MTU);
    }
}
