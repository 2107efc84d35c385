package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two whole hosts make no object per segment once they are warm. */
class SegmentAllocationTest {
    private static final int ROUNDS_MAX = 20;
    private static final int SEGMENTS = 50_000;
    private static final int WRITE_BYTES = 16 << 10;
    private static final int SMALL_BYTES = 64;
    private static final long STEP_NANOS = 10_000;

    private final SimulatedNetwork network =
            new SimulatedNetwork(SimulatedNetwork.Setup.of(1, Faults.NONE));
    private TcpConnection near;
    private TcpConnection far;
    private long now;

    @BeforeEach
    void connect() {
        network.withoutHash();
        network.listen(1, TcpSettings.DEFAULTS, connection -> far = connection);
        near = network.connect(TcpSettings.DEFAULTS, events -> {});
        assertThat(network.runUntil(() -> far != null, Duration.ofSeconds(1))).isTrue();
        now = network.now();
    }

    @AfterEach
    void close() throws IOException {
        drain(near);
        drain(far);
        network.close();
        assertThat(network.pool().liveBlocks()).isZero();
    }

    @Test
    void bulkTransferAllocatesNothingPerSegment() {
        assertThat(bytesPerSegment(WRITE_BYTES, Integer.MAX_VALUE)).isLessThan(1);
    }

    @Test
    void smallRequestsAndAnswersAllocateNothingPerSegment() {
        assertThat(bytesPerSegment(SMALL_BYTES, 1)).isLessThan(1);
    }

    /** Of the best round: the compiler allocates too. */
    private double bytesPerSegment(int writeBytes, int writesPerTurn) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && best >= 1; round++) {
            long allocatedBefore = allocated();
            long before = segments();
            while (segments() - before < SEGMENTS) {
                turn(writeBytes, writesPerTurn);
            }
            double each = (allocated() - allocatedBefore) / (double) (segments() - before);
            best = Math.min(best, each);
        }
        return best;
    }

    private void turn(int writeBytes, int writesPerTurn) {
        now += STEP_NANOS;
        write(near, writeBytes, writesPerTurn);
        if (writesPerTurn == 1) {
            write(far, writeBytes, writesPerTurn);
        }
        network.left().turn(now);
        network.right().turn(now);
        drain(near);
        drain(far);
    }

    private void write(TcpConnection connection, int bytes, int writesMax) {
        for (int i = 0; i < writesMax && connection.sendSpace() > 0; i++) {
            connection.send(network.pool().allocate(bytes));
        }
    }

    private static void drain(TcpConnection connection) {
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            text.close();
        }
    }

    private long segments() {
        return network.left().tcp().counters().outSegments
                + network.right().tcp().counters().outSegments;
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
