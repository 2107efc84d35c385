package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Acknowledgments by which a peer wants to break or to slow down the sender. */
class HostileAcknowledgmentTest {
    private static final int FLIGHT = 100_000;
    private static final int SEGMENT = 10;

    /** Four blocks, each a binary search; a few more. */
    private static final int LOOKS_PER_ACKNOWLEDGMENT = 4 * 18 + 30;

    private final SplittableRandom random =
            new SplittableRandom(Seeds.next("HostileAcknowledgmentTest"));

    private final RecordingCongestion congestion = new RecordingCongestion();
    private final RoundTripEstimator roundTrip = new RoundTripEstimator();
    private final LossRecovery recovery =
            new LossRecovery(congestion, roundTrip, new PlainRateReduction());
    private final Acknowledgment ack = new Acknowledgment();
    private long now = 1_000_000_000L;

    private void start(int initial, int segments) {
        recovery.start(now, initial, SEGMENT, true, true);
        recovery.onSent(now, initial, initial + segments * SEGMENT);
    }

    @Test
    void nothingThatABlockSaysBreaksIt() {
        for (int round = 0; round < 200; round++) {
            recovery.close();
            start(random.nextInt(), 1 + random.nextInt(300));
            for (int i = 0; i < 200; i++) {
                now += random.nextLong(20_000_000);
                recovery.onAck(now, randomAcknowledgment());
                check();
                sendSomething();
            }
        }
    }

    private Acknowledgment randomAcknowledgment() {
        ack.begin(recovery.una(), random.nextInt(3) == 0 ? near() : recovery.una());
        ack.carriesData = random.nextBoolean();
        ack.windowChanged = random.nextBoolean();
        ack.ecnEcho = random.nextInt(10) == 0;
        ack.sendableBytes = random.nextInt(100);
        for (int i = random.nextInt(6); i > 0; i--) {
            boolean anywhere = random.nextInt(10) == 0;
            ack.sack(anywhere ? random.nextInt() : near(), anywhere ? random.nextInt() : near());
        }
        return random.nextBoolean() ? ack : ack.timestamp(random.nextLong(2 * now));
    }

    /** Somewhere in what is in flight, or a little before or after it. */
    private int near() {
        int flight = recovery.next() - recovery.una();
        return recovery.una() - 50 + random.nextInt(flight + 100);
    }

    private void sendSomething() {
        while (recovery.deadline() <= now) {
            recovery.onDeadline(now);
        }
        if (recovery.probeDue()) {
            recovery.onRetransmitted(now, recovery.probeStart(), recovery.probeEnd());
        }
        while (recovery.hasLost()) {
            recovery.onRetransmitted(now, recovery.lostStart(), recovery.lostEnd());
        }
        int allowed = Math.min(recovery.allowance(now), 500);
        if (allowed > 0) {
            recovery.onSent(now, recovery.next(), recovery.next() + allowed);
        }
    }

    private void check() {
        SentSegments segments = recovery.segments();
        assertThat(segments.inFlight()).isBetween(0, segments.flightBytes());
        assertThat(segments.sackedBytes()).isBetween(0, segments.flightBytes());
        assertThat(segments.lostBytes()).isBetween(0, segments.flightBytes());
        if (!recovery.isIdle()) {
            assertThat(recovery.deadline()).isNotEqualTo(LossRecovery.NO_DEADLINE);
        }
    }

    @Test
    void blocksThatMakeNoSenseAreCountedAndIgnored() {
        start(0, 10);
        ack.begin(0, 0).sack(50, 40).sack(50, 50).sack(90, 101).sack(Integer.MIN_VALUE, 5);
        recovery.onAck(now, ack);
        assertThat(recovery.counters().ignoredBlocks).isEqualTo(4);
        assertThat(recovery.segments().sackedBytes()).isZero();
    }

    @Test
    void anAcknowledgmentOfWhatWasNeverSentIsIgnored() {
        start(0, 10);
        recovery.onAck(now, ack.begin(0, 101));
        assertThat(recovery.counters().ignoredAcknowledgments).isEqualTo(1);
        assertThat(recovery.una()).isZero();
    }

    @Test
    void manyHolesCostNoMoreThanTheirBlocks() {
        start(-FLIGHT, FLIGHT);
        long before = recovery.segments().looks();
        int acknowledgments = 0;
        for (int hole = 1; hole + 8 < FLIGHT; hole += 8) {
            ack.begin(-FLIGHT, -FLIGHT);
            for (int i = 0; i < 4; i++) {
                int start = -FLIGHT + (hole + 2 * i) * SEGMENT;
                ack.sack(start, start + SEGMENT);
            }
            recovery.onAck(now + 1_000_000, ack);
            acknowledgments++;
        }
        long looks = recovery.segments().looks() - before;
        assertThat(looks)
                .isLessThan((long) acknowledgments * LOOKS_PER_ACKNOWLEDGMENT + FLIGHT * 4L);
    }

    @Test
    void thatNearlyAllHasArrivedCostsOnlyOnce() {
        start(-FLIGHT, FLIGHT);
        oneBigBlock();
        long before = recovery.segments().looks();
        int acknowledgments = 1000;
        for (int i = 0; i < acknowledgments; i++) {
            oneBigBlock();
        }
        assertThat(recovery.segments().looks() - before)
                .isLessThan((long) acknowledgments * LOOKS_PER_ACKNOWLEDGMENT);
    }

    private void oneBigBlock() {
        now += 1000;
        int end = recovery.next();
        ack.begin(recovery.una(), recovery.una());
        for (int i = 0; i < 4; i++) {
            ack.sack(recovery.una() + SEGMENT, end);
        }
        recovery.onAck(now, ack);
    }

    @Test
    void waitingForTheReorderWindowIsNotPaidForByEachAcknowledgment() {
        start(-FLIGHT, 1);
        now += 100_000_000;
        recovery.onAck(now, ack.begin(-FLIGHT, recovery.next()));
        int first = recovery.next();
        recovery.onSent(now, first, first + FLIGHT * SEGMENT);
        now += 100_000_000;
        long before = recovery.segments().looks();
        // Only the last two: that is less than three, so all others may only be late.
        for (int i = 0; i < 1000; i++) {
            ack.begin(first, first).sack(recovery.next() - 2 * SEGMENT, recovery.next());
            recovery.onAck(now, ack);
        }
        assertThat(recovery.phase()).isEqualTo(RecoveryPhase.DISORDER);
        assertThat(recovery.segments().looks() - before)
                .isLessThan(1000L * LOOKS_PER_ACKNOWLEDGMENT);
    }
}
