package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/**
 * What time does to a connection (RFC 9293, 3.10.8): the one deadline of all its timers, and what
 * happens then.
 */
final class ConnectionTimers {
    static final long NONE = Long.MAX_VALUE;

    /** How long a connection that nobody has waits in FIN-WAIT-2 for the peer's end. */
    static final long ORPHAN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The silence after which a connection is idle. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Probes of a closed window without an answer before the user timeout counts. */
    private static final int PROBES_MIN = 3;

    /** Transmissions in vain after which the user is told (SHLD-9, SHLD-10). */
    private static final int R1 = 3;

    private ConnectionTimers() {}

    /** When {@link #onDeadline} has something to do. */
    static long deadline(TcpConnection connection) {
        return switch (connection.state()) {
            case CLOSED, TIME_WAIT -> NONE;
            case SYN_SENT, SYN_RECEIVED -> connection.handshake.deadline();
            case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK ->
                    synchronizedDeadline(connection);
        };
    }

    private static long synchronizedDeadline(TcpConnection connection) {
        long earliest = Math.min(connection.recovery.deadline(), connection.acks.deadline());
        earliest = Math.min(earliest, connection.probe.deadline());
        earliest = Math.min(earliest, connection.finWaitDeadline);
        earliest = Math.min(earliest, connection.trimDeadline);
        if (connection.keepalive != null && connection.inFlight() == 0) {
            earliest = Math.min(earliest, connection.keepalive.deadline());
        }
        return earliest;
    }

    static void onDeadline(long now, TcpConnection connection) {
        switch (connection.state()) {
            case CLOSED, TIME_WAIT -> {
                // no timers
            }
            case SYN_SENT, SYN_RECEIVED -> onHandshakeDeadline(now, connection);
            case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK ->
                    onSynchronizedDeadline(now, connection);
        }
    }

    private static void onHandshakeDeadline(long now, TcpConnection connection) {
        Handshake handshake = connection.handshake;
        if (now < handshake.deadline()) {
            return;
        }
        if (connection.halfOpen && connection.stack.memory().isCritical()) {
            connection.stack.counters().attemptFails++;
            connection.stack.counters().halfOpenPruned++;
            connection.timeOut();
            return;
        }
        if (handshake.isOver(now)) {
            connection.stack.counters().attemptFails++;
            if (connection.opening == TcpConnection.Opening.PASSIVE) {
                connection.stack.counters().halfOpenReaped++;
            }
            connection.timeOut();
            return;
        }
        if (handshake.transmissions() == R1) {
            connection.troubled(TcpFailure.TIMED_OUT);
        }
        connection.stack.counters().timeouts++;
        connection.roundTrip.backOff();
        handshake.again();
    }

    private static void onSynchronizedDeadline(long now, TcpConnection connection) {
        if (now >= connection.finWaitDeadline) {
            connection.end(TcpFailure.NONE);
            return;
        }
        if (now >= connection.trimDeadline) {
            onTrimDeadline(now, connection);
        }
        connection.acks.onDeadline(now);
        connection.probe.onDeadline(now);
        if (now >= connection.recovery.deadline()) {
            int events = connection.recovery.onDeadline(now);
            if ((events & LossRecovery.TIMEOUT) != 0) {
                connection.stack.counters().timeouts++;
                suspect(connection);
            }
        }
        if (connection.stack.memory().giveUp(connection)) {
            return; // else peers that read nothing could keep all there is (RFC 6429, 4)
        }
        if (isHopeless(now, connection)) {
            connection.stack.counters().abortsOnTimeout++;
            connection.timeOut();
            return;
        }
        if (connection.keepalive != null
                && connection.inFlight() == 0
                && !connection.keepalive.onDeadline(now)) {
            connection.stack.counters().abortsOnTimeout++;
            connection.timeOut();
        }
    }

    /** Retransmissions in vain tell of the path, unless it is the window that is closed. */
    private static void suspect(TcpConnection connection) {
        if (connection.send.window() == 0) {
            return;
        }
        connection.stack.deliveryErrors().onTimeout(connection);
        if (connection.recovery.consecutiveTimeouts() == R1) {
            connection.troubled(TcpFailure.TIMED_OUT);
        }
    }

    private static void onTrimDeadline(long now, TcpConnection connection) {
        connection.trimDeadline = NONE; // armed anew if it is roomy still
        if (now - connection.lastHeardNanos >= IDLE_NANOS) {
            connection.trim();
        }
    }

    /**
     * Whether the peer has been silent for longer than R2 (MUST-20), with something to answer. What
     * lies beyond a window that it has shrunk does not count while it says so (SHLD-17).
     */
    private static boolean isHopeless(long now, TcpConnection connection) {
        long limit = connection.settings.userTimeoutNanos();
        if (connection.recovery.consecutiveTimeouts() > 0) {
            long since =
                    Math.max(
                            connection.recovery.firstUnackedSinceNanos(),
                            connection.windowClosedNanos);
            return now - since >= limit;
        }
        return connection.probe.count() >= PROBES_MIN && now - connection.lastHeardNanos >= limit;
    }
}
