package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.DatagramOptions;
import io.byssus.net.Network;
import io.byssus.net.UdpSocket;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the kernel is really asked to cut messages and to put datagrams together. */
@Timeout(60)
class DatagramOffloadTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private static final int COUNT = 30;
    private static final int BYTES = 1000;

    @Test
    void datagramsOfOneLengthGoThroughTheKernelAsOne() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        try (Shards shards = Shards.start(options)) {
            shards.submitTo(
                    0,
                    () -> {
                        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
                        DatagramOptions defaults = DatagramOptions.defaults();
                        try (UdpSocket from = Network.bindUdp(any, defaults);
                                UdpSocket to =
                                        Network.bindUdp(any, defaults.withCoalescing(true))) {
                            for (int i = 0; i < COUNT; i++) {
                                from.send(Shard.current().allocate(BYTES), to.localAddress());
                            }
                            from.flush();
                            for (int i = 0; i < COUNT; i++) {
                                try (Buffer payload = to.receive()) {
                                    assertThat(payload.length()).isEqualTo(BYTES);
                                }
                            }
                            assertThat(from.counters().segmented()).isPositive();
                            assertThat(to.counters().coalesced()).isPositive();
                            assertThat(from.counters().failed()).isZero();
                        }
                        return 0;
                    });
        }
    }

    @Test
    void emptyDatagramsStandAlone() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        try (Shards shards = Shards.start(options)) {
            shards.submitTo(
                    0,
                    () -> {
                        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
                        DatagramOptions wide =
                                DatagramOptions.defaults().withPayloadBytesMax(32_000);
                        try (UdpSocket from = Network.bindUdp(any, wide);
                                UdpSocket to = Network.bindUdp(any, wide)) {
                            for (int i = 0; i < 4; i++) {
                                from.send(Shard.current().allocate(32_000), to.localAddress());
                                from.send(Shard.current().allocate(0), to.localAddress());
                            }
                            from.flush();
                            for (int i = 0; i < 8; i++) {
                                try (Buffer payload = to.receive()) {
                                    assertThat(payload.length()).isEqualTo(i % 2 == 0 ? 32_000 : 0);
                                }
                            }
                            assertThat(from.counters().segmented()).isZero();
                        }
                        return 0;
                    });
        }
    }
}
