package io.byssus.stack.ip;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How many ICMP messages may go out (RFC 1812, 4.3.2.8): so many of each kind to each destination.
 *
 * <p>A limit is a counter that strangers can read: one who sends packets under a false address and
 * then asks for an answer to his own learns from its absence that the former were answered. So a
 * common limit told which UDP port of a resolver was open (SAD DNS, 2020), as one on challenge
 * acknowledgments told sequence numbers (CVE-2016-5696). Here
 *
 * <ul>
 *   <li>there is none that all destinations have in common: each falls into one of 256 buckets by a
 *       secret hash, and the sum of these is the bound on everything;
 *   <li>the secret changes every minute, so that it does not pay to look for an address of one's
 *       own in the bucket of another;
 *   <li>a message takes 1, 2 or 3 units at random, so that what is left tells little of how many
 *       were sent.
 * </ul>
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class IcmpLimiter {
    static final int BUCKETS = 256;
    static final long SECRET_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** The mean is 2. */
    private static final int UNITS_MAX = 3;

    private static final int UNITS_MEAN = 2;
    private static final int BUCKET_SHIFT = Long.SIZE - 8;

    private final RandomGenerator random;

    /** By kind and bucket; null until it is first used. */
    private final TokenBucket[][] buckets = new TokenBucket[IcmpMessage.values().length][BUCKETS];

    private long multiplier;
    private long addend;
    private long secretUntil = Long.MIN_VALUE;

    /**
     * With full buckets.
     *
     * @param random for secrets
     */
    public IcmpLimiter(RandomGenerator random) {
        this.random = random;
    }

    /** Whether one more such message may go there now; if so, it is counted. */
    public boolean allows(long now, IcmpMessage message, int destination) {
        if (secretUntil <= now) {
            multiplier = random.nextLong();
            addend = random.nextLong();
            secretUntil = now + SECRET_NANOS;
        }
        int bucket =
                (int)
                        ((multiplier * Integer.toUnsignedLong(destination) + addend)
                                >>> BUCKET_SHIFT);
        return bucket(message, bucket).take(now, 1 + random.nextInt(UNITS_MAX));
    }

    private TokenBucket bucket(IcmpMessage message, int bucket) {
        TokenBucket[] ofKind = buckets[message.ordinal()];
        if (ofKind[bucket] == null) {
            ofKind[bucket] =
                    new TokenBucket(message.perSecond() * UNITS_MEAN, message.burst() * UNITS_MEAN);
        }
        return ofKind[bucket];
    }
}
