package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * A conversation with {@link LossRecovery} that reads like a packet trace. Segments have numbers
 * from 1 and {@link #SEGMENT} bytes each; times are milliseconds; {@code ack(3, "5-6 8")} is a
 * cumulative acknowledgment of the segments 1 to 3 with blocks for 5 and 6, and 8. The sequence
 * numbers wrap around after the third segment.
 */
final class RecoveryTrace {
    static final int SEGMENT = 1000;
    static final long MILLISECOND = 1_000_000L;

    private static final int INITIAL = -3 * SEGMENT;
    private static final long START = 5_000 * MILLISECOND;
    private static final int WINDOW_SEGMENTS = 20;

    final RecordingCongestion congestion = new RecordingCongestion();
    final RoundTripEstimator roundTrip = new RoundTripEstimator();
    final LossRecovery recovery = new LossRecovery(congestion, roundTrip, new PlainRateReduction());

    private final Acknowledgment ack = new Acknowledgment();
    private long now = START;
    private int lastAck;

    private RecoveryTrace(boolean selective) {
        recovery.start(now, INITIAL, SEGMENT, selective, true);
        congestion.window(WINDOW_SEGMENTS * SEGMENT);
    }

    static RecoveryTrace selective() {
        return new RecoveryTrace(true);
    }

    static RecoveryTrace withoutSack() {
        return new RecoveryTrace(false);
    }

    /** A round trip of 100 ms is known: the first segment went and was acknowledged at 100 ms. */
    RecoveryTrace warm() {
        return send(1, 1).at(100).ack(1);
    }

    RecoveryTrace at(long millis) {
        assert now <= START + millis * MILLISECOND;
        now = START + millis * MILLISECOND;
        return this;
    }

    long now() {
        return now;
    }

    // ---- Out

    /** New segments go out, one after the other at the same time. */
    RecoveryTrace send(int first, int last) {
        for (int segment = first; segment <= last; segment++) {
            recovery.onSent(now, sequence(segment - 1), sequence(segment));
        }
        return this;
    }

    /** Sends again what is lost and may be sent; the numbers. */
    List<Integer> resend() {
        List<Integer> segments = new ArrayList<>();
        while (recovery.hasLost()) {
            assertThat(recovery.lostEnd() - recovery.lostStart()).isEqualTo(SEGMENT);
            segments.add(segment(recovery.lostEnd()));
            recovery.onRetransmitted(now, recovery.lostStart(), recovery.lostEnd());
        }
        return segments;
    }

    /** The numbers of all that is lost and not sent again since. */
    List<Integer> lost() {
        SentSegments segments = recovery.segments();
        List<Integer> lost = new ArrayList<>();
        int slot = segments.first();
        while (slot != SentSegments.NONE) {
            if (segments.isLost(slot)) {
                lost.add(segment(segments.end(slot)));
            }
            slot = segments.nextOf(slot);
        }
        return lost;
    }

    /** Sends the probe, which is the last segment again; its number. */
    int resendProbe() {
        assertThat(recovery.probeDue()).isTrue();
        int segment = segment(recovery.probeEnd());
        recovery.onRetransmitted(now, recovery.probeStart(), recovery.probeEnd());
        return segment;
    }

    // ---- In

    RecoveryTrace ack(int last) {
        return ack(last, "");
    }

    RecoveryTrace ack(int last, String blocks) {
        return take(prepare(last, blocks));
    }

    /** With a timestamp: the echoed segment was sent at that time. */
    RecoveryTrace ackEchoing(long sentMillis, int last, String blocks) {
        return take(prepare(last, blocks).timestamp(START + sentMillis * MILLISECOND));
    }

    /** An acknowledgment while there is new data to send. */
    RecoveryTrace ackWithNewData(int last, String blocks, int sendableSegments) {
        Acknowledgment prepared = prepare(last, blocks);
        prepared.sendableBytes = sendableSegments * SEGMENT;
        return take(prepared);
    }

    RecoveryTrace duplicates(int count) {
        for (int i = 0; i < count; i++) {
            ack(lastAck);
        }
        return this;
    }

    RecoveryTrace congestionMark(int last) {
        Acknowledgment prepared = prepare(last, "");
        prepared.ecnEcho = true;
        return take(prepared);
    }

    /** An acknowledgment for the test to change before it is {@link #take taken}. */
    Acknowledgment prepare(int last, String blocks) {
        lastAck = last;
        ack.begin(recovery.una(), sequence(last));
        for (String block : blocks.isEmpty() ? new String[0] : blocks.split(" ")) {
            String[] ends = block.split("-");
            int end = Integer.parseInt(ends[ends.length - 1]);
            ack.sack(sequence(Integer.parseInt(ends[0]) - 1), sequence(end));
        }
        return ack;
    }

    RecoveryTrace take(Acknowledgment taken) {
        recovery.onAck(now, taken);
        return this;
    }

    // ---- Time

    /** Milliseconds from the beginning to the next deadline, or -1. */
    double deadline() {
        long deadline = recovery.deadline();
        return deadline == LossRecovery.NO_DEADLINE
                ? -1
                : (deadline - START) / (double) MILLISECOND;
    }

    /** Waits for the next deadline and says what happened. */
    int fire() {
        assertThat(recovery.deadline()).isNotEqualTo(LossRecovery.NO_DEADLINE);
        now = Math.max(now, recovery.deadline());
        return recovery.onDeadline(now);
    }

    /** Waits, through probes that are not sent, until the retransmission timer fires. */
    RecoveryTrace timeOut() {
        while ((fire() & LossRecovery.TIMEOUT) == 0) {
            assertThat(now).isLessThan(START + 1_000_000 * MILLISECOND);
        }
        return this;
    }

    // ---- What it looks like

    int allowedSegments() {
        return recovery.allowance(now) / SEGMENT;
    }

    double inFlightSegments() {
        return recovery.inFlight() / (double) SEGMENT;
    }

    static int sequence(int segment) {
        return INITIAL + segment * SEGMENT;
    }

    static int segment(int sequence) {
        return (sequence - INITIAL) / SEGMENT;
    }
}
