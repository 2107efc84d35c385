package io.byssus.stack.tcp;

import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;

/**
 * What the two ends agree on with their SYNs: segment size (RFC 9293, 3.7.1), window scale and
 * timestamps (RFC 7323), selective acknowledgment (RFC 2018), ECN (RFC 3168).
 */
final class Negotiation {
    /** What a peer can receive that does not say (MUST-15), over IPv4. */
    static final int MSS_DEFAULT = 536;

    /** CVE-2019-11479: a peer cannot make us send smaller segments. */
    static final int MSS_MIN = 48;

    /** The timestamp option with the two bytes that align it. */
    static final int TIMESTAMP_BYTES = 12;

    private Negotiation() {}

    /** Reads the peer's SYN. */
    static void onSyn(long now, TcpConnection connection, Segment segment) {
        TcpOptions options = segment.options;
        connection.receive.begin(segment.sequence);
        connection.peerMss =
                options.mss() == TcpOptions.ABSENT ? MSS_DEFAULT : Math.max(options.mss(), MSS_MIN);
        connection.selective = options.sackPermitted();
        if (options.hasTimestamps()) {
            connection.timestamps.enable(now, options.timestampValue());
        }
        connection.scaled = options.windowScale() != TcpOptions.ABSENT;
        if (connection.scaled) {
            connection.send.scale(options.windowScale());
        }
        connection.window.begin(
                connection.receive.next(), connection.scaled ? connection.windowShift() : 0);
        if (wantsEcn(connection, segment)) {
            connection.ecn.enable();
        }
    }

    /** A SYN asks with both flags, a SYN,ACK agrees with one (RFC 3168, 6.1.1). */
    private static boolean wantsEcn(TcpConnection connection, Segment segment) {
        if (!segment.has(TcpHeader.ACK)) {
            return segment.has(TcpHeader.ECE) && segment.has(TcpHeader.CWR);
        }
        return connection.settings.requestEcn()
                && segment.has(TcpHeader.ECE)
                && !segment.has(TcpHeader.CWR);
    }

    /** Both SYNs are known: sets up what depends on them. */
    static void finish(long now, TcpConnection connection) {
        SegmentSize.begin(connection);
        if (connection.handshake.transmissions() > 1) {
            connection.roundTrip.onSynRetransmitted();
            connection.congestion.onHandshakeTimeout();
        }
        connection.recovery.start(
                now,
                connection.send.next(),
                connection.segmentBytes,
                connection.selective,
                connection.timestamps.enabled());
        if (connection.settings.keepaliveNanos() > 0) {
            connection.keepalive =
                    new Keepalive(
                            now,
                            connection.settings.keepaliveNanos(),
                            connection.settings.keepaliveIntervalNanos(),
                            connection.settings.keepaliveProbes());
        }
    }

    /** Text of a full segment (MUST-16): Eff.snd.MSS, less the options that each one has. */
    static int segmentBytes(TcpConnection connection) {
        int mss = Math.min(connection.peerMss, connection.stack.pathMss(connection));
        return mss - (connection.timestamps.enabled() ? TIMESTAMP_BYTES : 0);
    }
}
