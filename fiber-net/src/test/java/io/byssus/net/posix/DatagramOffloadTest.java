package io.byssus.net.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.DatagramOptions;
import io.byssus.net.Network;
import io.byssus.net.UdpSocket;
import io.byssus.net.spi.DatagramAddress;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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
    private static final int SOL_SOCKET = 1;
    private static final int SO_NO_CHECK = 11;

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

    /** As for an interface, or a kind of route, that does not cut messages. */
    @Test
    void whereTheKernelRefusesToCutTheyGoOneByOneAndNoneIsLost() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().smp(1).overprovisioned(true).shutdownGrace(Duration.ZERO);
        try (Shards shards = Shards.start(options)) {
            shards.submitTo(
                    0,
                    () -> {
                        EpollBackend epoll = (EpollBackend) Shard.current().reactor().backend();
                        PosixStack stack = new PosixStack(Shard.current(), epoll);
                        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
                        DatagramOptions defaults = DatagramOptions.defaults();
                        PosixDatagrams from = (PosixDatagrams) stack.openUdp(any, null, defaults);
                        sendWithoutChecksums(from.fd);
                        try (UdpSocket to = Network.bindUdp(any, defaults)) {
                            DatagramAddress destination = new DatagramAddress();
                            destination.set(to.localAddress());
                            for (int i = 0; i < 2 * COUNT; i++) {
                                Buffer payload = Shard.current().allocate(BYTES + i / COUNT);
                                from.send(payload, destination, null, 0, Long.MAX_VALUE);
                            }
                            from.flush(0, Long.MAX_VALUE);
                            for (int i = 0; i < 2 * COUNT; i++) {
                                try (Buffer payload = to.receive()) {
                                    assertThat(payload.length()).isEqualTo(BYTES + i / COUNT);
                                }
                            }
                            assertThat(from.counters().segmented()).isZero();
                            assertThat(from.counters().failed()).isZero();
                            assertThat(from.counters().sendCalls())
                                    .as("it is tried once, and batches stay")
                                    .isLessThan(6);
                        }
                        from.close();
                        stack.close();
                        return 0;
                    });
        }
    }

    /** What the kernel refuses together with UDP_SEGMENT (udp_send_skb in net/ipv4/udp.c). */
    @SuppressWarnings("restricted")
    private static void sendWithoutChecksums(int fd) {
        MethodHandle setsockopt =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker()
                                        .defaultLookup()
                                        .find("setsockopt")
                                        .orElseThrow(),
                                FunctionDescriptor.of(
                                        JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
            assertThat((int) setsockopt.invokeExact(fd, SOL_SOCKET, SO_NO_CHECK, on, Integer.BYTES))
                    .isZero();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
