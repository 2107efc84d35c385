package io.byssus.stack.tcp;

import java.util.random.RandomGenerator;

/**
 * Limits challenge ACKs and other answers to segments that may be forged (RFC 5961, section 7).
 *
 * <p>A limit that all connections share tells of one connection to another: an attacker provokes
 * exactly as many answers on his own as are allowed, and if one is missing, then his guess at the
 * other was right, which is how sequence numbers were found (CVE-2016-5696). Hence:
 *
 * <ul>
 *   <li>The limit that matters is per connection: one answer in half a second. An attacker who
 *       floods one connection silences that one alone, and cannot see another's.
 *   <li>A budget for all, against floods over many connections, is drawn anew each second, evenly
 *       from [n/2, 3n/2). What is missing drowns: to see one answer in n = 1000 takes some 10^5
 *       seconds of exhausting it, from hundreds of connections, for a single guess.
 * </ul>
 *
 * <p><b>Ownership:</b> confined to its shard. A connection keeps its own part, a {@code long}.
 */
final class ChallengeAckLimiter {
    static final long CONNECTION_INTERVAL_NANOS = 500_000_000;
    static final int PER_SECOND = 1000;

    private static final long WINDOW_NANOS = 1_000_000_000;

    private final RandomGenerator random;
    private final int perSecond;
    private long windowEnd;
    private int budget;

    private long answered;
    private long limitedByConnection;
    private long limitedByBudget;

    /**
     * With a budget of {@code perSecond} on average.
     *
     * @param now the first second begins
     */
    ChallengeAckLimiter(RandomGenerator random, int perSecond, long now) {
        if (perSecond < 2) {
            throw new IllegalArgumentException("perSecond=" + perSecond);
        }
        this.random = random;
        this.perSecond = perSecond;
        draw(now);
    }

    /**
     * Whether to answer; if so, it is counted.
     *
     * @param next when the connection may answer again: at first the time when it began, then
     *     {@link #next} of its last answer
     */
    boolean allows(long now, long next) {
        if (now - next < 0) {
            limitedByConnection++;
            return false;
        }
        return allows(now);
    }

    /**
     * For what has no connection to keep a time in, such as a record of TIME-WAIT. That has a
     * limiter of its own: it is used up from one address.
     */
    boolean allows(long now) {
        if (now - windowEnd >= 0) {
            draw(now);
        }
        if (budget == 0) {
            limitedByBudget++;
            return false;
        }
        budget--;
        answered++;
        return true;
    }

    /** When a connection that answers now may answer again. */
    static long next(long now) {
        return now + CONNECTION_INTERVAL_NANOS;
    }

    long answered() {
        return answered;
    }

    /** Answers not given since the same connection has given one just now. */
    long limitedByConnection() {
        return limitedByConnection;
    }

    /** Answers not given since all connections together have given many. */
    long limitedByBudget() {
        return limitedByBudget;
    }

    private void draw(long now) {
        windowEnd = now + WINDOW_NANOS;
        budget = (perSecond / 2) + random.nextInt(perSecond);
    }
}
