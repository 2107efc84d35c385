package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;

/**
 * What an arriving segment does to its connection: the steps of RFC 9293, 3.10.7.3 (SYN-SENT) and
 * 3.10.7.4 (all later states), in their order, with RFC 5961's and RFC 7323's checks where those
 * put them. A step answers whether the next one follows.
 *
 * <p><b>Ownership:</b> confined to its shard; one for all its connections.
 */
final class SegmentArrival {
    private final TcpStack stack;
    private final TcpCounters counters;
    private final Acknowledgment acknowledgment = new Acknowledgment();

    SegmentArrival(TcpStack stack) {
        this.stack = stack;
        this.counters = stack.counters();
    }

    void process(long now, TcpConnection connection, Segment segment) {
        switch (connection.state()) {
            case SYN_SENT -> inSynSent(now, connection, segment);
            case SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK ->
                    inOtherStates(now, connection, segment);
            case CLOSED, TIME_WAIT -> {
                // it has left the table
            }
        }
    }

    private void inSynSent(long now, TcpConnection connection, Segment segment) {
        boolean acknowledges = segment.has(TcpHeader.ACK);
        if (acknowledges && segment.acknowledgment != connection.send.next()) {
            // First: it acknowledges something else than our SYN.
            stack.resetInAnswer(now, segment);
            return;
        }
        if (segment.has(TcpHeader.RST)) {
            if (acknowledges) {
                counters.attemptFails++;
                connection.end(TcpFailure.REFUSED);
            }
            return;
        }
        if (!segment.has(TcpHeader.SYN)) {
            return;
        }
        connection.lastHeardNanos = now;
        Negotiation.onSyn(now, connection, segment);
        if (!acknowledges) {
            // Both have opened at the same time (MUST-10).
            connection.transitionTo(TcpState.SYN_RECEIVED);
            connection.handshake.again();
            return;
        }
        if (connection.handshake.givesSample()) {
            connection.roundTrip.onSample(now, now - connection.handshake.sentNanos(), 1);
        }
        connection.send.acknowledge(segment.acknowledgment);
        connection.send.takeWindow(segment);
        connection.acks.now();
        establish(now, connection);
        segment.trimFront(connection.receive.next());
        takeText(now, connection, segment);
        takeFin(now, connection, segment);
    }

    private void inOtherStates(long now, TcpConnection connection, Segment segment) {
        if (!checkSequence(now, connection, segment)
                || !checkReset(now, connection, segment)
                || !checkSyn(now, connection, segment)
                || !checkAcknowledgment(now, connection, segment)) {
            return;
        }
        connection.ecn.onSegment(segment);
        takeUrgent(connection, segment);
        takeText(now, connection, segment);
        takeFin(now, connection, segment);
    }

    /** First: is it in the window, and not an old one? Trims it to the window. */
    private boolean checkSequence(long now, TcpConnection connection, Segment segment) {
        if (connection.timestamps.isMissing(segment)) {
            counters.timestampsMissing++;
            return false;
        }
        if (isSynAgain(connection, segment)) {
            connection.handshake.again();
            return false;
        }
        if (connection.timestamps.isOld(now, segment) && !segment.has(TcpHeader.RST)) {
            counters.pawsEstablished++;
            noteDuplicate(connection, segment);
            challenge(now, connection);
            return false;
        }
        ReceiveSequence receive = connection.receive;
        if (!receive.isAcceptable(segment)) {
            return checkOutside(now, connection, segment);
        }
        connection.lastHeardNanos = now;
        if (connection.keepalive != null) {
            connection.keepalive.onHeard(now);
        }
        if (SequenceNumber.isBefore(segment.sequence, receive.next())
                && !segment.has(TcpHeader.RST)) {
            noteDuplicate(connection, segment);
            connection.acks.now();
            segment.trimFront(receive.next());
        }
        segment.trimBack(connection.window.edge());
        return true;
    }

    /** The peer has not got our SYN,ACK. */
    private static boolean isSynAgain(TcpConnection connection, Segment segment) {
        return connection.state() == TcpState.SYN_RECEIVED
                && segment.has(TcpHeader.SYN)
                && !segment.has(TcpHeader.ACK | TcpHeader.RST)
                && segment.sequence == connection.receive.initial();
    }

    /**
     * A segment outside the window is answered with where the window is. At a closed window one
     * that begins there is not old: its acknowledgment and its urgent pointer count (MUST-66).
     */
    private boolean checkOutside(long now, TcpConnection connection, Segment segment) {
        ReceiveSequence receive = connection.receive;
        if (segment.has(TcpHeader.RST)) {
            // Its text needs no room (SHLD-2).
            boolean next = segment.sequence == receive.next();
            counters.outOfWindow += next ? 0 : 1;
            return next;
        }
        if (connection.state() == TcpState.SYN_RECEIVED
                && segment.sequence == receive.initial()
                && segment.has(TcpHeader.SYN)) {
            // A simultaneous open: the peer repeats its SYN, with an acknowledgment of ours.
            segment.trimFront(receive.next());
            connection.acks.now();
            return true;
        }
        if (receive.window() == 0 && segment.sequence == receive.next()) {
            connection.lastHeardNanos = now;
            segment.trimBack(receive.next());
            connection.acks.now();
            return true;
        }
        counters.outOfWindow++;
        noteDuplicate(connection, segment);
        if (stack.mayAnswerDuplicate(now, connection)) {
            connection.acks.now();
        }
        return false;
    }

    /** What arrived again, so that the peer learns of it by D-SACK (RFC 2883). */
    private static void noteDuplicate(TcpConnection connection, Segment segment) {
        int end =
                SequenceNumber.min(
                        segment.textSequence() + segment.textLength, connection.receive.next());
        if (connection.selective && SequenceNumber.isBefore(segment.textSequence(), end)) {
            connection.reassembly.noteDuplicate(segment.textSequence(), end);
        }
    }

    /** Second: a reset counts only with the very next number (RFC 5961, 3.2). */
    private boolean checkReset(long now, TcpConnection connection, Segment segment) {
        if (!segment.has(TcpHeader.RST)) {
            return true;
        }
        if (segment.sequence != connection.receive.next()) {
            challenge(now, connection);
            return false;
        }
        if (connection.state() == TcpState.SYN_RECEIVED) {
            counters.attemptFails++;
            connection.end(
                    connection.opening == TcpConnection.Opening.ACTIVE
                            ? TcpFailure.REFUSED
                            : TcpFailure.RESET);
        } else {
            counters.establishedResets++;
            connection.end(TcpFailure.RESET);
        }
        return false;
    }

    /** Fourth (third is security, which nobody uses): a SYN never resets (RFC 5961, 4.2). */
    private boolean checkSyn(long now, TcpConnection connection, Segment segment) {
        if (segment.has(TcpHeader.SYN)) {
            challenge(now, connection);
            return false;
        }
        return true;
    }

    /** Fifth: what the peer acknowledges. */
    private boolean checkAcknowledgment(long now, TcpConnection connection, Segment segment) {
        if (!segment.has(TcpHeader.ACK)) {
            return false;
        }
        SendSequence send = connection.send;
        if (connection.state() == TcpState.SYN_RECEIVED
                && !completeHandshake(now, connection, segment)) {
            return false;
        }
        if (!send.isPlausible(segment.acknowledgment)) {
            counters.implausibleAcks++;
            challenge(now, connection);
            return false;
        }
        // Not before: one who guesses could make all that the peer sends look old.
        connection.timestamps.note(now, segment, connection.acks.lastSent());
        if (send.acknowledgesProbe(segment.acknowledgment)) {
            int count = SequenceNumber.distance(send.next(), segment.acknowledgment);
            connection.recovery.onSent(now, send.next(), segment.acknowledgment);
            connection.finSent |= count > connection.unsent();
            send.advance(count);
        }
        int before = send.unacknowledged();
        int windowBefore = send.window();
        boolean windowChanged = send.updateWindow(segment);
        if (send.isNew(segment.acknowledgment)) {
            send.acknowledge(segment.acknowledgment);
        }
        tellRecovery(now, connection, segment, before, windowChanged);
        if (windowBefore == 0 && windowChanged) {
            connection.recovery.onWindowOpened();
        }
        takeAcknowledged(connection, SequenceNumber.distance(before, send.unacknowledged()));
        if (send.usable() > 0) {
            connection.probe.cancel();
        }
        if (send.window() == 0) {
            connection.windowClosedNanos = now;
        }
        return afterOurFin(now, connection);
    }

    private void tellRecovery(
            long now,
            TcpConnection connection,
            Segment segment,
            int before,
            boolean windowChanged) {
        acknowledgment.begin(before, segment.acknowledgment);
        acknowledgment.carriesData = segment.textLength > 0 || segment.has(TcpHeader.FIN);
        acknowledgment.windowChanged = windowChanged;
        acknowledgment.ecnEcho = connection.ecn.isEcho(segment);
        acknowledgment.sendableBytes = Math.min(connection.unsent(), connection.send.usable());
        TcpOptions options = segment.options;
        if (connection.selective) {
            for (int i = 0; i < options.sackBlocks(); i++) {
                acknowledgment.sack(options.sackStart(i), options.sackEnd(i));
            }
        }
        if (connection.timestamps.enabled() && options.hasTimestamps()) {
            acknowledgment.timestamp(connection.timestamps.sentNanos(now, options.timestampEcho()));
        }
        connection.recovery.onAck(now, acknowledgment);
    }

    /** The SYN's own acknowledgment, in SYN-RECEIVED. */
    private boolean completeHandshake(long now, TcpConnection connection, Segment segment) {
        SendSequence send = connection.send;
        if (segment.acknowledgment != send.next()) {
            stack.resetInAnswer(now, segment);
            return false;
        }
        if (connection.listener != null && !connection.listener.mayEstablish()) {
            counters.listenOverflows++;
            return false;
        }
        if (connection.handshake.givesSample()) {
            connection.roundTrip.onSample(now, now - connection.handshake.sentNanos(), 1);
        }
        send.acknowledge(segment.acknowledgment);
        send.takeWindow(segment);
        establish(now, connection);
        return true;
    }

    private void establish(long now, TcpConnection connection) {
        connection.handshake.done();
        connection.untroubled();
        Negotiation.finish(now, connection);
        connection.transitionTo(TcpState.ESTABLISHED);
        connection.events |= TcpEvents.CONNECTED | TcpEvents.WRITABLE;
        if (connection.outputClosed) {
            connection.transitionTo(TcpState.FIN_WAIT_1);
        }
        if (connection.listener != null) {
            stack.established(connection);
        }
        connection.handshake = null;
    }

    /** Releases what has arrived. */
    private static void takeAcknowledged(TcpConnection connection, int count) {
        if (count == 0) {
            return;
        }
        connection.untroubled();
        int text = Math.min(count, connection.sendQueue.length());
        connection.sendQueue.acknowledge(text);
        if (text > 0 && connection.sendSpace() > 0) {
            connection.events |= TcpEvents.WRITABLE;
        }
    }

    /** Whether what follows still matters, when our FIN may just have been acknowledged. */
    private boolean afterOurFin(long now, TcpConnection connection) {
        boolean acknowledged = connection.finSent && connection.inFlight() == 0;
        if (!acknowledged) {
            return true;
        }
        switch (connection.state()) {
            case FIN_WAIT_1 -> {
                connection.transitionTo(TcpState.FIN_WAIT_2);
                if (connection.orphaned) {
                    connection.finWaitDeadline = now + ConnectionTimers.ORPHAN_NANOS;
                }
                return true;
            }
            case CLOSING -> {
                connection.enterTimeWait(now);
                return false;
            }
            case LAST_ACK -> {
                connection.end(TcpFailure.NONE);
                return false;
            }
            case CLOSED, SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_2, CLOSE_WAIT, TIME_WAIT -> {
                return true;
            }
        }
        throw new AssertionError(connection.state());
    }

    /** Sixth: the urgent pointer. */
    private static void takeUrgent(TcpConnection connection, Segment segment) {
        if (segment.has(TcpHeader.URG)
                && connection.state().canReceive()
                && connection.receive.noteUrgent(segment.urgentEnd, connection.consumed())) {
            connection.events |= TcpEvents.URGENT | TcpEvents.READABLE;
        }
    }

    /** Seventh: the text. */
    private void takeText(long now, TcpConnection connection, Segment segment) {
        if (segment.textLength == 0 || !connection.state().canReceive()) {
            return;
        }
        if (connection.orphaned) {
            takeTextOfOrphan(connection, segment);
            return;
        }
        TcpMemory memory = stack.memory();
        if (segment.sequence != connection.receive.next()) {
            takeTextOutOfOrder(connection, segment);
        } else if (memory.admitsInOrder(connection, segment.textLength, segment.frame.capacity())) {
            takeTextInOrder(now, connection, segment);
        } else {
            counters.outOfMemory++;
        }
    }

    /**
     * Nobody will read it, and the peer must know (RFC 1122, 4.2.2.13; SHLD-3): but not before it
     * has got all that was sent to it, which a reset would destroy.
     */
    private void takeTextOfOrphan(TcpConnection connection, Segment segment) {
        counters.abortsOnData++;
        if (connection.finSent && connection.inFlight() == 0) {
            connection.resetDue = true;
        } else if (segment.sequence == connection.receive.next()) {
            connection.receive.advance(segment.textLength);
            connection.acks.now();
        }
    }

    private void takeTextInOrder(long now, TcpConnection connection, Segment segment) {
        if (stack.memory().isCritical()) {
            // The window closes as it is used: better than to drop what the peer may send.
            connection.window.limitTo(MemoryBudget.CONNECTION_MIN);
        }
        connection.acks.onText(now, segment.textLength, connection.segmentBytes);
        connection.events |= TcpEvents.READABLE;
        if (!connection.reassembly.isEmpty()) {
            // It fills a gap, wholly or in part: the peer must know at once (RFC 5681, 4.2).
            connection.acks.now();
        }
        ReceiveSequence receive = connection.receive;
        int end = segment.sequence + segment.textLength;
        while (SequenceNumber.isBefore(receive.next(), end)) {
            segment.trimFront(receive.next());
            int fresh = Math.min(segment.textLength, connection.reassembly.missing(receive.next()));
            connection.receiveQueue.append(segment.frame, segment.textOffset, fresh);
            receive.advance(fresh);
            connection.window.onData(now, receive.next(), fresh, segment.frame.capacity());
            takeReassembled(connection);
        }
    }

    private static void takeReassembled(TcpConnection connection) {
        Buffer run = connection.reassembly.take(connection.receive.next());
        while (run != null) {
            connection.receive.advance(run.length());
            connection.receiveQueue.append(run);
            run = connection.reassembly.take(connection.receive.next());
        }
    }

    private void takeTextOutOfOrder(TcpConnection connection, Segment segment) {
        ReassemblyQueue reassembly = connection.reassembly;
        long droppedBefore = reassembly.droppedBytes();
        reassembly.chargedMax(stack.memory().outOfOrderMax(connection));
        reassembly.insert(
                connection.receive.next(),
                segment.sequence,
                segment.frame,
                segment.textOffset,
                segment.textLength);
        counters.outOfOrderDropped += reassembly.droppedBytes() == droppedBefore ? 0 : 1;
        if (connection.selective) {
            connection.acks.now();
        } else {
            connection.acks.duplicate();
        }
    }

    /** Eighth: the FIN, once all text before it is there. */
    private void takeFin(long now, TcpConnection connection, Segment segment) {
        if (segment.has(TcpHeader.FIN) && connection.state().canReceive()) {
            connection.receive.noteFin(segment.sequence + segment.textLength);
            if (!connection.receive.reachedFin()) {
                connection.acks.now();
            }
        }
        if (!connection.receive.reachedFin() || !connection.state().canReceive()) {
            return;
        }
        connection.receive.advance(1);
        connection.acks.now();
        connection.events |= TcpEvents.READABLE;
        switch (connection.state()) {
            case ESTABLISHED -> connection.transitionTo(TcpState.CLOSE_WAIT);
            case FIN_WAIT_1 -> connection.transitionTo(TcpState.CLOSING);
            case FIN_WAIT_2 -> connection.enterTimeWait(now);
            case CLOSED, SYN_SENT, SYN_RECEIVED, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT ->
                    throw new AssertionError(connection.state());
        }
    }

    /** Answers with where we are, if it is not too often (RFC 5961, 7). */
    private void challenge(long now, TcpConnection connection) {
        if (stack.mayChallenge(now, connection)) {
            counters.challengeAcks++;
            connection.acks.now();
        } else {
            counters.challengeAcksSuppressed++;
        }
    }
}
