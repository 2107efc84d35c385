package io.byssus.stack.tcp;

import static io.byssus.stack.tcp.GreedySender.MILLISECOND;
import static io.byssus.stack.tcp.GreedySender.SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 5681; what it shares with CUBIC is in LossBasedTest. */
class RenoTest {
    private final GreedySender flow = new GreedySender(new Reno(SEGMENT), 20 * MILLISECOND);

    @Test
    @Tag("MUST-19")
    void aLossHalvesTheWindow() {
        assertThat(flow.round().windowSegments()).isEqualTo(20);
        assertThat(flow.loss().windowSegments()).isEqualTo(10);
    }

    @Test
    @Tag("MUST-19")
    void congestionAvoidanceAddsASegmentInARoundTrip() {
        flow.round().loss();
        for (int segments = 10; segments < 200; segments++) {
            assertThat(flow.windowSegments()).isEqualTo(segments);
            flow.round();
        }
    }

    @Test
    void splitAcknowledgmentsGrowItNoFaster() {
        // RFC 3465, 2.1
        flow.round().loss();
        for (int i = 0; i < 9999; i++) {
            flow.acknowledge(1, 10_000);
        }
        assertThat(flow.windowSegments()).isEqualTo(10);
        flow.acknowledge(1, 10_000);
        assertThat(flow.windowSegments()).isEqualTo(11);
    }

    @Test
    void oneAcknowledgmentAddsOneSegmentAtMost() {
        flow.round().loss();
        flow.acknowledge(1_000_000, 10_000);
        assertThat(flow.windowSegments()).isEqualTo(11);
    }

    @Test
    @Tag("MUST-19")
    void aTimeoutHalvesTheThreshold() {
        flow.round().timeout();
        assertThat(flow.controller.slowStartThreshold()).isEqualTo(10 * SEGMENT);
    }
}
