package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.DatagramHeader;
import io.byssus.net.DatagramOptions;
import io.byssus.net.Network;
import io.byssus.net.RecyclingBuffers;
import io.byssus.net.UdpSocket;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams make no garbage: what the carriers allocate is counted by the JVM. */
@Timeout(60)
class DatagramAllocationTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private static final int ROUNDS_MAX = 15;
    private static final int MESSAGES = 10_000;
    private static final int BYTES = 64;

    private enum To {
        THE_PEER,
        AN_ADDRESS
    }

    /** Of the kernel. */
    private enum Asked {
        NOTHING,
        COALESCING,
        DESTINATIONS
    }

    /** Both ends count: the client is a fiber of the same shard. */
    @ParameterizedTest
    @CsvSource({
        "THE_PEER, 1, NOTHING",
        "AN_ADDRESS, 1, NOTHING",
        "AN_ADDRESS, 1, DESTINATIONS",
        "AN_ADDRESS, 20, COALESCING"
    })
    void anEchoedDatagramAllocatesLessThanAByte(To to, int inFlight, Asked asked) throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        DatagramOptions datagrams =
                DatagramOptions.defaults()
                        .withCoalescing(asked == Asked.COALESCING)
                        .withDestinations(asked == Asked.DESTINATIONS);
        try (RecyclingBuffers mode = new RecyclingBuffers();
                Shards shards = Shards.start(options)) {
            InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
            UdpSocket server = shards.submitTo(0, () -> Network.bindUdp(any, datagrams));
            InetSocketAddress address = server.localAddress();
            shards.spawn(0, "echo", () -> echo(server));
            UdpSocket client =
                    shards.submitTo(
                            0,
                            () ->
                                    to == To.THE_PEER
                                            ? Network.connectUdp(address, datagrams)
                                            : Network.bindUdp(any, datagrams));
            double bytesPerMessage = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS_MAX && bytesPerMessage >= 1; round++) {
                long before = allocated(shards);
                shards.submitTo(
                        0, () -> exchange(client, to == To.THE_PEER ? null : address, inFlight));
                bytesPerMessage = (allocated(shards) - before) / (double) MESSAGES;
            }
            assertThat(bytesPerMessage).isLessThan(1);
            assertThat(mode).isNotNull();
        }
    }

    private static Void echo(UdpSocket server) throws IOException {
        DatagramHeader header = new DatagramHeader();
        server.timeout(Duration.ofMinutes(1)); // a deadline that is armed for every wait
        while (true) {
            server.send(server.receive(header), header);
        }
    }

    private static long exchange(UdpSocket client, InetSocketAddress to, int inFlight)
            throws IOException {
        BufferPool pool = Shard.current().buffers();
        DatagramHeader header = new DatagramHeader();
        long received = 0;
        for (int i = 0; i < MESSAGES; i += inFlight) {
            for (int j = 0; j < inFlight; j++) {
                if (to == null) {
                    client.send(pool.allocate(BYTES));
                } else {
                    client.send(pool.allocate(BYTES), to);
                }
            }
            for (int j = 0; j < inFlight; j++) {
                try (Buffer answer = client.receive(header)) {
                    received += answer.length();
                }
            }
            assert header.source() != null; // asked for every time, made once
        }
        return received;
    }

    /** Bytes that all carriers, and so all fibers, have allocated. */
    private static long allocated(Shards shards) throws JMException {
        long sum = 0;
        for (var shard : shards.all()) {
            sum +=
                    (Long)
                            ManagementFactory.getPlatformMBeanServer()
                                    .invoke(
                                            new ObjectName("java.lang:type=Threading"),
                                            "getThreadAllocatedBytes",
                                            new Object[] {shard.carrierId()},
                                            new String[] {"long"});
        }
        return sum;
    }
}
