package io.byssus.stack.tcp;

import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;

/**
 * Segments that belong to no connection (RFC 9293, 3.10.7.1 and 3.10.7.2): a SYN for a listener
 * makes a half-open connection, or is answered with a cookie when there are too many of those; an
 * acknowledgment may bring such a cookie back; all else is reset.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class PassiveOpen {
    /** The endpoints have no record in TIME-WAIT. */
    static final int NO_RECORD = -1;

    /** Every connection has memory for as much. */
    private static final int COOKIE_WINDOW = 4096;

    private final TcpStack stack;
    private final TcpCounters counters;
    private final SynCookies cookies;

    PassiveOpen(TcpStack stack, SynCookies cookies) {
        this.stack = stack;
        this.counters = stack.counters();
        this.cookies = cookies;
    }

    /**
     * Takes a segment for which there is no connection.
     *
     * @param record of the endpoints in TIME-WAIT, which the segment may reopen, or {@link
     *     #NO_RECORD}
     */
    void onSegment(long now, Segment segment, int record) {
        if (segment.has(TcpHeader.RST)) {
            return;
        }
        TcpListener listener =
                stack.listener(segment.localHigh(), segment.localLow(), segment.localPort());
        if (listener == null) {
            counters.noListener++;
            stack.resetInAnswer(now, segment);
        } else if (segment.has(TcpHeader.ACK)) {
            onAcknowledgment(now, segment, listener);
        } else if (segment.has(TcpHeader.SYN)) {
            onSyn(now, segment, listener, record);
        }
        // Anything else is neither a SYN nor an answer to something: dropped (3.10.7.2, fourth).
    }

    private void onSyn(long now, Segment segment, TcpListener listener, int record) {
        if (listener.isDraining() || !listener.mayEstablish()) {
            counters.listenOverflows++;
            counters.listenDrops++;
            return;
        }
        if (!listener.mayOpenHalf() || stack.memory().isCritical()) {
            sendCookie(now, segment, listener);
            return;
        }
        TcpConnection connection = newConnection(segment, listener);
        switch (stack.enter(connection)) {
            case ENTERED -> open(now, segment, connection, record);
            case NO_ROOM -> sendCookie(now, segment, listener);
            // A copy of it has come to another shard, whose answer is on its way.
            case ELSEWHERE -> counters.listenDrops++;
        }
    }

    private void open(long now, Segment segment, TcpConnection connection, int record) {
        int sequence =
                record == NO_RECORD
                        ? stack.secrets().sequence(now, connection)
                        : stack.initialSequenceAfter(connection, record);
        connection.begin(now, sequence, stack.secrets().timestampOffset(connection));
        connection.halfOpen = true;
        connection.listener.halfOpened();
        connection.lastHeardNanos = now;
        Negotiation.onSyn(now, connection, segment);
        connection.transitionTo(TcpState.SYN_RECEIVED);
        connection.handshake.begin(now, Handshake.REAP_NANOS);
        stack.settle(connection);
    }

    private TcpConnection newConnection(Segment segment, TcpListener listener) {
        TcpConnection connection =
                new TcpConnection(
                        stack,
                        TcpConnection.Opening.PASSIVE,
                        new IpAddress(segment.localHigh(), segment.localLow()),
                        new IpAddress(segment.remoteHigh(), segment.remoteLow()),
                        segment.ports(),
                        listener.settings());
        connection.listener = listener;
        return connection;
    }

    private void sendCookie(long now, Segment segment, TcpListener listener) {
        counters.listenOverflows++;
        cookies.noteOverflow(now);
        Replies.Reply reply = stack.replies().add(segment);
        if (reply == null) {
            return;
        }
        TcpOptions options = segment.options;
        int mss = options.mss() == TcpOptions.ABSENT ? Negotiation.MSS_DEFAULT : options.mss();
        counters.synCookiesSent++;
        reply.flags = TcpHeader.SYN | TcpHeader.ACK;
        reply.acknowledgment = segment.sequence + 1;
        reply.sequence =
                cookies.cookie(
                        now,
                        segment.localHigh(),
                        segment.localLow(),
                        segment.remoteHigh(),
                        segment.remoteLow(),
                        segment.ports(),
                        segment.sequence,
                        mss);
        reply.window = COOKIE_WINDOW;
        if (!options.hasTimestamps()) {
            reply.handshake(stack.receiveMss(), TcpOptions.ABSENT, false);
            return;
        }
        boolean scales = options.windowScale() != TcpOptions.ABSENT;
        int kept =
                (scales ? options.windowScale() : CookieOptions.NO_SCALE)
                        | (options.sackPermitted() ? CookieOptions.SACK : 0);
        int value = TimestampClock.value(now, stack.secrets().timestampOffset(segment));
        reply.timestamps(CookieOptions.timestampValue(value, kept), options.timestampValue());
        reply.handshake(
                stack.receiveMss(),
                scales
                        ? ReceiveWindow.shiftFor(listener.settings().receiveBytesMax())
                        : TcpOptions.ABSENT,
                options.sackPermitted());
    }

    /** Perhaps the answer to a cookie; else nobody knows what it acknowledges. */
    private void onAcknowledgment(long now, Segment segment, TcpListener listener) {
        int mss = SynCookies.WRONG;
        if (!segment.has(TcpHeader.SYN) && cookies.mayAccept(now)) {
            mss =
                    cookies.check(
                            now,
                            segment.localHigh(),
                            segment.localLow(),
                            segment.remoteHigh(),
                            segment.remoteLow(),
                            segment.ports(),
                            segment.acknowledgment - 1,
                            segment.sequence - 1);
            if (mss == SynCookies.WRONG) {
                counters.synCookiesFailed++;
            }
        }
        if (mss == SynCookies.WRONG) {
            counters.noListener++;
            stack.resetInAnswer(now, segment);
        } else if (listener.mayEstablish()) {
            establish(now, segment, listener, mss);
        } else {
            counters.listenOverflows++;
        }
    }

    private void establish(long now, Segment segment, TcpListener listener, int mss) {
        TcpConnection connection = newConnection(segment, listener);
        if (stack.enter(connection) != KnownFlows.Entry.ENTERED) {
            counters.listenDrops++;
            return;
        }
        counters.synCookiesReceived++;
        connection.begin(
                now, segment.acknowledgment - 1, stack.secrets().timestampOffset(connection));
        connection.send.advance(1);
        connection.receive.begin(segment.sequence - 1);
        connection.peerMss = mss;
        if (segment.options.hasTimestamps()) {
            int kept = CookieOptions.of(segment.options.timestampEcho());
            connection.timestamps.enable(now, segment.options.timestampValue());
            connection.selective = (kept & CookieOptions.SACK) != 0;
            connection.scaled = CookieOptions.hasScale(kept);
            connection.send.scale(CookieOptions.scale(kept));
        }
        connection.window.begin(
                connection.receive.next(), connection.scaled ? connection.windowShift() : 0);
        connection.transitionTo(TcpState.SYN_RECEIVED);
        stack.arrive(now, connection, segment);
    }
}
