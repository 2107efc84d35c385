package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.CongestionController.Signal;
import io.byssus.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens in whatever order, the window stays one. */
class CongestionPropertiesTest {
    private static final long SEED = Seeds.next("CongestionPropertiesTest");
    private static final int RUNS = 200;
    private static final int STEPS = 2000;
    private static final int SEGMENT_MAX = 20_000;
    private static final int ACKNOWLEDGMENTS = 100_000;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private CongestionController controller;
    private int segment;
    private long now;
    private int sequence;

    /** Nothing is told of acknowledgments then. */
    private boolean recovering;

    @ParameterizedTest
    @EnumSource
    void theWindowSufficesForASegmentAndNeverExceedsAGibibyte(CongestionAlgorithm algorithm) {
        for (int run = 0; run < RUNS; run++) {
            segment = random.nextInt(1, SEGMENT_MAX);
            controller = algorithm.create(segment);
            now = random.nextLong();
            sequence = random.nextInt();
            recovering = false;
            for (int i = 0; i < STEPS; i++) {
                now += magnitude(60);
                step();
                assertThat(controller.window())
                        .isBetween(segment, CongestionController.WINDOW_BYTES_MAX);
                assertThat(controller.slowStartThreshold()).isGreaterThanOrEqualTo(2 * segment);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void allocatesNothing(CongestionAlgorithm algorithm) {
        GreedySender flow =
                new GreedySender(
                        algorithm.create(GreedySender.SEGMENT), 50 * GreedySender.MILLISECOND);
        busy(flow);
        long before = allocatedBytes();
        busy(flow);
        // Less than a byte for an acknowledgment: what the machine allocates once is no matter.
        assertThat(allocatedBytes() - before).isLessThan(ACKNOWLEDGMENTS);
    }

    private static void busy(GreedySender flow) {
        for (int i = 1; i <= ACKNOWLEDGMENTS; i++) {
            flow.advance(GreedySender.MILLISECOND / 10);
            flow.acknowledge(GreedySender.SEGMENT, flow.window());
            if (i % 1000 == 0) {
                flow.loss();
            }
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private void step() {
        int before = controller.window();
        switch (random.nextInt(60)) {
            case 0 -> {
                controller.onCongestion(now, signal(), flight());
                recovering = true;
                assertThat(controller.window()).isLessThanOrEqualTo(Math.max(before, 2 * segment));
            }
            case 1 -> recover();
            case 2 -> {
                controller.onTimeout(now, flight());
                recovering = false;
                assertThat(controller.window()).isEqualTo(segment);
            }
            case 3 -> {
                controller.undo(now);
                recovering = false;
            }
            case 4 -> {
                controller.onIdle(now, magnitude(40), magnitude(35));
                assertThat(controller.window()).isLessThanOrEqualTo(before);
            }
            case 5 -> {
                segment = random.nextInt(1, SEGMENT_MAX);
                controller.segmentSize(segment);
            }
            default -> {
                if (!recovering) {
                    acknowledge(before);
                } else if (random.nextInt(4) == 0) {
                    recover();
                }
            }
        }
    }

    private void recover() {
        controller.onRecovered(now);
        recovering = false;
    }

    private void acknowledge(int before) {
        int flight = flight();
        int bytes = (int) magnitude(31);
        sequence += bytes;
        controller.onAck(now, bytes, magnitude(40), flight, sequence, sequence + flight);
        // Nothing grows faster than slow start with L = 8, or by half, or by a segment.
        long growth = Math.max(8L * segment, before / 2) + 2;
        assertThat((long) controller.window()).isLessThanOrEqualTo(before + growth);
    }

    private Signal signal() {
        return random.nextBoolean() ? Signal.LOSS : Signal.ECN;
    }

    private int flight() {
        return random.nextInt(4) > 0 ? controller.window() : (int) magnitude(31);
    }

    /** A number of at most so many bits, of any order of magnitude. */
    private long magnitude(int bits) {
        return random.nextLong() & Long.MAX_VALUE >>> (63 - random.nextInt(bits + 1));
    }
}
