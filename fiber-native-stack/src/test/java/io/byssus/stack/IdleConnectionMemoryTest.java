package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection costs that is established and idle: both ends of it are on this heap. */
class IdleConnectionMemoryTest {
    private static final int LIMIT_BYTES = 2 << 10;
    private static final int FEW = 5_000;

    private static final int MANY = 100_000;

    /** An address has some 28,000 ports of its own for each of the peer's. */
    private static final int PER_PORT = 10_000;

    private static final int EXCHANGED_BYTES = 20_000;
    private static final Duration IDLE = Duration.ofMinutes(3);

    @Test
    void anIdleConnectionIsSmall() throws Exception {
        check(FEW, 0);
    }

    @Test
    void oneThatHasExchangedSomethingIsSmallToo() throws Exception {
        check(FEW, EXCHANGED_BYTES);
    }

    @Test
    @Tag("soak")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aHundredThousandIdleConnectionsAreSmall() throws Exception {
        check(MANY / 2, 0); // each has two ends here
    }

    private static void check(int count, int exchanged) throws Exception {
        SimulatedNetwork network = new SimulatedNetwork(SimulatedNetwork.Setup.of(1, Faults.NONE));
        network.withoutHash();
        List<TcpConnection> ends = new ArrayList<>(2 * count);
        for (int port = 1; port <= (count - 1) / PER_PORT + 1; port++) {
            network.listen(port, count, TcpSettings.DEFAULTS, ends::add);
        }
        long before = used();
        for (int i = 0; i < count; i++) {
            ends.add(network.connect(i / PER_PORT + 1, TcpSettings.DEFAULTS, events -> {}));
            if (i % 500 == 499) {
                network.run(Duration.ofMillis(1));
            }
        }
        network.run(IDLE);
        assertThat(ends).hasSize(2 * count);
        for (int i = 0; exchanged > 0 && i < ends.size(); i++) {
            ends.get(i).send(network.pool().allocate(exchanged));
            if (i % 100 == 99) {
                network.run(Duration.ofMillis(100));
                ends.forEach(IdleConnectionMemoryTest::drain);
            }
        }
        network.run(IDLE);
        ends.forEach(IdleConnectionMemoryTest::drain);
        long each = (used() - before) / ends.size();
        System.out.println("IdleConnectionMemoryTest: " + each + " bytes per idle connection");
        assertThat(each).isLessThan(LIMIT_BYTES);
        assertThat(network.pool().liveBlocks()).isZero();
        assertThat(network.left().tcp().connections()).hasSize(count);
        network.close();
    }

    private static void drain(TcpConnection connection) {
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            text.close();
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
