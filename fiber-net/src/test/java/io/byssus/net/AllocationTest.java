package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.memory.Buffer;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The steady state makes no garbage: what the carriers allocate is counted by the JVM. */
@Timeout(60)
class AllocationTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    /** What others allocate for each part of a message that is written as several buffers. */
    int bytesPerPart() {
        return 0;
    }

    private static final int ROUNDS_MAX = 15;
    private static final int MESSAGES = 10_000;

    /** Both ends count: the client is a fiber of the same shard. */
    @ParameterizedTest
    @ValueSource(ints = {64, 16_384})
    void anEchoedMessageAllocatesLessThanAByte(int bytes) throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        try (RecyclingBuffers mode = new RecyclingBuffers();
                Shards shards = Shards.start(options)) {
            InetSocketAddress address = startServer(shards);
            Connection client =
                    shards.submitTo(0, () -> Network.connect(address, ConnectOptions.defaults()));
            byte[] message = new byte[bytes];
            double bytesPerMessage = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS_MAX && bytesPerMessage >= 1; round++) {
                long before = allocated(shards);
                shards.submitTo(0, () -> exchange(client, message));
                bytesPerMessage = (allocated(shards) - before) / (double) MESSAGES;
            }
            assertThat(bytesPerMessage).isLessThan(1);
            assertThat(mode).isNotNull();
        }
    }

    /** Several buffers at once, and sections in which layers flush for themselves. */
    private static final class Parts {
        private static final int COUNT = 3;
        private static final int PART_BYTES = 1500; // not copied
        private static final byte[] SMALL = new byte[100];

        private final ConnectionOutput output;
        private final Buffer[] parts = new Buffer[COUNT];
        private final FiberAction<IOException> section = this::writeAndFlushTwice;

        Parts(ConnectionOutput output) {
            this.output = output;
        }

        int write(boolean corked) throws IOException {
            if (corked) {
                output.corked(section);
                return 2 * SMALL.length;
            }
            for (int i = 0; i < parts.length; i++) {
                parts[i] = Shard.current().allocate(PART_BYTES);
            }
            output.write(parts);
            output.flush();
            return parts.length * PART_BYTES;
        }

        private void writeAndFlushTwice() throws IOException {
            output.write(SMALL);
            output.flush();
            output.write(SMALL);
            output.flush();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gatheredAndCorkedMessagesAllocateLessThanAByte(boolean corked) throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        try (RecyclingBuffers mode = new RecyclingBuffers();
                Shards shards = Shards.start(options)) {
            InetSocketAddress address = startServer(shards);
            Connection client =
                    shards.submitTo(0, () -> Network.connect(address, ConnectOptions.defaults()));
            Parts parts = new Parts(client.output());
            double bytesMax = 1 + (corked ? 0 : Parts.COUNT * bytesPerPart());
            double bytesPerMessage = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS_MAX && bytesPerMessage >= bytesMax; round++) {
                long before = allocated(shards);
                shards.submitTo(0, () -> exchange(client, parts, corked));
                bytesPerMessage = (allocated(shards) - before) / (double) MESSAGES;
            }
            assertThat(bytesPerMessage).isLessThan(bytesMax);
            assertThat(mode).isNotNull();
        }
    }

    private static int exchange(Connection client, Parts parts, boolean corked) throws IOException {
        int heard = 0;
        for (int i = 0; i < MESSAGES; i++) {
            int length = parts.write(corked);
            try (Buffer answer = client.input().readExactly(length)) {
                heard += answer.length();
            }
            Fiber.yieldIfNeeded();
        }
        return heard;
    }

    private static InetSocketAddress startServer(Shards shards) throws Exception {
        Listener listener =
                shards.submitTo(
                        0,
                        () ->
                                Network.listen(
                                        new InetSocketAddress("127.0.0.1", 0),
                                        ListenOptions.defaults()));
        shards.spawn(
                0,
                "echo",
                () -> {
                    echo(listener.accept().connection());
                    return null;
                });
        return listener.localAddress();
    }

    private static void echo(Connection connection) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            in.timeout(Duration.ofMinutes(1)); // a deadline that is armed for every wait
            for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
                out.write(buffer);
                out.flush();
            }
        }
    }

    private static int exchange(Connection client, byte[] message) throws IOException {
        client.input().deadline(Deadline.after(Duration.ofMinutes(1)));
        for (int i = 0; i < MESSAGES; i++) {
            client.output().write(message);
            client.output().flush();
            try (Buffer answer = client.input().readExactly(message.length)) {
                message[0] = answer.get(message.length - 1);
            }
            Fiber.yieldIfNeeded();
        }
        return message[0];
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
