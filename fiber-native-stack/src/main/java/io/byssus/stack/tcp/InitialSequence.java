package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;

/**
 * Initial sequence numbers (RFC 6528): ISN = M + F(4-tuple, secret). M is a clock that ticks every
 * 4 µs (RFC 9293, 3.4.1), so that the numbers of one pair of endpoints rise from one connection to
 * the next, for 4.77 hours until they wrap; F is SipHash-2-4, so that nobody can tell from his own
 * connections where those of others begin.
 *
 * <p><b>Ownership:</b> immutable. A host's shards share the secret, as a pair of endpoints may
 * belong to one of them now and to another later.
 */
final class InitialSequence {
    static final long TICK_NANOS = 4_000;

    private final SipHash secret;

    /**
     * Has {@code secret} to itself: a value of the same function under the same key, seen
     * elsewhere, would tell F.
     */
    InitialSequence(SipHash secret) {
        this.secret = secret;
    }

    int next(long now, long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int clock = (int) Math.floorDiv(now, TICK_NANOS);
        return clock + (int) secret.hash(localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /**
     * For a connection that takes over its endpoints from one in TIME-WAIT: after every number of
     * that, even if it sent faster than the clock ticks (RFC 9293, 3.6.1).
     *
     * @param floor the first that may be used
     */
    int nextFrom(
            long now,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int floor) {
        return SequenceNumber.max(
                next(now, localHigh, localLow, remoteHigh, remoteLow, ports), floor);
    }
}
