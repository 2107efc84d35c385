package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 7661, its core. */
class ApplicationLimitTest {
    private static final int SEGMENT = 1000;
    private static final int WINDOW = 20_500;

    private final ApplicationLimit limit = new ApplicationLimit();

    private void ack(long now, int inFlight, boolean roundEnds) {
        limit.onAck(now, inFlight, WINDOW, SEGMENT, roundEnds);
    }

    @Test
    void aWindowIsUsedWhenNoOtherSegmentFits() {
        ack(0, 19_500, false);
        assertThat(limit.isUsed()).isFalse();
        ack(0, 19_501, false);
        assertThat(limit.isUsed()).isTrue();
    }

    @Test
    void itCountsAsUsedInThisRoundAndTheNext() {
        ack(0, 20_000, false);
        ack(0, 5000, false);
        assertThat(limit.isUsed()).isTrue();
        ack(0, 5000, true);
        assertThat(limit.isUsed()).isTrue();
        ack(0, 5000, true);
        assertThat(limit.isUsed()).isFalse();
    }

    @Test
    void moreThanHalfValidatesIt() {
        ack(0, 10_250, false);
        assertThat(limit.isHalfUsed(WINDOW)).isFalse();
        ack(0, 10_251, true);
        ack(0, 1000, true);
        assertThat(limit.isHalfUsed(WINDOW)).isTrue();
        ack(0, 1000, true);
        assertThat(limit.isHalfUsed(WINDOW)).isFalse();
    }

    @Test
    void fiveMinutesWithoutUseTakeHalf() {
        long limitNanos = ApplicationLimit.UNUSED_NANOS_MAX;
        ack(0, 20_000, true);
        ack(0, 1000, true);
        ack(7, 1000, true);
        ack(8, 1000, true);
        assertThat(limit.takesHalf(limitNanos)).isFalse();
        assertThat(limit.takesHalf(limitNanos + 1)).isTrue();
        assertThat(limit.takesHalf(limitNanos + 2)).isFalse();
        assertThat(limit.takesHalf(2 * limitNanos + 2)).isTrue();
    }

    @Test
    void timeMayBeNegative() {
        long now = Long.MAX_VALUE - 5;
        ack(now, 1000, true);
        assertThat(limit.takesHalf(now + 10)).isFalse();
        assertThat(limit.takesHalf(now + ApplicationLimit.UNUSED_NANOS_MAX + 1)).isTrue();
    }
}
