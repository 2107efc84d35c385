package io.byssus.stack.tcp;

import io.byssus.stack.tcp.CongestionController.Signal;

/**
 * The {@link RecoveryPhase}, what the congestion control is told when it changes, and how much may
 * be sent in it.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class RecoveryState {
    private final CongestionController congestion;
    private final RateReduction reduction;
    private final SentSegments segments;

    private int segmentBytes;
    private RecoveryPhase phase = RecoveryPhase.OPEN;

    /** What was sent before it belongs to the recovery, or reduction, that began last. */
    private int point;

    /** Nothing is acknowledged that was sent after {@link #point}: "recover" of RFC 6582. */
    private boolean guarded;

    /** What {@link RateReduction} lets out now. */
    private int budget;

    private boolean cwrPending;
    private long lastSentNanos;

    /** The congestion control knows of the pause since then, or nothing was sent yet. */
    private boolean pauseTold = true;

    RecoveryState(CongestionController congestion, RateReduction reduction, SentSegments segments) {
        this.congestion = congestion;
        this.reduction = reduction;
        this.segments = segments;
    }

    void begin(int sequence) {
        phase = RecoveryPhase.OPEN;
        point = sequence;
        guarded = false;
        budget = 0;
    }

    void segmentBytes(int bytes) {
        segmentBytes = bytes;
    }

    // ---- Entering and leaving

    /**
     * A segment is lost.
     *
     * @param flightSize what was outstanding before the acknowledgment that tells so
     * @param unsacked of that, what was not SACKed
     * @return whether the window shrinks for it; not if it shrinks already
     */
    boolean enterRecovery(long now, int flightSize, int unsacked) {
        boolean slowAlready = phase == RecoveryPhase.CWR;
        enter(RecoveryPhase.RECOVERY);
        if (!slowAlready) {
            slowDown(now, Signal.LOSS, flightSize, unsacked);
        }
        return !slowAlready;
    }

    /** A congestion mark was echoed. */
    void enterReduction(long now, int flightSize, int unsacked) {
        enter(RecoveryPhase.CWR);
        slowDown(now, Signal.ECN, flightSize, unsacked);
        takeAcknowledgment(0, segments.inFlight(), false);
    }

    /** The timer fired. */
    void enterTimeout() {
        enter(RecoveryPhase.TIMEOUT);
        cwrPending = true;
    }

    /** What is lost was refused: it is sent again as after a timeout, but the window stays. */
    void enterResending(long now) {
        if (isReducing()) {
            congestion.onRecovered(now);
        }
        enter(RecoveryPhase.TIMEOUT);
    }

    /** A loss has been repaired already: the window shrinks at once. */
    void reduceAtOnce(long now, int flightSize) {
        congestion.onCongestion(now, Signal.LOSS, flightSize);
        cwrPending = true;
        congestion.onRecovered(now);
    }

    private void enter(RecoveryPhase entered) {
        phase = entered;
        point = segments.next();
        guarded = true;
        budget = 0;
    }

    private void slowDown(long now, Signal signal, int flightSize, int unsacked) {
        congestion.onCongestion(now, signal, flightSize);
        int threshold = congestion.slowStartThreshold();
        reduction.begin(Math.max(unsacked, 1), threshold, segmentBytes);
        cwrPending = true;
    }

    /** Ends the phase if what was sent before it began is acknowledged; says whether it did. */
    boolean leaveIfDone(long now) {
        boolean past = SequenceNumber.isAfter(segments.una(), point);
        boolean reached = past || segments.una() == point;
        guarded &= !past;
        boolean done =
                switch (phase) {
                    case OPEN, DISORDER -> false;
                    // Until then the peer has not seen CWR, and echoes the same mark
                    // (RFC 3168, section 6.1.2).
                    case CWR -> past || segments.isEmpty();
                    case RECOVERY, TIMEOUT -> reached;
                };
        if (done) {
            if (isReducing()) {
                congestion.onRecovered(now);
            }
            leave();
        }
        return done;
    }

    /** The recovery was in vain. */
    void undo(long now) {
        leave();
        congestion.undo(now);
    }

    private void leave() {
        phase = RecoveryPhase.OPEN;
        budget = 0;
    }

    /** While nothing is wrong: whether something may be missing. */
    void settle(boolean gap) {
        if (isUndisturbed()) {
            phase = gap ? RecoveryPhase.DISORDER : RecoveryPhase.OPEN;
        }
    }

    // ---- How much may be sent

    /** While the window shrinks: an acknowledgment came, or more is known to be lost. */
    void takeAcknowledgment(int delivered, int inFlight, boolean safe) {
        if (isReducing()) {
            budget = reduction.onAck(delivered, inFlight, safe);
        }
    }

    void onSent(long now, int bytes) {
        lastSentNanos = now;
        pauseTold = false;
        if (isReducing()) {
            reduction.onSent(bytes);
            budget = Math.max(0, budget - bytes);
        }
    }

    /**
     * Nothing is in flight, and something is about to be sent: the congestion control hears of the
     * pause, once, if it was at least {@code leastNanos} long.
     */
    void endPause(long now, long leastNanos, long timeoutNanos) {
        long pause = now - lastSentNanos;
        if (!pauseTold && pause >= leastNanos) {
            pauseTold = true;
            congestion.onIdle(now, pause, timeoutNanos);
        }
    }

    /** How many bytes may be sent; it can be negative. */
    long credit(int inFlight) {
        long credit = isReducing() ? budget : (long) congestion.window() - inFlight;
        // One segment may always be in flight, or nothing would ever be acknowledged.
        return inFlight == 0 ? Math.max(credit, segmentBytes) : credit;
    }

    // ---- What it is

    RecoveryPhase phase() {
        return phase;
    }

    boolean isUndisturbed() {
        return phase == RecoveryPhase.OPEN || phase == RecoveryPhase.DISORDER;
    }

    boolean isRecovering() {
        return phase == RecoveryPhase.RECOVERY || phase == RecoveryPhase.TIMEOUT;
    }

    boolean isReducing() {
        return phase == RecoveryPhase.RECOVERY || phase == RecoveryPhase.CWR;
    }

    /** Duplicates may mean needless retransmissions. */
    boolean isDoubtful() {
        return guarded && phase != RecoveryPhase.RECOVERY;
    }

    boolean isGuarded() {
        return guarded;
    }

    int point() {
        return point;
    }

    boolean cwrPending() {
        return cwrPending;
    }

    void onCwrSent() {
        cwrPending = false;
    }
}
