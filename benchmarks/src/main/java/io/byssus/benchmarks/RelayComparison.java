package io.byssus.benchmarks;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * CPU time of a relay's shard per MiB: {@code transferTo}, which lets the kernel move what is much,
 * beside a loop that reads and writes, in turns. Source and sink are threads with sockets of the
 * JDK's, so the shard's carrier does nothing else.
 */
public final class RelayComparison {
    private static final String USAGE =
            """
            usage: ./byssus bench relay [options]
              --mib N      MiB per round and way, default 512
              --size B     bytes of each write of the source, default 131072
              --rounds N   default 11, after two that do not count
            """;
    private static final int WARMUP_ROUNDS = 2;
    private static final int SINK_BYTES = 1 << 18;
    private static final double NANOS_PER_MICRO = 1000;
    private static final double MIB = 1 << 20;

    /** How bytes go from one connection to the other. */
    private interface Way {
        void relay(Connection from, Connection to) throws IOException;
    }

    private final Shards shards;
    private final ServerSocket sinks;
    private final long bytes;
    private final int size;

    private RelayComparison(Shards shards, ServerSocket sinks, Arguments given) {
        this.shards = shards;
        this.sinks = sinks;
        this.bytes = (long) given.number("mib", 512) << 20;
        this.size = given.number("size", 131_072);
    }

    public static void main(String[] arguments) throws InterruptedException {
        Arguments given =
                Arguments.parse(arguments, USAGE, List.of("mib", "size", "rounds"), List.of());
        InetAddress host = InetAddress.getLoopbackAddress();
        try (ServerSocket sinks = new ServerSocket(0, 1, host);
                Shards shards = Shards.start(new RuntimeOptions().smp(1))) {
            new RelayComparison(shards, sinks, given).compare(given.number("rounds", 11));
        } catch (IOException failure) {
            System.err.println("relay: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void compare(int rounds) throws IOException, InterruptedException {
        double[] moved = new double[rounds];
        double[] copied = new double[rounds];
        for (int i = -WARMUP_ROUNDS; i < rounds; i++) {
            double one = microsPerMib((from, to) -> from.input().transferTo(to.output()));
            double other = microsPerMib(RelayComparison::copy);
            if (i >= 0) {
                moved[i] = one;
                copied[i] = other;
            }
        }
        double[] ratios = new double[rounds];
        Arrays.setAll(ratios, i -> moved[i] / copied[i]);
        System.out.println("| bytes per write | transferTo µs/MiB | read, write µs/MiB | ratio |");
        System.out.println("| --: | --: | --: | --: |");
        System.out.printf(
                "| %d | %.0f | %.0f | %.2f |%n",
                size, median(moved), median(copied), median(ratios));
    }

    private static void copy(Connection from, Connection to) throws IOException {
        for (Buffer some = from.input().read(); !some.isEmpty(); some = from.input().read()) {
            to.output().write(some);
            to.output().flush();
        }
    }

    private double microsPerMib(Way way) throws IOException, InterruptedException {
        InetSocketAddress address = shards.submitTo(0, () -> serveOne(way));
        try (Socket source = new Socket()) {
            source.setTcpNoDelay(true);
            source.connect(address);
            try (Socket sink = sinks.accept()) {
                Thread reading = Thread.ofPlatform().start(() -> readAll(sink));
                long before = carrierNanos();
                byte[] block = new byte[size];
                OutputStream out = source.getOutputStream();
                for (long written = 0; written < bytes; written += size) {
                    out.write(block);
                }
                source.shutdownOutput();
                reading.join();
                return (carrierNanos() - before) / NANOS_PER_MICRO / (bytes / MIB);
            }
        }
    }

    /** Relays the next connection to the sinks. */
    private InetSocketAddress serveOne(Way way) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Listener listener = Network.listen(anyPort, ListenOptions.defaults());
        InetSocketAddress sink =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), sinks.getLocalPort());
        Fiber.start(
                "relay",
                () -> {
                    try (listener;
                            Connection from = listener.accept().connection();
                            Connection to = Network.connect(sink, ConnectOptions.defaults())) {
                        way.relay(from, to);
                    }
                });
        return listener.localAddress();
    }

    private static void readAll(Socket sink) {
        byte[] block = new byte[SINK_BYTES];
        try (InputStream in = sink.getInputStream()) {
            while (in.read(block) > 0) {
                // dropped
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the shard's carrier has run, as the scheduler counts it. */
    private static long carrierNanos() throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith("byssus-shard")) {
                    String times = Files.readString(thread.resolve("schedstat"));
                    return Long.parseLong(times.split(" ")[0]);
                }
            }
        }
        throw new IOException("no thread is a carrier");
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
