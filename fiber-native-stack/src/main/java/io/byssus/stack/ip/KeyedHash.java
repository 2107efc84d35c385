package io.byssus.stack.ip;

import java.util.SplittableRandom;

/**
 * Hashes 128 bits to 32 with a secret: the sum of the four words times four secret 64-bit numbers,
 * and of that the upper half (multiply-shift for vectors: Dietzfelbinger, "Universal hashing and
 * k-wise independent random variables via integer arithmetic without primes", 1996).
 *
 * <p>Whatever two keys somebody chooses without knowing the secret, any leading bits of their
 * hashes are equal no more often than those of two random numbers. So nobody can fill one bucket of
 * a table on purpose; and it costs four multiplications.
 *
 * <p><b>Ownership:</b> immutable.
 */
final class KeyedHash {
    private final long first;
    private final long second;
    private final long third;
    private final long fourth;
    private final long addend;

    KeyedHash(long secret) {
        SplittableRandom stretched = new SplittableRandom(secret);
        first = stretched.nextLong();
        second = stretched.nextLong();
        third = stretched.nextLong();
        fourth = stretched.nextLong();
        addend = stretched.nextLong();
    }

    /** Take its leading bits; the others are not as good. */
    int hash(long high, long low) {
        long sum = addend;
        sum += first * (high >>> Integer.SIZE);
        sum += second * Integer.toUnsignedLong((int) high);
        sum += third * (low >>> Integer.SIZE);
        sum += fourth * Integer.toUnsignedLong((int) low);
        return (int) (sum >>> Integer.SIZE);
    }
}
