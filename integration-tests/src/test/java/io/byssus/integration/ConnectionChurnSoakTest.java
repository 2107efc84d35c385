package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import io.byssus.testing.OpenDescriptors;
import io.byssus.testing.SoakLength;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** As many short connections as a small server sees in a day: a server must not grow with them. */
@Tag("soak")
class ConnectionChurnSoakTest {
    /** As many as it takes to touch every page of the first heap; fewer would measure that. */
    private static final int WARM_UP = 200_000;

    private static final int CONNECTIONS = 400_000;
    private static final int CLIENTS = 4;

    /** One in so many connections is reset instead of closed. */
    private static final int RESET_EVERY = 10;

    /** What a warm server may still grow by: compiled code, mostly. */
    private static final long GROWTH_MAX = 8L << 20;

    private static final Pattern GENERATION = Pattern.compile("total (\\d+)K, used (\\d+)K");

    @Test
    @Timeout(900)
    void echoDoesNotGrowWithItsConnections() throws Exception {
        try (RunningExample echo = RunningExample.start(Buffers.RECYCLING, "echo");
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            churn(echo, clients, SoakLength.count(WARM_UP));
            long before = heldBytes(echo.child());
            long descriptors = awaitDescriptors(echo, Long.MAX_VALUE);

            churn(echo, clients, SoakLength.count(CONNECTIONS));

            long growth = heldBytes(echo.child()) - before;
            System.out.printf(
                    "echo held %d KiB after the warm-up and grew by %d KiB; %d descriptors%n",
                    before >> 10, growth >> 10, descriptors);
            assertThat(awaitDescriptors(echo, descriptors)).isLessThanOrEqualTo(descriptors);
            assertThat(growth).isLessThan(GROWTH_MAX);
            echo.stopCleanly();
        }
    }

    /**
     * Resident memory without the garbage in the heap: short-lived fibers reach the old generation,
     * and the JVM lets that grow up to its limit before it looks what is left in it.
     */
    private static long heldBytes(Child server) {
        jcmd(server, "GC.run");
        long heldBytes = server.residentBytes();
        Matcher generation = GENERATION.matcher(jcmd(server, "GC.heap_info"));
        int generations = 0;
        for (; generation.find(); generations++) {
            long total = Long.parseLong(generation.group(1));
            long used = Long.parseLong(generation.group(2));
            heldBytes -= (total - used) << 10;
        }
        assertThat(generations).as("generations of the serial collector").isEqualTo(2);
        return heldBytes;
    }

    private static String jcmd(Child server, String command) {
        String tool = Child.JAVA.resolveSibling("jcmd").toString();
        Child.Ended ended = Child.run("", tool, Long.toString(server.pid()), command);
        assertThat(ended.status()).as("%s", ended).isZero();
        return ended.out();
    }

    private static void churn(RunningExample echo, ExecutorService clients, int connections)
            throws Exception {
        List<Callable<Void>> bodies = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            bodies.add(() -> {
                for (int n = 0; n < connections / CLIENTS; n++) {
                    talk(echo, n);
                }
                return null;
            });
        }
        for (Future<Void> ended : clients.invokeAll(bodies)) {
            ended.get();
        }
    }

    private static void talk(RunningExample echo, int number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).putInt(0, number);
        try (SocketChannel channel = echo.open()) {
            channel.write(bytes);
            bytes.clear();
            while (bytes.hasRemaining()) {
                assertThat(channel.read(bytes)).isPositive();
            }
            assertThat(bytes.getInt(0)).isEqualTo(number);
            if (number % RESET_EVERY == 0) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    /** The server closes its side in its own time: until it has {@code most}, or the same twice. */
    private static long awaitDescriptors(RunningExample echo, long most) {
        long before = Long.MAX_VALUE;
        long now = OpenDescriptors.count(echo.child().pid());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while ((now > most || now < before) && System.nanoTime() < end) {
            before = now;
            assertThat(echo.endsWithin(Duration.ofMillis(100))).isFalse();
            now = OpenDescriptors.count(echo.child().pid());
        }
        return now;
    }
}
