package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The steady state makes no garbage: what this thread allocates is counted by the JVM. */
class LossRecoveryAllocationTest {
    private static final int SEGMENT = 1000;
    private static final int FLIGHT = 64;
    private static final int WARM_UP = 2000;
    private static final int ROUNDS = 2000;
    private static final long ROUND_TRIP_NANOS = 10_000_000;

    private final RecordingCongestion congestion = new RecordingCongestion();
    private final LossRecovery recovery =
            new LossRecovery(congestion, new RoundTripEstimator(), new PlainRateReduction());
    private final Acknowledgment ack = new Acknowledgment();
    private long now = 1_000_000_000L;

    @Test
    void flightsWithALossEachAllocateNothing() {
        recovery.start(now, 0, SEGMENT, true, true);
        for (int i = 0; i < WARM_UP; i++) {
            flight();
        }
        congestion.forget();
        long before = allocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            flight();
        }
        // The stand-in for congestion control writes down what it hears: so much for its lists.
        assertThat(allocatedBytes() - before).isLessThan(100L * ROUNDS);
        assertThat(recovery.counters().recoveries).isEqualTo(WARM_UP + ROUNDS);
    }

    /** The second of the segments is lost, shown by SACK, sent again and acknowledged. */
    private void flight() {
        int start = recovery.next();
        recovery.onSent(now, start, start + FLIGHT * SEGMENT);
        now += ROUND_TRIP_NANOS;
        recovery.onAck(now, ack.begin(start, start + SEGMENT));
        for (int i = 3; i <= FLIGHT; i++) {
            ack.begin(recovery.una(), start + SEGMENT);
            recovery.onAck(now, ack.sack(start + 2 * SEGMENT, start + i * SEGMENT));
        }
        while (recovery.hasLost()) {
            recovery.onRetransmitted(now, recovery.lostStart(), recovery.lostEnd());
        }
        now += ROUND_TRIP_NANOS;
        recovery.onAck(now, ack.begin(recovery.una(), recovery.next()));
        assert recovery.isIdle();
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
