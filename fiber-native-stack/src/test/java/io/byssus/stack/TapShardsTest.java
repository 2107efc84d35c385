package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.Connection;
import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.NetworkNamespace;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two shards share a TAP interface with a queue for each; the kernel's own TCP talks to them. Each
 * answer says which shard has given it.
 */
@Tag("tun")
@Timeout(120)
class TapShardsTest {
    private static final int SHARDS = 2;
    private static final int PORT = 7;
    private static final String KERNEL = "10.98.0.1";
    private static final String NATIVE = "10.98.0.2";
    private static final String DEVICE = "byssh0";
    private static final int LIMIT_MILLIS = 20_000;
    private static final int CONNECTIONS = 200;
    private static final int MESSAGES = 20;

    private static final int TRIALS = 5;
    private static final int QUIET_CONNECTIONS = 8;
    private static final Duration STALL = Duration.ofSeconds(1);

    /** "p99 rises by 20 % at most" (issue 3), and what a scheduler may do to a machine at work. */
    private static final double RISE_MAX = 1.2;

    private static final long SLACK_NANOS = Duration.ofMillis(5).toNanos();

    private NetworkNamespace namespace;
    private Shards shards;

    @BeforeEach
    void start() throws Exception {
        namespace = NetworkNamespace.create();
        namespace.must("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap", "multi_queue");
        namespace.must("ip", "addr", "add", KERNEL + "/24", "dev", DEVICE);
        namespace.must("ip", "link", "set", "dev", DEVICE, "up");
        RuntimeOptions options =
                new RuntimeOptions().networkStack("native").smp(SHARDS).overprovisioned(true);
        options.device().device("tap:" + DEVICE).hostIpv4Address(NATIVE);
        shards = namespace.run(() -> Shards.start(options));
    }

    @AfterEach
    void stop() {
        if (shards != null) {
            shards.close();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    /** Each shard answers every byte with its number. */
    private void serve(Distribution distribution) throws Exception {
        CountDownLatch listening = new CountDownLatch(SHARDS);
        for (int id = 0; id < SHARDS; id++) {
            CompletableFuture<Void> ignored =
                    shards.spawn(
                            id,
                            "server",
                            () -> {
                                serveHere(distribution, listening);
                                return null;
                            });
            assert ignored != null;
        }
        listening.await();
    }

    private static void serveHere(Distribution distribution, CountDownLatch listening)
            throws Exception {
        ListenOptions options = ListenOptions.defaults().withDistribution(distribution);
        try (Listener listener = Network.listen(new InetSocketAddress("0.0.0.0", PORT), options)) {
            listening.countDown();
            while (true) {
                Connection connection = listener.accept().connection();
                Fiber.start("answer", () -> answer(connection));
            }
        }
    }

    private static void answer(Connection connection) throws IOException {
        try (connection) {
            byte[] own = {(byte) Shard.current().id()};
            while (true) {
                try (Buffer text = connection.input().read()) {
                    if (text.isEmpty()) {
                        return;
                    }
                    for (int i = 0; i < text.length(); i++) {
                        connection.output().write(own);
                    }
                }
                connection.output().flush();
            }
        }
    }

    private Socket connect() throws Exception {
        return namespace.run(() -> {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(NATIVE, PORT), LIMIT_MILLIS);
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.setTcpNoDelay(true);
            return socket;
        });
    }

    /** The shard that answers. */
    private static int ask(Socket socket) throws IOException {
        socket.getOutputStream().write(1);
        return socket.getInputStream().read();
    }

    private String report(int shard) throws Exception {
        return shards.submitTo(shard, Network::report);
    }

    private static long count(String report, String name) {
        Matcher matcher = Pattern.compile("\\b" + name + "[ =]+(\\d+)").matcher(report);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private void assertBothQueuesCarry(Distribution distribution) throws Exception {
        serve(distribution);
        List<Socket> sockets = new ArrayList<>();
        int[] ofShard = new int[SHARDS];
        for (int i = 0; i < CONNECTIONS; i++) {
            sockets.add(connect());
        }
        int[] shardOf = new int[CONNECTIONS];
        Arrays.fill(shardOf, -1);
        for (int message = 0; message < MESSAGES; message++) {
            for (int i = 0; i < CONNECTIONS; i++) {
                int shard = ask(sockets.get(i));
                assertThat(shardOf[i] < 0 || shardOf[i] == shard).as("stays").isTrue();
                shardOf[i] = shard;
            }
        }
        for (int shard : shardOf) {
            ofShard[shard]++;
        }
        long forwarded = 0;
        long taken = 0;
        for (int id = 0; id < SHARDS; id++) {
            String report = report(id);
            long received = count(report, "framesReceived");
            long sent = count(report, "framesSent");
            forwarded += count(report, "ByssusForwarded");
            taken += count(report, "ByssusForwardTaken");
            System.out.printf(
                    "%s: shard %d has %d connections, its queue: %d frames received, %d sent;"
                            + " %d forwarded, %d taken%n",
                    distribution,
                    id,
                    ofShard[id],
                    received,
                    sent,
                    count(report, "ByssusForwarded"),
                    count(report, "ByssusForwardTaken"));
            assertThat(ofShard[id]).isGreaterThan(CONNECTIONS / SHARDS / 3);
            assertThat(received).isGreaterThan((long) ofShard[id] * MESSAGES / 2);
            assertThat(sent).isGreaterThan((long) ofShard[id] * MESSAGES / 2);
            assertThat(count(report, "TcpInSegs")).isGreaterThan((long) ofShard[id] * MESSAGES);
            assertThat(count(report, "ByssusForwardDropped")).isZero();
        }
        // The kernel has not heard of a flow when its SYN comes: half of them arrive elsewhere.
        assertThat(forwarded).isGreaterThan(CONNECTIONS / 4);
        assertThat(taken).isEqualTo(forwarded);
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void bothQueuesCarryTrafficWhereTheHashDecides() throws Exception {
        assertBothQueuesCarry(Distribution.KERNEL);
    }

    @Test
    void bothQueuesCarryTrafficWhereAPolicyDecides() throws Exception {
        assertBothQueuesCarry(Distribution.LEAST_CONNECTIONS);
    }

    /** A connection of this shard. */
    private Socket connectTo(int shard) throws Exception {
        while (true) {
            Socket socket = connect();
            if (ask(socket) == shard) {
                return socket;
            }
            socket.close();
        }
    }

    @Test
    void aStalledShardsConnectionsSurviveAndTheOthersGoOn() throws Exception {
        serve(Distribution.KERNEL);
        List<Socket> stalled = new ArrayList<>();
        List<Socket> others = new ArrayList<>();
        for (int i = 0; i < QUIET_CONNECTIONS; i++) {
            stalled.add(connectTo(0));
            others.add(connectTo(1));
        }
        measure(others, STALL); // what runs for the first time is slow
        double[] rises = new double[TRIALS];
        long[] befores = new long[TRIALS];
        long[] durings = new long[TRIALS];
        for (int trial = 0; trial < TRIALS; trial++) {
            befores[trial] = measure(others, STALL);
            CountDownLatch asleep = new CountDownLatch(1);
            CompletableFuture<Void> stall =
                    shards.spawn(
                            0,
                            "staller",
                            () -> {
                                asleep.countDown();
                                holdCarrier(STALL);
                                return null;
                            });
            asleep.await();
            for (Socket socket : stalled) {
                socket.getOutputStream().write(1);
            }
            durings[trial] = measure(others, STALL.multipliedBy(9).dividedBy(10));
            assertThat(stall.isDone()).as("the measurement was within the stall").isFalse();
            stall.join();
            for (Socket socket : stalled) {
                assertThat(socket.getInputStream().read()).isZero();
                assertThat(ask(socket)).isZero();
            }
            rises[trial] = durings[trial] / (double) befores[trial];
            System.out.printf(
                    "p99 of the other shard: %d us before, %d us during the stall: %.2f%n",
                    befores[trial] / 1000, durings[trial] / 1000, rises[trial]);
        }
        Arrays.sort(rises);
        Arrays.sort(befores);
        Arrays.sort(durings);
        double median = rises[TRIALS / 2];
        System.out.printf("median of %d: %.2f%n", TRIALS, median);
        assertThat(median <= RISE_MAX || durings[TRIALS / 2] <= befores[TRIALS / 2] + SLACK_NANOS)
                .as("p99 before %s, during %s", befores[TRIALS / 2], durings[TRIALS / 2])
                .isTrue();
        for (Socket socket : stalled) {
            socket.close();
        }
        for (Socket socket : others) {
            socket.close();
        }
    }

    /** The p99 of an answer's time, for so long. */
    private static long measure(List<Socket> sockets, Duration time) throws IOException {
        List<Long> samples = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        int next = 0;
        long now = System.nanoTime();
        while (now < end) {
            assertThat(ask(sockets.get(next++ % sockets.size()))).isEqualTo(1);
            long after = System.nanoTime();
            samples.add(after - now);
            now = after;
        }
        samples.sort(null);
        return samples.get(samples.size() * 99 / 100);
    }

    /** A call of the system that blocks, as a fiber must not make one: its carrier sleeps. */
    @SuppressWarnings("restricted") // a call of the system
    private static void holdCarrier(Duration time) throws Exception {
        Linker linker = Linker.nativeLinker();
        MethodHandle usleep =
                linker.downcallHandle(
                        linker.defaultLookup().find("usleep").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int ignored = (int) usleep.invokeExact((int) (time.toNanos() / 1000));
            assert ignored <= 0;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
