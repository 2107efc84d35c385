package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.Offload;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What two hosts leave to a device that completes checksums and cuts segments, both ways. */
class OffloadTest {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int PORT = 80;
    private static final int MTU = 1500;
    private static final int BYTES = 1 << 20;
    private static final long STEP_NANOS = 1_000_000;
    private static final IpAddress CLIENT = IpAddress.ofIpv4(0x0a000001);
    private static final IpAddress SERVER = IpAddress.ofIpv4(0x0a000002);

    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
    private long now = STEP_NANOS;
    private Watched wire;
    private Host client;
    private Host server;

    private static final class Here implements Home {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

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
                long packet = copy.address() + 14;
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

    private void connect(InMemoryLink link) {
        wire = new Watched(link.left());
        client = host(wire, CLIENT, 1);
        server = host(link.right(), SERVER, 2);
    }

    private Host host(LinkDevice device, IpAddress address, int seed) {
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(new Ipv4Subnet(address.ipv4(), 0xffffff00)),
                        Ipv4Configuration.NO_GATEWAY,
                        MTU,
                        device.macAddress());
        return new Host(
                now,
                configuration,
                TcpLimits.DEFAULTS,
                device,
                pool,
                new SplittableRandom(seed),
                Steering.single(new SplittableRandom(seed)));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        assertThat(pool.liveSites()).isEmpty();
    }

    /** Sends BYTES from the client; how many frames that took. */
    private void transfer() {
        TcpListener listener =
                server.tcp().listen(SERVER, PORT, 1, TcpSettings.DEFAULTS, new NoUser());
        TcpConnection sending =
                client.tcp().connect(now, CLIENT, 0, SERVER, PORT, TcpSettings.DEFAULTS, e -> {});
        step(10);
        TcpConnection receiving = server.tcp().accept(listener);
        int sent = 0;
        int received = 0;
        for (int i = 0; i < 10_000 && received < BYTES; i++) {
            while (sent < BYTES && sending.sendSpace() > 0) {
                Buffer text = pool.allocate(8192);
                for (int at = 0; at < text.length(); at++) {
                    text.put(at, (byte) ((sent + at) >>> 3));
                }
                sending.send(text);
                sent += 8192;
            }
            step(1);
            Buffer text;
            while ((text = receiving.receive()) != null) {
                for (int at = 0; at < text.length(); at++) {
                    assertThat(text.get(at)).isEqualTo((byte) ((received + at) >>> 3));
                }
                received += text.length();
                text.close();
            }
        }
        assertThat(received).isEqualTo(BYTES);
        sending.abort();
        receiving.abort();
        step(2);
    }

    private void step(int times) {
        for (int i = 0; i < times; i++) {
            while (client.turn(now) + server.turn(now) > 0) {
                now++;
            }
            now += STEP_NANOS;
        }
    }

    private static final class NoUser implements TcpListener.User {
        @Override
        public void onOpened() {}

        @Override
        public void onAcceptable() {}

        @Override
        public void onGone() {}
    }

    @Test
    void aDeviceThatCutsSegmentsGetsLargeOnes() {
        connect(InMemoryLink.withOffloads(0x020000000001L, 0x020000000002L, MTU, 256));
        transfer();
        assertThat(wire.cut).isPositive();
        assertThat(wire.wrong).isZero();
        assertThat(client.tcp().counters().outSegments).isLessThan(BYTES / MTU / 2);
        assertThat(server.counters().inChecksumErrors).isZero();
    }

    @Test
    void otherDevicesGetWholeFramesOfTheMtu() {
        connect(new InMemoryLink(0x020000000001L, 0x020000000002L, MTU, 256));
        transfer();
        assertThat(wire.cut).isZero();
        assertThat(server.counters().inChecksumErrors).isZero();
        assertThat(client.tcp().counters().outSegments).isGreaterThan(BYTES / MTU);
    }
}
