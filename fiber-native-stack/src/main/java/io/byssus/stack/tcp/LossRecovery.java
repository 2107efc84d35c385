package io.byssus.stack.tcp;

/**
 * Finds out what is lost, and says what may be sent when: RACK-TLP (RFC 8985) on the scoreboard of
 * SACK (RFC 2018, 2883, 6675), without SACK NewReno (RFC 6582) with limited transmit (RFC 3042);
 * the retransmission timer (RFC 6298); and the undoing of what was in vain (RFC 3522, 4015, 5682).
 * How much may be in flight is the {@link CongestionController}'s business, and while the window
 * shrinks that of {@link RateReduction}.
 *
 * <p>The caller tells what it sent and what was acknowledged, and then sends, in this order, while
 * it can: a probe if one {@link #probeDue}; what is lost while {@link #hasLost}; new data as far as
 * {@link #allowance} and the peer's window allow. If the peer's window is what limits, it simply
 * does not send; the persist timer is the caller's. A FIN is one number at the end of the data.
 *
 * <p>SACKed data is not sent again after a timeout, though RFC 2018 (section 8) would have it: only
 * if the first outstanding segment is itself SACKed has the peer thrown data away, and that is then
 * taken to be so for all (RFC 6675, section 5.1, on this reading). Whatever else was thrown away
 * becomes the first outstanding segment at some time.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
final class LossRecovery {
    /** No {@link #deadline}. */
    static final long NO_DEADLINE = RecoveryTimers.NONE;

    /** {@link #onDeadline}: the retransmission timer fired. */
    static final int TIMEOUT = 1;

    /** {@link #onDeadline}: a probe is due. */
    static final int PROBE = 1 << 1;

    /** {@link #onDeadline}: segments were late for too long. */
    static final int REORDER = 1 << 2;

    private final CongestionController congestion;
    private final RoundTripEstimator roundTrip;

    private final RecoveryCounters counters = new RecoveryCounters();
    private final SentSegments segments = new SentSegments();
    private final RecentDelivery recent = new RecentDelivery();
    private final ReorderWindow reordering = new ReorderWindow();
    private final AcknowledgmentReader reader =
            new AcknowledgmentReader(segments, recent, reordering, counters);
    private final RoundTripSamples samples;
    private final TailLossProbe probe = new TailLossProbe();
    private final DuplicateAcknowledgments duplicates = new DuplicateAcknowledgments();
    private final RetransmissionEvidence evidence = new RetransmissionEvidence();
    private final ForwardRecovery forward = new ForwardRecovery();
    private final RecoveryTimers timers = new RecoveryTimers();
    private final LossDetector detector;
    private final RecoveryState state;

    private boolean selective;
    private boolean timestamps;
    private int segmentBytes;

    /** The timer fired: the first segment is sent again whatever is in flight. */
    private boolean forced;

    private int consecutiveTimeouts;
    private long progressNanos;

    /** What was outstanding before the acknowledgment that is being taken (FlightSize). */
    private int flightBefore;

    /** Of that, what was not SACKed (RecoverFS of RFC 9937). */
    private int unsackedBefore;

    LossRecovery(
            CongestionController congestion,
            RoundTripEstimator roundTrip,
            RateReduction reduction) {
        this.congestion = congestion;
        this.roundTrip = roundTrip;
        samples = new RoundTripSamples(reader, roundTrip);
        detector = new LossDetector(segments, recent, reordering, roundTrip, counters);
        state = new RecoveryState(congestion, reduction, segments);
    }

    /**
     * The connection is established.
     *
     * @param initialSequence the first byte of data
     * @param segmentBytes the most data that a segment has
     * @param selective both ends permit SACK
     * @param timestamps both ends send timestamps
     */
    void start(
            long now,
            int initialSequence,
            int segmentBytes,
            boolean selective,
            boolean timestamps) {
        this.selective = selective;
        this.timestamps = timestamps;
        this.segmentBytes = segmentBytes;
        segments.begin(initialSequence);
        reordering.start(initialSequence);
        state.begin(initialSequence);
        progressNanos = now;
        state.segmentBytes(segmentBytes);
        congestion.segmentSize(segmentBytes);
    }

    /** The connection is over: nothing is in flight, no timer runs. */
    void close() {
        segments.begin(segments.next());
        timers.clear();
        probe.clear();
        forward.stop();
        forced = false;
        state.begin(segments.next());
    }

    /** Lets memory go that only a flight needs; for a connection that has been idle for a while. */
    void trim() {
        segments.trim();
    }

    /** The most data that a segment may have from now on; what is in flight is divided anew. */
    void segmentBytes(int bytes) {
        assert bytes > 0;
        if (bytes < segmentBytes) {
            segments.recut(bytes);
        }
        segmentBytes = bytes;
        state.segmentBytes(bytes);
        congestion.segmentSize(bytes);
    }

    /**
     * As {@link #segmentBytes}, because a router has refused longer ones: what is too long goes
     * again at once, in smaller segments. That is no sign of congestion.
     */
    void onRefusal(long now, int bytes) {
        if (detector.markLonger(bytes) && !state.isRecovering()) {
            evidence.close();
            probe.clear();
            timers.probe = NO_DEADLINE;
            state.enterResending(now);
        }
        segmentBytes(bytes);
    }

    // ---- What is sent

    /**
     * New data was sent, of one segment or several; it begins with {@link #next}.
     *
     * @param end the number after its last
     */
    void onSent(long now, int start, int end) {
        assert start == segments.next() : "start=" + start + " next=" + segments.next();
        if (segments.isEmpty()) {
            state.endPause(now, 0, roundTrip.timeoutNanos());
            progressNanos = now;
            timers.timeout = now + roundTrip.timeoutNanos();
        }
        segments.append(now, end, segmentBytes);
        state.onSent(now, end - start);
        forward.onSent(end - start);
        if (probe.isDue()) {
            probe.onSent(0, segments.next());
            timers.timeout = now + roundTrip.timeoutNanos();
        } else {
            scheduleProbe(now);
        }
    }

    /**
     * This was sent again. A record counts as sent again if its first byte was, so a range that
     * begins where {@link #lostStart} or {@link #probeStart} said should end there too.
     */
    void onRetransmitted(long now, int start, int end) {
        counters.retransmittedSegments++;
        boolean isProbe = probe.isDue() && end == segments.next();
        if (start == segments.una()) {
            forced = false;
            restartTimer(now); // its acknowledgment is yet to come
        }
        int slot = segments.firstFrom(start);
        while (slot != SentSegments.NONE && SequenceNumber.isBefore(segments.start(slot), end)) {
            if (!segments.isSacked(slot)) {
                segments.markRetransmitted(slot, now);
            }
            slot = segments.nextOf(slot);
        }
        evidence.onRetransmitted(now, end - start);
        state.onSent(now, end - start);
        if (isProbe) {
            probe.onSent(end - start, segments.next());
            timers.timeout = now + roundTrip.timeoutNanos();
        }
    }

    // ---- What may be sent

    /** Whether a probe shall be sent now, whatever the window says: new data, or this again. */
    boolean probeDue() {
        return probe.isDue();
    }

    /** Where the segment begins that a probe sends again if there is no new data. */
    int probeStart() {
        return segments.start(segments.last());
    }

    int probeEnd() {
        return SequenceNumber.min(segments.next(), probeStart() + segmentBytes);
    }

    /** Whether something is lost and may be sent again now. */
    boolean hasLost() {
        if (segments.firstLost() == SentSegments.NONE || forward.holdsLost()) {
            return false;
        }
        return forced || state.credit(inFlight()) >= lostEnd() - lostStart();
    }

    /** Where the first lost segment begins; only if there is one. */
    int lostStart() {
        return segments.start(segments.firstLost());
    }

    /** Its end, or that of the lost ones after it that fit into a segment with it. */
    int lostEnd() {
        return segments.lostEnd(segmentBytes);
    }

    /**
     * How many bytes of new data may be sent now; none while something lost is waiting. It may be
     * less than a segment, which is no reason to send a small one.
     */
    int allowance(long now) {
        long timeout = roundTrip.timeoutNanos();
        if (segments.isEmpty()) {
            state.endPause(now, timeout, timeout);
        }
        if (forward.holdsLost()) {
            return forward.newBytes();
        }
        if (segments.firstLost() != SentSegments.NONE) {
            return 0;
        }
        long room = (long) segments.room() * segmentBytes;
        return (int) Math.max(0, Math.min(state.credit(inFlight()), room));
    }

    // ---- What is acknowledged

    /** Takes an acceptable acknowledgment, a duplicate or an old one too. */
    void onAck(long now, Acknowledgment ack) {
        assert timestamps || !ack.hasTimestamp;
        if (SequenceNumber.isAfter(ack.una, segments.next())) {
            counters.ignoredAcknowledgments++;
            return;
        }
        int inFlightBefore = inFlight();
        rememberFlight();
        boolean duplicate = DuplicateAcknowledgments.isOne(ack, segments);
        reader.read(now, ack, selective, state.point(), roundTrip.minimumNanos());
        boolean advanced = reader.acknowledged() > 0;
        if (advanced) {
            consecutiveTimeouts = 0;
            progressNanos = now;
        }
        long sample = samples.take(now, ack, flightBefore, segmentBytes);
        int delivered = countDelivered(duplicate, advanced);
        takeDuplicateSack(ack);
        takeProbeAnswer(now, ack);
        undoIfInVain(now, ack, duplicate, advanced);
        leaveIfDone(now);
        long lostBefore = counters.lostSegments;
        detect(now, duplicate, advanced);
        boolean safe = advanced && counters.lostSegments == lostBefore;
        state.takeAcknowledgment(delivered, inFlight(), safe);
        if (!state.isReducing() && reader.delivered() > 0) {
            int una = segments.una();
            congestion.onAck(now, reader.delivered(), sample, inFlightBefore, una, segments.next());
        }
        if (ack.ecnEcho) {
            onEcnEcho(now);
        }
        settle(now, advanced);
    }

    private void rememberFlight() {
        flightBefore = segments.flightBytes();
        unsackedBefore = flightBefore - segments.sackedBytes();
    }

    /** What has arrived, for the rate reduction. */
    private int countDelivered(boolean duplicate, boolean advanced) {
        if (selective || state.phase() == RecoveryPhase.TIMEOUT) {
            return reader.delivered();
        }
        if (advanced) {
            int delivered = duplicates.onAdvance(reader.delivered(), segmentBytes);
            duplicates.limit(segments.flightBytes());
            return delivered;
        }
        if (!duplicate) {
            return 0;
        }
        return duplicates.onDuplicate(segmentBytes, segments.inFlight(), state.isDoubtful());
    }

    private void takeDuplicateSack(Acknowledgment ack) {
        if (!selective || !ack.reportsDuplicate()) {
            return;
        }
        counters.duplicateSacks++;
        evidence.onDuplicate(ack.sackStart(0), ack.sackEnd(0));
        if (!probe.isAnsweredBy(ack.sackEnd(0))) {
            reordering.onDuplicateSack(segments.next());
        }
    }

    private void takeProbeAnswer(long now, Acknowledgment ack) {
        boolean duplicated = ack.reportsDuplicate() && probe.isAnsweredBy(ack.sackEnd(0));
        boolean bare = reader.acknowledged() == 0 && ack.sackBlocks() == 0 && !ack.carriesData;
        boolean repaired = probe.onAck(ack.una, duplicated, bare);
        if (repaired && state.isUndisturbed()) {
            evidence.close();
            state.reduceAtOnce(now, flightBefore);
        }
    }

    private void undoIfInVain(long now, Acknowledgment ack, boolean duplicate, boolean advanced) {
        boolean inVain = false;
        if (duplicate) {
            forced |= forward.onDuplicate();
        } else {
            int first = segments.first();
            boolean partial = first != SentSegments.NONE && segments.wasRetransmitted(first);
            inVain = forward.onAck(ack, reader, partial, segmentBytes);
        }
        boolean doubtful = segments.isEmpty() || (!selective && samples.answersLast(now));
        inVain |= advanced && evidence.answersOriginal(ack, doubtful);
        inVain |= evidence.allDuplicate();
        if (inVain && evidence.isOpen()) {
            undo(now, ack);
        }
        evidence.onAcknowledged(segments.una());
    }

    private void undo(long now, Acknowledgment ack) {
        counters.spurious++;
        evidence.close();
        forward.stop();
        forced = false;
        duplicates.clear();
        segments.forgetLosses();
        if (state.phase() == RecoveryPhase.TIMEOUT && ack.hasEcho() && !ack.reportsDuplicate()) {
            roundTrip.onSpuriousTimeout(now - ack.echoedSentNanos);
        }
        state.undo(now);
    }

    private void leaveIfDone(long now) {
        boolean recovering = state.isRecovering();
        if (!state.leaveIfDone(now)) {
            return;
        }
        if (recovering) {
            reordering.onRecovered();
        }
        forced = false;
        forward.stop();
        duplicates.clear();
        evidence.onRecovered(segments.next());
    }

    private void detect(long now, boolean duplicate, boolean advanced) {
        if (selective) {
            timers.reorder = detector.markLate(now, state.isRecovering());
        } else if (state.phase() == RecoveryPhase.RECOVERY && advanced) {
            detector.markFirst(); // a partial acknowledgment: RFC 6582, section 3.2, step 3
        } else if (duplicate
                && !state.isRecovering()
                && !state.isGuarded()
                && duplicates.reachesThreshold()) {
            detector.markFirst();
        }
        if (segments.lostBytes() > 0 && !state.isRecovering()) {
            enterRecovery(now);
        }
    }

    private void enterRecovery(long now) {
        counters.recoveries++;
        timers.partialAcknowledgments = 0;
        duplicates.limit(segments.flightBytes());
        evidence.close();
        if (state.enterRecovery(now, flightBefore, unsackedBefore)) {
            evidence.begin(segments.una(), segments.next(), probe.repeatedBytes());
        }
        probe.clear();
        timers.probe = NO_DEADLINE;
    }

    /**
     * The peer echoes a congestion mark, in an acknowledgment that {@link #onAck} has taken; it
     * calls this by itself. There is one reduction for a round trip (RFC 3168, section 6.1.2).
     */
    void onEcnEcho(long now) {
        if (!state.isUndisturbed() || state.isGuarded()) {
            return;
        }
        counters.congestionMarks++;
        evidence.close();
        state.enterReduction(now, flightBefore, unsackedBefore);
        leaveIfDone(now);
    }

    private void settle(long now, boolean advanced) {
        state.settle(segments.sackedCount() > 0 || !duplicates.isNone());
        if (segments.isEmpty()) {
            timers.clear();
            probe.cancel();
            duplicates.clear();
            return;
        }
        if (advanced) {
            forced = false;
            timers.partialAcknowledgments += state.phase() == RecoveryPhase.RECOVERY ? 1 : 0;
            restartTimer(now);
        }
        if (advanced || !mayProbe()) {
            probe.cancel();
            scheduleProbe(now);
        }
    }

    private void restartTimer(long now) {
        boolean newReno = !selective && state.phase() == RecoveryPhase.RECOVERY;
        timers.restart(now + roundTrip.timeoutNanos(), newReno);
    }

    /**
     * The peer's window has opened again. If the timer has fired meanwhile, the peer may well have
     * thrown away what it had no room for: that goes again now, not when the timer, which was
     * backed off by a closed window and not by a bad path, fires the next time.
     */
    void onWindowOpened() {
        boolean waited = state.phase() == RecoveryPhase.TIMEOUT && consecutiveTimeouts > 0;
        if (waited && !segments.isSacked(segments.first())) {
            consecutiveTimeouts = 0;
            roundTrip.endBackOff();
            detector.markFirst();
            forced = true;
        }
    }

    // ---- Time

    /** When {@link #onDeadline} has to be called, or {@link #NO_DEADLINE}. */
    long deadline() {
        return timers.next();
    }

    /**
     * Does what is due.
     *
     * @return bits: {@link #TIMEOUT}, {@link #PROBE}, {@link #REORDER}
     */
    int onDeadline(long now) {
        int events = 0;
        if (timers.reorder <= now) {
            events |= REORDER;
            onReorderTimer(now);
        }
        if (timers.probe <= now) {
            events |= PROBE;
            timers.probe = NO_DEADLINE;
            timers.timeout = now + roundTrip.timeoutNanos(); // RFC 8985, section 7.3
            counters.probes++;
            probe.onTimer();
        } else if (timers.timeout <= now) {
            events |= TIMEOUT;
            onTimeout(now);
        }
        return events;
    }

    private void onReorderTimer(long now) {
        rememberFlight();
        detect(now, false, false);
        state.takeAcknowledgment(0, inFlight(), false);
    }

    /** RFC 6298, 5.4 to 5.7; RFC 8985, 6.3. */
    private void onTimeout(long now) {
        assert !segments.isEmpty();
        counters.timeouts++;
        consecutiveTimeouts++;
        roundTrip.backOff();
        boolean reneged = segments.isSacked(segments.first());
        boolean first = state.isUndisturbed() && !reneged;
        if (consecutiveTimeouts == 1 || state.phase() != RecoveryPhase.TIMEOUT) {
            // The threshold falls once for a segment (RFC 5681, section 3.1).
            evidence.close();
            congestion.onTimeout(now, segments.flightBytes());
        }
        forward.stop();
        if (first) {
            evidence.begin(segments.una(), segments.next(), probe.repeatedBytes());
            forward.begin();
        }
        if (reneged) {
            counters.reneged++;
            segments.forgetSacks();
        }
        detector.markOnTimeout(now, selective);
        enterTimeout(now);
    }

    private void enterTimeout(long now) {
        state.enterTimeout();
        forced = true;
        duplicates.clear();
        probe.clear();
        timers.reorder = NO_DEADLINE;
        timers.probe = NO_DEADLINE;
        timers.timeout = now + roundTrip.timeoutNanos();
    }

    /** RFC 8985, section 7.2. */
    private void scheduleProbe(long now) {
        boolean one = segments.flightBytes() <= segmentBytes;
        long probeAt = Math.min(now + TailLossProbe.delayNanos(roundTrip, one), timers.timeout);
        timers.probe = mayProbe() ? probeAt : NO_DEADLINE;
    }

    private boolean mayProbe() {
        return selective
                && (state.phase() == RecoveryPhase.OPEN || state.phase() == RecoveryPhase.CWR)
                && !probe.isOutstanding()
                && segments.sackedCount() == 0
                && !segments.isEmpty();
    }

    // ---- What others may know

    /** How many bytes are believed to be on their way. */
    int inFlight() {
        return Math.max(0, segments.inFlight() - duplicates.bytes());
    }

    /** The first number that is not acknowledged: SND.UNA. */
    int una() {
        return segments.una();
    }

    /** The number after the highest that was sent: SND.NXT. */
    int next() {
        return segments.next();
    }

    /** Nothing is outstanding. */
    boolean isIdle() {
        return segments.isEmpty();
    }

    RecoveryPhase phase() {
        return state.phase();
    }

    RecoveryCounters counters() {
        return counters;
    }

    /** How often the timer fired since something was acknowledged: R1 and R2 of RFC 9293. */
    int consecutiveTimeouts() {
        return consecutiveTimeouts;
    }

    /**
     * Since when the first outstanding number has been the first: when it was sent, or when what is
     * before it was acknowledged; for user timeouts. Only while something is outstanding.
     */
    long firstUnackedSinceNanos() {
        return progressNanos;
    }

    /** The window was reduced: the next segment of new data carries CWR, if ECN is used. */
    boolean cwrPending() {
        return state.cwrPending();
    }

    /** A segment with CWR was sent. */
    void onCwrSent() {
        state.onCwrSent();
    }

    SentSegments segments() {
        return segments;
    }
}
