package io.byssus.stack.tcp;

/**
 * How an open connection's segments follow what the path takes: they shrink when the path turns out
 * to be narrower than was thought (RFC 1191, 6.4), and grow back when it is time to try again
 * (6.3).
 */
final class SegmentSize {
    private SegmentSize() {}

    /** The size, once both SYNs are known. */
    static void begin(TcpConnection connection) {
        connection.segmentBytes = Negotiation.segmentBytes(connection);
        awaitRaise(connection);
    }

    /**
     * A router has refused a segment: what is too long is sent again at once, and the congestion
     * window stays, as nothing was congested (RFC 1191, 6.4). As Linux does it, all that the window
     * allows goes at once, where the RFC lets one segment out before an acknowledgment comes.
     */
    static void onRefusal(long now, TcpConnection connection) {
        if (shrinks(connection)) {
            connection.recovery.onRefusal(now, connection.segmentBytes);
        }
    }

    /** Large segments seem to get lost; which of those in flight did is not known. */
    static void onSuspicion(TcpConnection connection) {
        if (shrinks(connection)) {
            connection.recovery.segmentBytes(connection.segmentBytes);
        }
    }

    /** Takes a larger size if the path may take it by now; to be asked before new text is sent. */
    static void raise(long now, TcpConnection connection) {
        if (now < connection.raiseSegmentsAt) {
            return;
        }
        int bytes = Negotiation.segmentBytes(connection);
        if (bytes > connection.segmentBytes) {
            connection.segmentBytes = bytes;
            connection.recovery.segmentBytes(bytes);
        }
        awaitRaise(connection);
    }

    private static boolean shrinks(TcpConnection connection) {
        int bytes = Negotiation.segmentBytes(connection);
        if (bytes >= connection.segmentBytes) {
            return false;
        }
        connection.segmentBytes = bytes;
        awaitRaise(connection);
        return true;
    }

    private static void awaitRaise(TcpConnection connection) {
        connection.raiseSegmentsAt = connection.stack.host().pathMtuRaisesAt(connection.remote);
    }
}
