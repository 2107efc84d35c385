package io.byssus.stack.ip;

import java.util.random.RandomGenerator;

/**
 * The identifications of datagrams that may be fragmented (RFC 6864): each shard has a part of the
 * 65,536 for itself, and uses all of it before one comes again.
 *
 * <p>They come in a secret order. A counter would tell everybody how much we send to others, and
 * which identification comes next, so that a stranger could slip a fragment in (RFC 7739 on the
 * same for IPv6). The order is a permutation: three rounds of a multiplication with a secret odd
 * number and a shift, both of which can be undone; numbers beyond the shard's part are skipped.
 *
 * <p>A datagram that must not be fragmented needs none and has {@link #ATOMIC} (RFC 6864, 4.1);
 * {@link #next} never answers that.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class IdentificationSource {
    /** Of a datagram with the "don't fragment" flag. */
    public static final int ATOMIC = 0;

    private static final int IDENTIFICATIONS = 1 << Short.SIZE;
    private static final int ROUNDS = 3;

    private final int shard;
    private final int shards;

    /** How many there are for this shard. */
    private final int count;

    private final int mask;
    private final int shift;
    private final int[] multipliers = new int[ROUNDS];
    private final int[] addends = new int[ROUNDS];
    private int at;

    /**
     * The part of shard {@code shard} of {@code shards}.
     *
     * @param random for where it begins, and the order
     */
    public IdentificationSource(int shard, int shards, RandomGenerator random) {
        if (shard < 0 || shard >= shards || shards > IDENTIFICATIONS / 4) {
            throw new IllegalArgumentException("shard=" + shard + " shards=" + shards);
        }
        this.shard = shard;
        this.shards = shards;
        count = (IDENTIFICATIONS - shard + shards - 1) / shards;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
        mask = (1 << bits) - 1;
        shift = (bits + 1) / 2;
        for (int i = 0; i < ROUNDS; i++) {
            multipliers[i] = random.nextInt() | 1;
            addends[i] = random.nextInt();
        }
        at = random.nextInt();
    }

    /** For one datagram to anybody. */
    public int next() {
        while (true) {
            int index = permuted(at++ & mask);
            int identification = shard + index * shards;
            if (index < count && identification != ATOMIC) {
                return identification;
            }
        }
    }

    private int permuted(int number) {
        int value = number;
        for (int i = 0; i < ROUNDS; i++) {
            value = (value * multipliers[i] + addends[i]) & mask;
            value ^= value >>> shift;
        }
        return value;
    }
}
