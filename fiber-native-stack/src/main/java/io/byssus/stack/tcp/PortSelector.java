package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;
import java.util.random.RandomGenerator;

/**
 * Picks the local port of an outgoing connection: RFC 6056, algorithm 4 (double hash).
 *
 * <p>A keyed hash of the destination says where its walk through the range begins, a second one
 * which counter says how far it has come. So nobody can tell from his own connections the ports of
 * those to others, and a port comes back to the same destination only after the whole range. A
 * counter goes on by a random step, 4.5 on average: those who share one by chance cannot count each
 * other's connections in it (Klein, "Device tracking via Linux's TCP source port selection").
 *
 * <p>A port must also be one whose flow hashes to this shard. The search is bounded, since with
 * many shards and many connections there may be no such port.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class PortSelector {
    static final int FIRST = 32_768;
    static final int LAST = 60_999;

    /** With 64 shards and half of the ports taken it fails once in 3,000 times. */
    static final int TRIES = 1024;

    private static final int PORT_MAX = 0xffff;
    private static final int COUNTERS = 1024;
    private static final int STEP_MAX = 8;

    private final SipHash secret;
    private final RandomGenerator random;
    private final int first;
    private final int count;
    private final int triesMax;
    private final int[] counters = new int[COUNTERS];

    /** Says which ports will do. */
    interface Candidates {
        /** Whether the flow that the port would make hashes to this shard; asked first. */
        boolean hashesHome(int port);

        /** Whether no connection has it, not even in TIME-WAIT, and nobody has bound it. */
        boolean isFree(int port);
    }

    PortSelector(SipHash secret, RandomGenerator random) {
        this(secret, random, FIRST, LAST, TRIES);
    }

    /** With ports of {@code first} to {@code last}, both included. */
    PortSelector(SipHash secret, RandomGenerator random, int first, int last, int triesMax) {
        if (first < 1 || last < first || last > PORT_MAX || triesMax < 1) {
            throw new IllegalArgumentException(
                    "first=" + first + " last=" + last + " triesMax=" + triesMax);
        }
        this.secret = secret;
        this.random = random;
        this.first = first;
        this.count = last - first + 1;
        this.triesMax = Math.min(triesMax, count);
        for (int counter = 0; counter < COUNTERS; counter++) {
            counters[counter] = random.nextInt(count);
        }
    }

    /** A port for a connection to this destination, or -1 if the search found none. */
    int select(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            Candidates candidates) {
        long hash = secret.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        // Its halves are as good as two functions.
        int offset = Integer.remainderUnsigned((int) hash, count);
        int counter = (int) (hash >>> Integer.SIZE) & (COUNTERS - 1);
        for (int tries = 0; tries < triesMax; tries++) {
            int at = Integer.remainderUnsigned(counters[counter] + tries, count);
            int port = first + ((offset + at) % count);
            if (candidates.hashesHome(port) && candidates.isFree(port)) {
                advance(counter, tries);
                return port;
            }
        }
        // The next search begins where this one has ended.
        advance(counter, triesMax - 1);
        return -1;
    }

    private void advance(int counter, int tries) {
        int step = tries + 1 + random.nextInt(STEP_MAX);
        // Kept within the range, since 2^32 is no multiple of it.
        counters[counter] = (counters[counter] + step) % count;
    }
}
