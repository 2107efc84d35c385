package io.byssus.stack.ip;

import io.byssus.stack.wire.MacAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Announces our own addresses (RFC 5227, 2.3) and defends them when another station uses one (2.4
 * (c)): we are a server and do not give an address up, but answer at most every 10 seconds, so that
 * two hosts that both defend do not flood the link.
 *
 * <p>We do not probe before the first use (2.1): the address is configured by hand, and it would
 * delay every start by seconds.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class AddressDefence {
    /** ANNOUNCE_NUM. */
    private static final int ANNOUNCEMENTS = 2;

    /** ANNOUNCE_INTERVAL. */
    private static final long ANNOUNCE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** DEFEND_INTERVAL. */
    private static final long DEFEND_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Ipv4Configuration configuration;
    private final Counters<ArpEvent> counters;

    /** For each own address, when it may be defended again. */
    private final long[] defendAt;

    private int announcementsLeft;
    private long announceAt = NeighbourCache.NO_DEADLINE;

    AddressDefence(Ipv4Configuration configuration, Counters<ArpEvent> counters) {
        this.configuration = configuration;
        this.counters = counters;
        defendAt = new long[configuration.ownAddresses()];
        Arrays.fill(defendAt, Long.MIN_VALUE);
    }

    /** Announces all addresses now and, by {@link #onDeadline}, once again. */
    void announce(long now, ArpSink sink) {
        announcementsLeft = ANNOUNCEMENTS;
        announceOnce(now, sink);
    }

    long deadline() {
        return announceAt;
    }

    void onDeadline(long now, ArpSink sink) {
        if (announceAt <= now) {
            announceOnce(now, sink);
        }
    }

    /** A packet came from another station that has our address in it as its own. */
    void onConflict(long now, int address, long mac, ArpSink sink) {
        counters.add(ArpEvent.CONFLICTS);
        int index = configuration.indexOfOwn(address);
        if (now < defendAt[index]) {
            return;
        }
        defendAt[index] = now + DEFEND_INTERVAL_NANOS;
        announce(address, sink);
        sink.conflict(address, mac);
    }

    private void announceOnce(long now, ArpSink sink) {
        for (int i = 0; i < configuration.ownAddresses(); i++) {
            announce(configuration.ownAddress(i), sink);
        }
        announcementsLeft--;
        announceAt =
                announcementsLeft > 0 ? now + ANNOUNCE_INTERVAL_NANOS : NeighbourCache.NO_DEADLINE;
    }

    private void announce(int address, ArpSink sink) {
        counters.add(ArpEvent.ANNOUNCEMENTS_SENT);
        sink.request(address, address, MacAddress.BROADCAST);
    }
}
