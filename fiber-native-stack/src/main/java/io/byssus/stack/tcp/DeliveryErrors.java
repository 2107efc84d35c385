package io.byssus.stack.tcp;

import io.byssus.stack.ip.PathMtuCache;
import io.byssus.stack.wire.TcpHeader;

/**
 * What becomes of a connection whose segments do not arrive, as others say (RFC 1122, 4.2.3.9) or
 * as it looks.
 *
 * <p>Deliberately (RFC 5927, 5.2): in the synchronized states no report ends a connection, since it
 * may be forged, or pass.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class DeliveryErrors {
    /** Text that any path takes, with any options. */
    private static final int SMALL_BYTES =
            PathMtuCache.FLOOR - TcpHost.HEADER_BYTES - TcpHeader.OPTION_BYTES_MAX;

    /** So many times as many timeouts are needed where others arrive. */
    private static final int MORE = 2;

    private final TcpStack stack;

    DeliveryErrors(TcpStack stack) {
        this.stack = stack;
    }

    /** Somebody reports that a segment that is in flight could not be delivered. */
    void onUnreachable(long now, TcpConnection connection, Unreachable reason) {
        switch (reason) {
            case TOO_LARGE -> onTooLarge(now, connection);
            case FOR_NOW -> connection.troubled(reason.failure());
            case HOST, NETWORK, NEIGHBOUR, PORT -> onNoWay(connection, reason);
        }
    }

    private void onNoWay(TcpConnection connection, Unreachable reason) {
        if (connection.state().isSynchronized()) {
            connection.troubled(reason.failure());
        } else {
            stack.counters().attemptFails++;
            connection.end(reason.failure());
        }
    }

    private static void onTooLarge(long now, TcpConnection connection) {
        if (connection.state().isSynchronized()) {
            SegmentSize.onRefusal(now, connection);
        }
    }

    /**
     * A retransmission timed out: after some, the path may swallow large packets (RFC 2923, 2.1).
     * Each further one makes them smaller, as long as it is a full segment that gets lost.
     *
     * <p>If a large one has arrived that was sent after it, chance is more likely, and it takes
     * more of them; that the path has changed since is still possible.
     */
    void onTimeout(TcpConnection connection) {
        boolean others = connection.recovery.segments().longestSacked() > SMALL_BYTES;
        int timeouts = stack.limits().blackHoleTimeouts() * (others ? MORE : 1);
        if (connection.recovery.consecutiveTimeouts() >= timeouts
                && losesLargeSegment(connection)
                && stack.host().suspectPathMtu(connection.remote)) {
            SegmentSize.onSuspicion(connection);
        }
    }

    /**
     * Where SACK blocks are beside it, not even a full one is as long as the path was thought to
     * take.
     */
    private static boolean losesLargeSegment(TcpConnection connection) {
        return connection.recovery.lostEnd() - connection.recovery.lostStart() > SMALL_BYTES;
    }
}
