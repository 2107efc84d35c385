package io.byssus.stack.tcp;

import io.byssus.stack.wire.TcpHeader;

/**
 * Decides what a connection sends next, one segment at a time: what was lost before what is new
 * (RFC 6675, 4), and an acknowledgment by itself only when nothing carries it.
 *
 * <p>Small segments wait as RFC 9293 says: for an acknowledgment of what is in flight (Nagle,
 * 3.7.4), and for a window that is worth it (3.8.6.2.1).
 *
 * <p><b>Ownership:</b> confined to its shard; one for all its connections.
 */
final class SegmentEmission {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final TcpStack stack;
    private final TcpCounters counters;
    private final SegmentWriter writer;

    SegmentEmission(TcpStack stack) {
        this.stack = stack;
        this.counters = stack.counters();
        this.writer = new SegmentWriter(counters);
    }

    /**
     * Sends one segment, if there is one to send.
     *
     * @param sink which has room
     */
    boolean emit(long now, TcpConnection connection, SegmentSink sink) {
        if (connection.resetDue) {
            writer.writeReset(connection, sink);
            connection.end(TcpFailure.ABORTED);
            return true;
        }
        return switch (connection.state()) {
            case SYN_SENT, SYN_RECEIVED -> emitSyn(now, connection, sink);
            case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK ->
                    emitSynchronized(now, connection, sink);
            case TIME_WAIT -> emitLast(now, connection, sink);
            case CLOSED -> false;
        };
    }

    /** The acknowledgment of the peer's FIN; what comes later is the record's to answer. */
    private boolean emitLast(long now, TcpConnection connection, SegmentSink sink) {
        if (!connection.acks.isDue()) {
            return false;
        }
        emitAcknowledgment(now, connection, sink);
        return true;
    }

    private boolean emitSyn(long now, TcpConnection connection, SegmentSink sink) {
        if (connection.handshake.isDue()) {
            int flags = TcpHeader.SYN;
            if (connection.state() == TcpState.SYN_RECEIVED) {
                flags |= TcpHeader.ACK | (connection.ecn.enabled() ? TcpHeader.ECE : 0);
            } else if (connection.settings.requestEcn()
                    && connection.handshake.transmissions() == 0) {
                flags |= TcpHeader.ECE | TcpHeader.CWR;
            }
            writer.writeSyn(now, connection, sink, flags);
            if (connection.handshake.transmissions() == 0) {
                connection.send.advance(1);
            } else {
                counters.retransmittedSegments++;
            }
            connection.handshake.onSent(now, connection.roundTrip.timeoutNanos());
            return true;
        }
        if (connection.state() == TcpState.SYN_RECEIVED && connection.acks.isDue()) {
            emitAcknowledgment(now, connection, sink);
            return true;
        }
        return false;
    }

    private boolean emitSynchronized(long now, TcpConnection connection, SegmentSink sink) {
        if (emitAgain(now, connection, sink) || emitNew(now, connection, sink)) {
            return true;
        }
        if (connection.acks.isDue()) {
            emitAcknowledgment(now, connection, sink);
            return true;
        }
        if (connection.keepalive != null && connection.keepalive.isDue()) {
            counters.keepaliveProbes++;
            int sequence = connection.send.next() - 1;
            writer.write(now, connection, sink, TcpHeader.ACK, sequence, 0, 0, Ecn.NOT_CAPABLE);
            connection.keepalive.onSent(now);
            return true;
        }
        return false;
    }

    /** What was sent before and is lost; or the last segment as a probe for a lost tail. */
    private boolean emitAgain(long now, TcpConnection connection, SegmentSink sink) {
        LossRecovery recovery = connection.recovery;
        if (recovery.probeDue()) {
            if (mayProbeWithNew(connection)) {
                return false;
            }
            retransmit(now, connection, sink, recovery.probeStart(), recovery.probeEnd());
            return true;
        }
        if (recovery.hasLost()) {
            retransmit(now, connection, sink, recovery.lostStart(), recovery.lostEnd());
            return true;
        }
        return false;
    }

    private static boolean mayProbeWithNew(TcpConnection connection) {
        int unsent = connection.unsent();
        return unsent > 0 && connection.send.usable() >= Math.min(unsent, connection.segmentBytes);
    }

    private void retransmit(
            long now, TcpConnection connection, SegmentSink sink, int start, int lostEnd) {
        int first = connection.send.unacknowledged();
        int offset = SequenceNumber.distance(first, start);
        int text = SequenceNumber.distance(start, lostEnd);
        int textLeft = connection.sendQueue.length() - offset;
        int flags = TcpHeader.ACK;
        if (connection.finSent && text > textLeft) {
            flags |= TcpHeader.FIN;
            text = textLeft;
        }
        if (text > 0 && text == textLeft) {
            flags |= TcpHeader.PSH;
        }
        // Not marked as ECN-capable (RFC 3168, 6.1.5).
        writer.write(now, connection, sink, flags, start, offset, text, Ecn.NOT_CAPABLE);
        counters.retransmittedSegments++;
        connection.recovery.onRetransmitted(now, start, lostEnd);
    }

    private boolean emitNew(long now, TcpConnection connection, SegmentSink sink) {
        int unsent = connection.unsent();
        boolean fin = connection.outputClosed && !connection.finSent;
        if (unsent == 0 && !fin) {
            return false;
        }
        SegmentSize.raise(now, connection);
        int usable = connection.send.usable();
        int length = newLength(now, connection, sink, Math.min(unsent, usable));
        if (usable == 0 || !isWorthSending(connection, length, unsent, fin)) {
            return awaitWindow(now, connection, sink, length);
        }
        if (length > allowance(now, connection)) {
            return false;
        }
        boolean finFits = fin && length == unsent && usable > length;
        if (length == 0 && !finFits) {
            return awaitWindow(now, connection, sink, length);
        }
        sendNew(now, connection, sink, length, finFits);
        connection.probe.cancel();
        return true;
    }

    /** As much as one segment holds, or as several that the device cuts. */
    private static int newLength(
            long now, TcpConnection connection, SegmentSink sink, int sendable) {
        int segment = SegmentWriter.textMax(connection);
        if (sendable <= segment || sink.cutTextMax() <= segment || connection.recovery.probeDue()) {
            return Math.min(sendable, segment);
        }
        int longest =
                Math.min(Math.min(sendable, sink.cutTextMax()), connection.recovery.allowance(now));
        boolean all = longest == connection.unsent() && !connection.settings.nagle();
        return all ? longest : Math.max(segment, longest - (longest % segment));
    }

    private static int allowance(long now, TcpConnection connection) {
        return connection.recovery.probeDue() ? NO_LIMIT : connection.recovery.allowance(now);
    }

    private void sendNew(
            long now, TcpConnection connection, SegmentSink sink, int length, boolean fin) {
        int start = connection.send.next();
        int flags = TcpHeader.ACK;
        if (fin) {
            flags |= TcpHeader.FIN;
        }
        if (length > 0 && length == connection.unsent()) {
            flags |= TcpHeader.PSH; // MUST-61
        }
        int congestionBits = Ecn.NOT_CAPABLE;
        if (connection.ecn.enabled() && length > 0) {
            congestionBits = Ecn.CAPABLE;
            if (connection.recovery.cwrPending()) {
                flags |= TcpHeader.CWR;
                connection.recovery.onCwrSent();
            }
        }
        writer.write(
                now, connection, sink, flags, start, connection.inFlight(), length, congestionBits);
        connection.finSent |= fin;
        int count = length + (fin ? 1 : 0);
        connection.send.advance(count);
        connection.recovery.onSent(now, start, start + count);
    }

    /** Whether a segment of {@code length} is full, or small for a good reason. */
    private static boolean isWorthSending(
            TcpConnection connection, int length, int unsent, boolean fin) {
        if (length >= SegmentWriter.textMax(connection)) {
            return true;
        }
        if (length == unsent) {
            // All there is: Nagle holds it back while something is in flight.
            return fin || !connection.settings.nagle() || connection.inFlight() == 0;
        }
        return length >= connection.send.windowMax() / 2 || connection.probe.isDue();
    }

    /**
     * The window has no room. With nothing in flight no acknowledgment will tell when it has: the
     * persist timer sends something then.
     */
    private boolean awaitWindow(long now, TcpConnection connection, SegmentSink sink, int length) {
        if (connection.inFlight() > 0) {
            return false;
        }
        if (!connection.probe.isDue()) {
            connection.probe.arm(
                    now,
                    connection.roundTrip.timeoutNanos(),
                    RoundTripEstimator.LEAST_MAXIMUM_NANOS);
            return false;
        }
        connection.probe.onSent();
        counters.windowProbes++;
        if (length > 0) {
            sendNew(now, connection, sink, length, false);
            return true;
        }
        int flags = TcpHeader.ACK;
        int text = 1;
        if (connection.unsent() == 0) {
            flags |= TcpHeader.FIN;
            text = 0;
        }
        writer.write(
                now, connection, sink, flags, connection.send.next(), 0, text, Ecn.NOT_CAPABLE);
        connection.send.probe();
        return true;
    }

    private void emitAcknowledgment(long now, TcpConnection connection, SegmentSink sink) {
        writer.write(
                now,
                connection,
                sink,
                TcpHeader.ACK,
                connection.send.next(),
                0,
                0,
                Ecn.NOT_CAPABLE);
    }
}
