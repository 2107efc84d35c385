package io.byssus.stack.ip;

import java.util.random.RandomGenerator;

/**
 * SipHash (Aumasson and Bernstein, 2012): a keyed function from a few words to 64 bits. To whoever
 * does not know the key its results look random and unrelated, even for words of his choice.
 *
 * <p>{@code hash} is SipHash-2-4, a pseudo-random function: for what a peer sees of the result,
 * such as sequence numbers, and must not be able to continue. {@code tableHash} is SipHash-1-3, in
 * half the time, for hash tables: an attacker who sees no result, only how long a look-up takes,
 * cannot aim at a bucket (Rust, Python and Linux use it so). The words are hashed as their bytes in
 * little-endian order would be.
 *
 * <p><b>Ownership:</b> immutable; does not allocate. The key is a secret.
 */
public final class SipHash {
    private static final long STATE_0 = 0x736f_6d65_7073_6575L;
    private static final long STATE_1 = 0x646f_7261_6e64_6f6dL;
    private static final long STATE_2 = 0x6c79_6765_6e65_7261L;
    private static final long STATE_3 = 0x7465_6462_7974_6573L;
    private static final long END = 0xff;

    private static final int PRF_COMPRESSIONS = 2;
    private static final int PRF_FINALIZATIONS = 4;
    private static final int TABLE_COMPRESSIONS = 1;
    private static final int TABLE_FINALIZATIONS = 3;

    /** The last word has the number of bytes in its highest byte. */
    private static final int LENGTH_SHIFT = 56;

    private final long key0;
    private final long key1;

    /** With the key whose bytes, in little-endian order, are those of the two words. */
    public SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /** With a new key. Each purpose needs its own. */
    public SipHash(RandomGenerator random) {
        this(random.nextLong(), random.nextLong());
    }

    public long hash(long a) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 1, a, length(1), 0, 0, 0, 0, 0);
    }

    public long hash(long a, long b) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 2, a, b, length(2), 0, 0, 0, 0);
    }

    public long hash(long a, long b, long c) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 3, a, b, c, length(3), 0, 0, 0);
    }

    public long hash(long a, long b, long c, long d) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 4, a, b, c, d, length(4), 0, 0);
    }

    public long hash(long a, long b, long c, long d, long e) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 5, a, b, c, d, e, length(5), 0);
    }

    public long hash(long a, long b, long c, long d, long e, long f) {
        return digest(PRF_COMPRESSIONS, PRF_FINALIZATIONS, 6, a, b, c, d, e, f, length(6));
    }

    public long tableHash(long a, long b) {
        return digest(TABLE_COMPRESSIONS, TABLE_FINALIZATIONS, 2, a, b, length(2), 0, 0, 0, 0);
    }

    public long tableHash(long a, long b, long c, long d, long e) {
        return digest(TABLE_COMPRESSIONS, TABLE_FINALIZATIONS, 5, a, b, c, d, e, length(5), 0);
    }

    private static long length(int words) {
        return ((long) words * Long.BYTES) << LENGTH_SHIFT;
    }

    /** Of {@code words} words and, after them, the length. */
    private long digest(
            int compressions,
            int finalizations,
            int words,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g) {
        long v0 = key0 ^ STATE_0;
        long v1 = key1 ^ STATE_1;
        long v2 = key0 ^ STATE_2;
        long v3 = key1 ^ STATE_3;
        // The finalization is one more step, with other rounds and no word.
        for (int left = words + 1; left >= 0; left--) {
            boolean last = left == 0;
            long word = last ? 0 : a;
            int rounds = last ? finalizations : compressions;
            v2 ^= last ? END : 0;
            v3 ^= word;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
            a = b;
            b = c;
            c = d;
            d = e;
            e = f;
            f = g;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
