package io.byssus.stack.tcp;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The Toeplitz hash, with which devices spread flows over their queues: for each bit that is set in
 * the input, the 32 bits of the key that begin at the same place are combined by exclusive or. The
 * input is source address, destination address, source port, destination port; IPv4 addresses have
 * 4 bytes, others 16.
 *
 * <p>With the {@link #SYMMETRIC} key both directions of a flow hash alike: it repeats after 16
 * bits, so that words 16 bits apart are interchangeable (Woo and Park, 2012). That folds the input
 * to 16 bits, and anyone can find flows that collide. It picks the shard and nothing else; tables
 * use {@link FlowHash}.
 *
 * <p>The hash of a byte at each place comes from a table; places where the key looks the same share
 * one, so that the symmetric hash's tables are 2 KiB.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ToeplitzHash {
    /** Two IPv6 addresses, two ports. */
    private static final int INPUT_BYTES_MAX = 36;

    private static final int KEY_BYTES = INPUT_BYTES_MAX + Integer.BYTES;

    /** Hashes a flow and its reverse alike. */
    public static final ToeplitzHash SYMMETRIC =
            new ToeplitzHash(HexFormat.of().parseHex("6d5a".repeat(KEY_BYTES / Short.BYTES)));

    private static final int BYTE_VALUES = 256;
    private static final int BYTE_MASK = 0xff;
    private static final long MAPPED_PREFIX = 0xffffL;

    /** Odd, with bits all over: 2^32 divided by the golden ratio. */
    private static final int SPREAD = 0x9e37_79b9;

    /** For each place of a byte, the hash of each value that it may have there. */
    private final int[][] tables = new int[INPUT_BYTES_MAX][];

    /**
     * With any key.
     *
     * @param key 40 bytes
     */
    ToeplitzHash(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("key.length=" + key.length);
        }
        for (int place = 0; place < INPUT_BYTES_MAX; place++) {
            tables[place] = repeats(key, place) ? tables[place - Short.BYTES] : table(key, place);
        }
    }

    /**
     * The hash of a packet of a flow.
     *
     * @param ports the source's in the upper half
     */
    public int ofFlow(
            long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int ports) {
        if (isIpv4(sourceHigh, sourceLow) && isIpv4(destinationHigh, destinationLow)) {
            return ofIpv4((int) sourceLow, (int) destinationLow, ports);
        }
        int hash = ofLong(0, sourceHigh);
        int place = Long.BYTES;
        hash ^= ofLong(place, sourceLow);
        place += Long.BYTES;
        hash ^= ofLong(place, destinationHigh);
        place += Long.BYTES;
        hash ^= ofLong(place, destinationLow);
        place += Long.BYTES;
        return hash ^ ofInt(place, ports);
    }

    /**
     * The hash of a fragment, which need not have ports: that of its datagram's other fragments.
     *
     * @param identification 16 bits in IPv4, 32 in IPv6
     */
    public int ofFragment(
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int protocol,
            int identification) {
        return ofFlow(
                sourceHigh,
                sourceLow,
                destinationHigh,
                destinationLow,
                (protocol << Short.SIZE) ^ identification);
    }

    /**
     * The shard for a hash, of {@code shards}. Neighbouring ports and addresses differ in few bits
     * of a hash, so all of them are mixed first; any number of shards gets equal parts.
     */
    public static int shard(int hash, int shards) {
        assert shards > 0 : "shards=" + shards;
        return (int) ((Integer.toUnsignedLong(hash * SPREAD) * shards) >>> Integer.SIZE);
    }

    private int ofIpv4(int source, int destination, int word) {
        return ofInt(0, source)
                ^ ofInt(Integer.BYTES, destination)
                ^ ofInt(2 * Integer.BYTES, word);
    }

    private int ofLong(int place, long value) {
        return ofInt(place, (int) (value >>> Integer.SIZE))
                ^ ofInt(place + Integer.BYTES, (int) value);
    }

    /** Of the four bytes from {@code place}, in network order. */
    private int ofInt(int place, int value) {
        return tables[place][value >>> 24]
                ^ tables[place + 1][(value >>> 16) & BYTE_MASK]
                ^ tables[place + 2][(value >>> 8) & BYTE_MASK]
                ^ tables[place + 3][value & BYTE_MASK];
    }

    private static boolean isIpv4(long high, long low) {
        return high == 0 && (low >>> Integer.SIZE) == MAPPED_PREFIX;
    }

    /**
     * Whether a byte at {@code place} meets the same 39 bits of the key as one two bytes before.
     */
    private static boolean repeats(byte[] key, int place) {
        int before = place - Short.BYTES;
        return before >= 0
                && Arrays.equals(
                        key,
                        place,
                        place + Integer.BYTES + 1,
                        key,
                        before,
                        before + Integer.BYTES + 1);
    }

    private static int[] table(byte[] key, int place) {
        int[] table = new int[BYTE_VALUES];
        long window = 0;
        for (int i = 0; i <= Integer.BYTES && place + i < key.length; i++) {
            window = (window << Byte.SIZE) | Byte.toUnsignedLong(key[place + i]);
        }
        for (int value = 0; value < BYTE_VALUES; value++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                // The highest bit of the byte meets the window's first 32 bits.
                boolean set = (value & (1 << (Byte.SIZE - 1 - bit))) != 0;
                table[value] ^= set ? (int) (window >>> (Byte.SIZE - bit)) : 0;
            }
        }
        return table;
    }
}
