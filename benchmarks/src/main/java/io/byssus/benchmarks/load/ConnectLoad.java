package io.byssus.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Opens connections to the {@code hello} example, reads its line and the end, closes, and again, on
 * some threads at once; prints one {@link ResultLine}. The server closes first, so that it is the
 * one that keeps what TIME-WAIT needs.
 */
public final class ConnectLoad {
    private static final int LINE_BYTES_MAX = 256;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final LoadOptions options;
    private final LongAdder done = new LongAdder();
    private final AtomicReference<IOException> failure = new AtomicReference<>();

    /** Ends the measurement early. */
    private final CountDownLatch failed = new CountDownLatch(1);

    private volatile boolean ending;

    private ConnectLoad(LoadOptions options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws InterruptedException {
        ConnectLoad load = new ConnectLoad(LoadOptions.parse(arguments, "", List.of()));
        load.run();
        IOException failure = load.failure.get();
        if (failure != null) {
            System.err.println("load: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void run() throws InterruptedException {
        Thread[] threads = new Thread[options.connections()];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(this::connectAgainAndAgain);
        }
        failed.await(options.warmupSeconds(), TimeUnit.SECONDS);
        long busy = -BusyTime.nanos();
        long server = -serverNanos();
        long connections = -done.sum();
        long start = System.nanoTime();
        failed.await(options.seconds(), TimeUnit.SECONDS);
        double nanos = System.nanoTime() - start;
        connections += done.sum();
        server += serverNanos();
        busy += BusyTime.nanos();
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
        Map<String, Double> figures = new TreeMap<>();
        figures.put("connections_per_second", connections / nanos * NANOS_PER_SECOND);
        figures.put("busy_micros", busy / NANOS_PER_MICRO / connections);
        figures.put("server_micros", server / NANOS_PER_MICRO / connections);
        System.out.println(ResultLine.format(figures));
    }

    private long serverNanos() {
        return options.serverPid() == 0 ? 0 : ProcessUsage.cpuNanos(options.serverPid());
    }

    private void connectAgainAndAgain() {
        ByteBuffer line = ByteBuffer.allocateDirect(LINE_BYTES_MAX);
        while (!ending && failure.get() == null) {
            try (SocketChannel channel = SocketChannel.open(options.socketAddress())) {
                line.clear();
                while (line.hasRemaining() && channel.read(line) >= 0) {
                    // To the end.
                }
                if (line.position() == 0) {
                    throw new IOException("a connection was closed without a line");
                }
                done.increment();
            } catch (IOException e) {
                failure.compareAndSet(null, e);
                failed.countDown();
            }
        }
    }
}
