package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A sender with {@link LossRecovery}, a bad path and a {@link SimulatedReceiver}, in virtual time.
 * It checks at each step what must always hold.
 */
final class RecoverySimulation {
    static final int SEGMENT = 1000;

    private static final long MILLISECOND = 1_000_000L;
    private static final int STEPS_MAX = 1_000_000;

    /** How bad the path is, and what both ends agreed upon. */
    record Setting(
            double loss,
            double answerLoss,
            double reordering,
            double duplication,
            boolean selective,
            boolean timestamps,
            int segments) {}

    private record Event(long due, long number, Runnable happens) {}

    private final Setting setting;
    private final SplittableRandom random;
    private final int initialSequence;
    final LossRecovery recovery;
    private final SimulatedReceiver receiver;
    private final Acknowledgment ack = new Acknowledgment();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::due).thenComparingLong(Event::number));

    /** What the sender was told that the receiver has. */
    private final BitSet sacked = new BitSet();

    private long now = 1000 * MILLISECOND;
    private long number;
    private int written;

    RecoverySimulation(
            Setting setting, long seed, CongestionController congestion, RateReduction reduction) {
        recovery = new LossRecovery(congestion, new RoundTripEstimator(), reduction);
        this.setting = setting;
        random = new SplittableRandom(seed);
        initialSequence = random.nextInt();
        receiver = new SimulatedReceiver(setting.selective);
        recovery.start(now, initialSequence, SEGMENT, setting.selective, setting.timestamps);
    }

    long nowNanos() {
        return now;
    }

    /** Until everything is delivered and acknowledged. */
    void run() {
        write();
        for (int steps = 0; !isDone(); steps++) {
            assertThat(steps).as("steps, with %s", setting).isLessThan(STEPS_MAX);
            send();
            check();
            step();
        }
        check();
        assertThat(recovery.deadline()).isEqualTo(LossRecovery.NO_DEADLINE);
        assertThat(receiver.una()).isEqualTo(setting.segments);
    }

    private boolean isDone() {
        return recovery.isIdle() && numberOf(recovery.next()) == setting.segments;
    }

    private void step() {
        Event next = events.peek();
        long deadline = recovery.deadline();
        long due = next == null ? Long.MAX_VALUE : next.due;
        assertThat(Math.min(due, deadline)).isNotEqualTo(Long.MAX_VALUE);
        now = Math.max(now, Math.min(due, deadline));
        if (due <= deadline) {
            events.remove();
            next.happens.run();
        } else {
            assertThat(recovery.onDeadline(now)).isNotZero();
        }
    }

    /** The application writes some, and later more. */
    private void write() {
        written = Math.min(setting.segments, written + 1 + random.nextInt(60));
        if (written < setting.segments) {
            after(random.nextLong(100 * MILLISECOND), this::write);
        }
    }

    // ---- The sender

    private int sequence(int segment) {
        return initialSequence + segment * SEGMENT;
    }

    private int numberOf(int sequence) {
        return (sequence - initialSequence) / SEGMENT;
    }

    private int unsent() {
        return written - numberOf(recovery.next());
    }

    private void send() {
        if (recovery.probeDue()) {
            if (unsent() > 0) {
                sendNew();
            } else {
                sendAgain(recovery.probeStart(), recovery.probeEnd());
            }
            assertThat(recovery.probeDue()).isFalse();
        }
        while (recovery.hasLost()) {
            sendAgain(recovery.lostStart(), recovery.lostEnd());
        }
        while (unsent() > 0) {
            int allowed = recovery.allowance(now);
            if (allowed < SEGMENT) {
                return;
            }
            sendNew();
            assertThat(recovery.allowance(now)).isLessThan(allowed + SEGMENT);
        }
    }

    private void sendNew() {
        int start = recovery.next();
        recovery.onSent(now, start, start + SEGMENT);
        transmit(start, start + SEGMENT);
    }

    private void sendAgain(int start, int end) {
        assertThat(end - start).isBetween(1, SEGMENT);
        assertThat(start).isEqualTo(sequence(numberOf(start)));
        assertThat(sacked.get(numberOf(start))).as("SACKed").isFalse();
        assertThat(SequenceNumber.isAtOrAfter(start, recovery.una())).isTrue();
        recovery.onRetransmitted(now, start, end);
        transmit(start, end);
    }

    private void check() {
        SentSegments segments = recovery.segments();
        int inFlight = 0;
        int selectively = 0;
        for (int slot = segments.first(); slot != SentSegments.NONE; slot = segments.nextOf(slot)) {
            boolean known = sacked.get(numberOf(segments.start(slot)));
            assertThat(segments.isSacked(slot)).isEqualTo(known);
            selectively += known ? segments.length(slot) : 0;
            inFlight += known || segments.isLost(slot) ? 0 : segments.length(slot);
        }
        assertThat(segments.inFlight()).isEqualTo(inFlight);
        assertThat(segments.sackedBytes()).isEqualTo(selectively);
        assertThat(recovery.inFlight()).isBetween(0, inFlight);
        if (!recovery.isIdle()) {
            assertThat(recovery.deadline()).isNotEqualTo(LossRecovery.NO_DEADLINE);
        }
        if (segments.lostBytes() > 0) {
            assertThat(recovery.phase()).isIn(RecoveryPhase.RECOVERY, RecoveryPhase.TIMEOUT);
        }
    }

    // ---- The path

    private void after(long nanos, Runnable happens) {
        events.add(new Event(now + nanos, number++, happens));
    }

    private boolean happens(double probability) {
        return random.nextDouble() < probability;
    }

    private long delay() {
        long base = 20 * MILLISECOND;
        return happens(setting.reordering) ? base + random.nextLong(30 * MILLISECOND) : base;
    }

    private void transmit(int start, int end) {
        long sent = now;
        int copies = happens(setting.duplication) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (!happens(setting.loss)) {
                int from = numberOf(start);
                int to = numberOf(end);
                after(delay(), () -> answer(receiver.receive(from, to, sent)));
            }
        }
    }

    private void answer(SimulatedReceiver.Answer answer) {
        if (!happens(setting.answerLoss)) {
            after(delay(), () -> take(answer));
        }
    }

    private void take(SimulatedReceiver.Answer answer) {
        ack.begin(recovery.una(), sequence(answer.una()));
        ack.sendableBytes = unsent() * SEGMENT;
        for (int[] block : answer.blocks()) {
            ack.sack(sequence(block[0]), sequence(block[1]));
            sacked.set(block[0], block[1]);
        }
        if (setting.timestamps) {
            ack.timestamp(answer.echoedSentNanos());
        }
        recovery.onAck(now, ack);
        sacked.clear(0, numberOf(recovery.una()));
    }
}
