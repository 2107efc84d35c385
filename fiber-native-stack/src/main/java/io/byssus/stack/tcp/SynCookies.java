package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;

/**
 * SYN cookies (RFC 4987, 3.6): while the half-open connections are as many as may be, a SYN is
 * answered and forgotten; what must be remembered stands in the initial sequence number, which
 * comes back with the acknowledgment.
 *
 * <pre>
 * cookie = F(4-tuple, peer's ISN, period, secret) + index of the MSS, modulo 2^32
 * </pre>
 *
 * <p>F is SipHash-2-4, cut to 32 bits. The periods are of 64 s: each is a secret of its own, as the
 * number of the period is among what is hashed; so shards that share the secret and the clock agree
 * without a word. A cookie is right in its own period and in the next one, for 64 to 128 s. One
 * acknowledgment in 2^27 that was made up is taken for right: 16 indexes, in two periods, of 2^32
 * numbers. And only while {@link #mayAccept}.
 *
 * <p>These sequence numbers do not follow the clock: the deviation from MUST-8 that every
 * implementation of SYN cookies makes. What else a SYN asks for is in {@link CookieOptions}.
 *
 * <p>The shards of a host share one: the acknowledgment of a cookie may come to another shard than
 * the SYN did.
 *
 * <p><b>Ownership:</b> any shard.
 */
final class SynCookies {
    static final long PERIOD_NANOS = 64_000_000_000L;

    /** What {@link #check} answers when there is no such cookie. */
    static final int WRONG = -1;

    /**
     * The largest one that is not above the peer's is used. 48 is for peers that say less than
     * anyone in earnest does, and the least that this stack sends; 216, 536 and 1024 for small
     * links; 1220 is IPv6's default; 1300 to 1452 is Ethernet with tunnels, IPv6 or PPPoE; 1460
     * Ethernet; 4056, 8940 and 8960 are packets of 4096 and 9000 bytes.
     */
    private static final int[] SEGMENT_SIZES = {
        48, 216, 536, 1024, 1220, 1300, 1360, 1380, 1400, 1420, 1440, 1452, 1460, 4056, 8940, 8960
    };

    private static final int PERIODS_VALID = 2;

    private final SipHash secret;

    /** When a SYN found no room last; means something only if there was one. */
    private volatile long overflow;

    private volatile boolean overflowed;

    /**
     * With no overflow yet.
     *
     * @param secret for this purpose alone
     */
    SynCookies(SipHash secret) {
        this.secret = secret;
    }

    /** A SYN found no room: cookies are made, and accepted for two periods from now. */
    void noteOverflow(long now) {
        overflow = now; // in this order: who sees that there was one sees when
        overflowed = true;
    }

    /** Whether an acknowledgment for no connection can be one of a cookie. */
    boolean mayAccept(long now) {
        if (overflowed && now - overflow >= PERIODS_VALID * PERIOD_NANOS) {
            // Forgotten, or else the clock would wrap round to it one day. If another shard has
            // noted one this very moment, it will do so again at its next SYN.
            overflowed = false;
        }
        return overflowed;
    }

    /**
     * The initial sequence number to answer a SYN with.
     *
     * @param peerSequence the SYN's
     * @param peerSegmentSize the MSS that it offers; 536 or 1220 if it offers none
     */
    int cookie(
            long now,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int peerSequence,
            int peerSegmentSize) {
        long inputs = pack(ports, peerSequence);
        return function(period(now), localHigh, localLow, remoteHigh, remoteLow, inputs)
                + index(peerSegmentSize);
    }

    /**
     * What the peer may be sent at most in a segment, if this acknowledges a cookie; else {@link
     * #WRONG}.
     *
     * @param acknowledged the acknowledgment number, minus 1
     * @param peerSequence the segment's sequence number, minus 1
     */
    int check(
            long now,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int acknowledged,
            int peerSequence) {
        if (!mayAccept(now)) {
            return WRONG;
        }
        long inputs = pack(ports, peerSequence);
        for (int age = 0; age < PERIODS_VALID; age++) {
            long period = period(now) - age;
            int base = function(period, localHigh, localLow, remoteHigh, remoteLow, inputs);
            int index = SequenceNumber.distance(base, acknowledged);
            if (index >= 0 && index < SEGMENT_SIZES.length) {
                return SEGMENT_SIZES[index];
            }
        }
        return WRONG;
    }

    private int function(
            long period,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            long inputs) {
        return (int) secret.hash(localHigh, localLow, remoteHigh, remoteLow, inputs, period);
    }

    private static long pack(int ports, int peerSequence) {
        return ((long) ports << Integer.SIZE) | Integer.toUnsignedLong(peerSequence);
    }

    private static long period(long now) {
        return Math.floorDiv(now, PERIOD_NANOS);
    }

    private static int index(int segmentSize) {
        int index = SEGMENT_SIZES.length - 1;
        while (index > 0 && SEGMENT_SIZES[index] > segmentSize) {
            index--;
        }
        return index;
    }
}
