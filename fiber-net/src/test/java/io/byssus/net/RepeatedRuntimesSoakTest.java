package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import io.byssus.testing.OpenDescriptors;
import io.byssus.testing.SoakLength;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runtimes with connections come and go in one JVM, and leave nothing in it. */
@Tag("soak")
class RepeatedRuntimesSoakTest {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(StackUnderTest.LOOPBACK, 0);
    private static final int RUNTIMES = 200;
    private static final int CONNECTIONS = 16;

    @Test
    @Timeout(600)
    void nothingIsLeftOfRuntimesWithConnections() throws Exception {
        useRuntime(); // classes, helper threads and their descriptors
        Set<Thread> threads = ourThreads();
        long descriptors = OpenDescriptors.count();
        List<WeakReference<Shards>> stopped = new ArrayList<>();

        for (int i = 0; i < SoakLength.count(RUNTIMES); i++) {
            stopped.add(useRuntime());
        }

        Eventually.until("the threads have ended", () -> threads.containsAll(ourThreads()));
        assertThat(OpenDescriptors.count()).isEqualTo(descriptors);
        Eventually.until(
                "the stopped runtimes are garbage",
                () -> {
                    System.gc();
                    return stopped.stream().allMatch(runtime -> runtime.refersTo(null));
                });
    }

    /** Starts one, talks over some connections, and stops it while others are open. */
    private static WeakReference<Shards> useRuntime() throws Exception {
        Shards shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .shutdownGrace(Duration.ZERO));
        shards.onEach(() -> {
            Listener listener = Network.listen(LOOPBACK, ListenOptions.defaults());
            Fiber.start("accepting", () -> serve(listener));
            InetSocketAddress address = listener.localAddress();
            for (int i = 0; i < CONNECTIONS; i++) {
                Connection connection = Network.connect(address, ConnectOptions.defaults());
                Talk.say(connection, "hello");
                Talk.assertHears(connection, "hello");
                switch (i % 3) {
                    case 0 -> connection.close();
                    case 1 -> connection.reset();
                    default -> Fiber.start("waiting", () -> waitForEver(connection));
                }
            }
            int other = 1 - Shard.current().id();
            assertThat(shards.<Integer, Exception>submitTo(other, () -> Shard.current().id()))
                    .isEqualTo(other);
        });
        assertThat(shards.stop()).isTrue();
        return new WeakReference<>(shards);
    }

    private static void waitForEver(Connection connection) throws IOException {
        try (connection) {
            connection.input().read().close();
        }
    }

    private static void serve(Listener listener) throws IOException {
        try (listener) {
            while (true) {
                Connection connection = listener.accept().connection();
                Fiber.start("echo", () -> echo(connection));
            }
        }
    }

    private static void echo(Connection connection) throws IOException {
        try (connection) {
            ConnectionInput input = connection.input();
            for (Buffer bytes = input.read(); !bytes.isEmpty(); bytes = input.read()) {
                connection.output().write(bytes);
                connection.output().flush();
            }
        }
    }

    private static Set<Thread> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("byssus-"))
                .collect(Collectors.toSet());
    }
}
