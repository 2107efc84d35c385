package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;

/**
 * What the timestamp option says (RFC 7323): TSval = milliseconds + F(4-tuple, secret).
 *
 * <p>The offset F hides how long this host has been up, and that two connections belong to one host
 * (RFC 7323, 7.1): timestamps of one connection tell nothing of another's. It is the same for every
 * connection of one pair of endpoints, so that their timestamps rise from one to the next, and a
 * SYN can take over a connection in TIME-WAIT (RFC 6191).
 *
 * <p>Values wrap after 49.7 days and can be compared for half of that, with {@link SequenceNumber}:
 * whoever keeps one for longer than 24 days must not compare it any more (RFC 7323, 5.5). A tick of
 * 1 ms is the fastest that allows this (5.4).
 *
 * <p><b>Ownership:</b> immutable. A connection keeps its offset, as the function is for once a
 * connection.
 */
final class TimestampClock {
    static final long TICK_NANOS = 1_000_000;

    private final SipHash secret;

    /** Has {@code secret} to itself. */
    TimestampClock(SipHash secret) {
        this.secret = secret;
    }

    int offset(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return (int) secret.hash(localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /** TSval. */
    static int value(long now, int offset) {
        return (int) Math.floorDiv(now, TICK_NANOS) + offset;
    }

    /**
     * The time since {@code value} was sent, in milliseconds, rounded either way; negative if it
     * never was. Means something for 24 days.
     */
    static int elapsedMillis(long now, int offset, int value) {
        return SequenceNumber.distance(value, value(now, offset));
    }
}
