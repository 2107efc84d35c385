package io.byssus.stack.ip;

import java.util.concurrent.TimeUnit;

/**
 * The largest packet that gets to each destination (RFC 1191).
 *
 * <p>It starts as the MTU of our own link, and falls when a router reports that a packet did not
 * fit, or when the transport finds that large ones vanish. Ten minutes after it fell, the link's is
 * tried again.
 *
 * <p>Anybody can send such a report, so the transport first compares what it quotes with what is in
 * flight (RFC 5927, 4 and 7.2); what is left to a liar is bounded here. A report never raises an
 * MTU, none is below 68, which every link carries, and none takes an MTU below 552: then the
 * packets of 576 bytes that everybody takes would be in danger from a single forged one. A path
 * with a smaller MTU, of which none has been seen for decades, does not work.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class PathMtuCache {
    /** No MTU is less than this. */
    public static final int FLOOR = 552;

    static final long AGE_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** RFC 791, 3.2. */
    private static final int LINK_MTU_MIN = 68;

    /** RFC 1191, 7.1, for routers that do not say which MTU it is; and one between, for tunnels. */
    private static final int[] PLATEAUS = {
        65_535, 32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_400, 1_006, FLOOR
    };

    private static final int NONE = KeyedTable.NONE;

    private final int linkMtu;

    /** From the path whose MTU fell first to the last. */
    private final KeyedTable table;

    private final int[] mtus;
    private final long[] expiresAt;
    private final Counters<PathMtuEvent> counters = new Counters<>(PathMtuEvent.class);

    /**
     * No path is known.
     *
     * @param linkMtu at least {@link #FLOOR}
     * @param secret random: it keeps others from choosing addresses that share a bucket
     */
    public PathMtuCache(int linkMtu, int pathsMax, long secret) {
        if (linkMtu < FLOOR || pathsMax < 1) {
            throw new IllegalArgumentException("linkMtu=" + linkMtu + " pathsMax=" + pathsMax);
        }
        this.linkMtu = linkMtu;
        table = new KeyedTable(pathsMax, secret);
        mtus = new int[pathsMax];
        expiresAt = new long[pathsMax];
    }

    /** The largest packet for a destination, in bytes. */
    public int mtu(long now, int destination) {
        int slot = find(destination);
        if (slot == NONE) {
            return linkMtu;
        }
        if (expiresAt[slot] <= now) {
            table.remove(slot);
            return linkMtu;
        }
        return mtus[slot];
    }

    /**
     * When {@link #mtu} will answer more for a destination, so that larger packets may be tried;
     * {@link Long#MAX_VALUE} if it is the link's.
     */
    public long raisesAt(int destination) {
        int slot = find(destination);
        return slot == NONE ? Long.MAX_VALUE : expiresAt[slot];
    }

    /**
     * A router says that a packet was too long. Call it only when the quoted packet is one that may
     * be on its way.
     *
     * @param reported the next link's MTU; 0 from a router older than RFC 1191
     * @param packetLength the total length in the quoted header
     * @return whether the MTU has fallen
     */
    public boolean onReport(long now, int destination, int reported, int packetLength) {
        int current = mtu(now, destination);
        boolean plausible =
                reported == 0
                        ? packetLength > LINK_MTU_MIN
                        : reported >= LINK_MTU_MIN && reported < packetLength;
        if (!plausible) {
            counters.add(PathMtuEvent.IMPLAUSIBLE);
            return false;
        }
        return lower(
                now,
                destination,
                reported == 0 ? plateauBelow(Math.min(packetLength, current)) : reported);
    }

    /**
     * Large packets get lost and nobody says why (RFC 2923, 2.1): takes the next lower size that is
     * common.
     *
     * @return whether the MTU has fallen
     */
    public boolean onBlackHole(long now, int destination) {
        return lower(now, destination, plateauBelow(mtu(now, destination)));
    }

    public Counters<PathMtuEvent> counters() {
        return counters;
    }

    /** Paths whose MTU is less than the link's, or was till lately. */
    public int size() {
        return table.size();
    }

    private boolean lower(long now, int destination, int to) {
        int mtu = Math.max(to, FLOOR);
        if (mtu >= mtu(now, destination)) {
            counters.add(PathMtuEvent.NOT_LOWER);
            return false;
        }
        counters.add(PathMtuEvent.LOWERED);
        int slot = find(destination);
        if (slot == NONE) {
            slot = add(destination);
        } else {
            table.renew(slot);
        }
        mtus[slot] = mtu;
        expiresAt[slot] = now + AGE_NANOS;
        return true;
    }

    private int add(int destination) {
        if (table.isFull()) {
            counters.add(PathMtuEvent.EVICTED);
            table.remove(table.oldest());
        }
        return table.add(0, IpAddress.lowOfIpv4(destination));
    }

    private int find(int destination) {
        return table.find(0, IpAddress.lowOfIpv4(destination));
    }

    private static int plateauBelow(int length) {
        for (int plateau : PLATEAUS) {
            if (plateau < length) {
                return plateau;
            }
        }
        return FLOOR;
    }
}
