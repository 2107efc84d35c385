package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** RFC 9937, section 6. */
class ProportionalRateReductionTest {
    private static final long SEED = Seeds.next("ProportionalRateReductionTest");
    private static final int SEGMENT = 1000;

    private final ProportionalRateReduction reduction = new ProportionalRateReduction();

    /** Sends whole segments as long as it may; what is in flight then. */
    private int sendAll(int inFlight) {
        int flight = inFlight;
        while (reduction.allowance() >= SEGMENT) {
            reduction.onSent(SEGMENT);
            flight += SEGMENT;
        }
        return flight;
    }

    @Test
    void sendsHalfOfWhatIsDeliveredWhenTheThresholdIsHalf() {
        reduction.begin(20_000, 10_000, SEGMENT);
        int inFlight = 19_000; // of twenty segments the first is lost
        int sent = 0;
        for (int i = 0; i < 18; i++) {
            inFlight -= SEGMENT;
            reduction.onAck(SEGMENT, inFlight, false);
            int flight = sendAll(inFlight);
            sent += flight - inFlight;
            inFlight = flight;
            assertThat(sent).isBetween(i / 2 * SEGMENT, (i / 2 + 1) * SEGMENT);
        }
        assertThat(sent).isEqualTo(9 * SEGMENT);
        assertThat(inFlight).isEqualTo(10_000);
    }

    @Test
    void sendsSevenOfTenWhenTheThresholdIsSevenTenths() {
        reduction.begin(100_000, 70_000, SEGMENT);
        int inFlight = 99_000;
        for (int i = 0; i < 50; i++) {
            inFlight = sendAll(afterDelivery(inFlight, false));
        }
        // 99 less 50 delivered and 35 sent
        assertThat(inFlight).isEqualTo(84_000);
    }

    private int afterDelivery(int inFlight, boolean isSafe) {
        int left = inFlight - SEGMENT;
        reduction.onAck(SEGMENT, left, isSafe);
        return left;
    }

    @Test
    void isRoundedUp() {
        reduction.begin(30_000, 10_000, SEGMENT);
        reduction.onSent(SEGMENT);
        assertThat(reduction.onAck(3100, 29_000, false)).isEqualTo(34);
    }

    @Test
    void belowTheThresholdItReplacesWhatIsDelivered() {
        // PRR-CRB, after heavy losses
        reduction.begin(20_000, 10_000, SEGMENT);
        assertThat(reduction.onAck(SEGMENT, 4000, false)).isEqualTo(1000);
        reduction.onSent(1000);
        assertThat(reduction.onAck(2 * SEGMENT, 3000, false)).isEqualTo(2000);
    }

    @Test
    void aSafeAcknowledgmentIsWorthASegmentMore() {
        // PRR-SSRB
        reduction.begin(20_000, 10_000, SEGMENT);
        assertThat(reduction.onAck(SEGMENT, 4000, true)).isEqualTo(2000);
        reduction.onSent(2000);
        assertThat(reduction.onAck(SEGMENT, 5000, true)).isEqualTo(2000);
    }

    @Test
    void neverExceedsTheThresholdFromBelow() {
        reduction.begin(20_000, 10_000, SEGMENT);
        reduction.onSent(1000);
        assertThat(reduction.onAck(5000, 9500, true)).isEqualTo(500);
        reduction.onSent(500);
        assertThat(reduction.onAck(5000, 10_000, true)).isZero();
    }

    @Test
    void whatWasNotSentMayBeSentLater() {
        reduction.begin(20_000, 10_000, SEGMENT);
        reduction.onAck(2000, 5000, false);
        assertThat(reduction.onAck(1000, 4000, false)).isEqualTo(3000);
    }

    @Test
    void theFirstRetransmissionWaitsForNothing() {
        reduction.begin(20_000, 10_000, SEGMENT);
        assertThat(reduction.allowance()).isEqualTo(SEGMENT);
        assertThat(reduction.onAck(1, 15_000, false)).isEqualTo(SEGMENT);
        assertThat(reduction.onAck(1, 10_000, false)).isEqualTo(SEGMENT);
        reduction.onSent(SEGMENT);
        assertThat(reduction.onAck(1, 10_000, false)).isZero();
    }

    @Test
    void anAcknowledgmentThatDeliversNothingChangesNothing() {
        reduction.begin(20_000, 10_000, SEGMENT);
        reduction.onAck(4000, 15_000, false);
        assertThat(reduction.onAck(0, 15_000, true)).isEqualTo(2000);
    }

    @Test
    void aRecoveryBeginsAnew() {
        reduction.begin(20_000, 10_000, SEGMENT);
        reduction.onAck(10_000, 10_000, true);
        reduction.onSent(8000);
        reduction.begin(10_000, 5000, SEGMENT);
        assertThat(reduction.onAck(2000, 7000, false)).isEqualTo(1000);
    }

    @Test
    void largeWindowsDoNotOverflow() {
        int gibibyte = CongestionController.WINDOW_BYTES_MAX;
        reduction.begin(gibibyte, gibibyte / 10 * 7, SEGMENT);
        assertThat(reduction.onAck(gibibyte, gibibyte - 1, false)).isEqualTo(gibibyte / 10 * 7);
    }

    /**
     * A recovery in segments: some of the flight is lost, also later; acknowledgments are random.
     */
    @Test
    void endsAtTheThresholdAndNeverSendsMoreThanPermitted() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int run = 0; run < 2000; run++) {
            int segments = random.nextInt(8, 500);
            int threshold = Math.max(2, segments * random.nextInt(3, 8) / 10) * SEGMENT;
            int lost = random.nextInt(1, segments / 4);
            recovery(random, segments, lost, threshold);
        }
    }

    private void recovery(SplittableRandom random, int segments, int lost, int threshold) {
        reduction.begin(segments * SEGMENT, threshold, SEGMENT);
        int inFlight = (segments - lost) * SEGMENT;
        long delivered = 0;
        long sent = 0;
        int safe = 0;
        // What was in flight is delivered, and as much again of what is sent meanwhile.
        while (delivered < 3L * segments * SEGMENT && inFlight > 0) {
            int bytes = Math.min(random.nextInt(1, 4) * SEGMENT, inFlight);
            boolean isSafe = random.nextInt(3) == 0;
            safe += isSafe ? 1 : 0;
            delivered += bytes;
            inFlight -= bytes;
            int allowance = reduction.onAck(bytes, inFlight, isSafe);
            assertThat(allowance).isNotNegative();
            if (inFlight <= threshold && sent > 0) {
                assertThat(inFlight + allowance).isLessThanOrEqualTo(threshold);
            }
            int flight = sendAll(inFlight);
            sent += flight - inFlight;
            inFlight = flight;
            // The conservative bound, the segment for each safe acknowledgment, and the first.
            assertThat(sent).isLessThanOrEqualTo(delivered + (safe + 1L) * SEGMENT);
        }
        assertThat(inFlight).isBetween(threshold - SEGMENT, threshold);
    }
}
