package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;

/**
 * Looks at the addresses of packets from the wire (RFC 1122, 3.2.1.3 and 3.3.6; RFC 1812, 5.3.7).
 * Packets that the host sends to itself do not come here.
 *
 * <p><b>Ownership:</b> confined to its shard, for its counters.
 */
public final class MartianFilter {
    private final Ipv4Configuration configuration;
    private final Counters<Martian> counters = new Counters<>(Martian.class);

    public MartianFilter(Ipv4Configuration configuration) {
        this.configuration = configuration;
    }

    /**
     * What is wrong with a packet's addresses, which is counted; broadcasts are right.
     *
     * @param frameDestination the Ethernet address that the frame was sent to
     */
    public Martian check(int source, int destination, long frameDestination) {
        Martian martian = checkSource(source);
        if (martian == Martian.NONE) {
            martian = checkDestination(destination, frameDestination);
        }
        counters.add(martian);
        return martian;
    }

    /**
     * As {@link #check}, for protocols that speak with one host at a time: broadcasts are wrong too
     * (RFC 9293, MUST-57).
     */
    public Martian checkUnicast(int source, int destination, long frameDestination) {
        if (configuration.isBroadcast(destination) && checkSource(source) == Martian.NONE) {
            counters.add(Martian.DESTINATION_BROADCAST);
            return Martian.DESTINATION_BROADCAST;
        }
        return check(source, destination, frameDestination);
    }

    /** Packets dropped, by the reason; those that passed are {@link Martian#NONE}. */
    public Counters<Martian> counters() {
        return counters;
    }

    private Martian checkSource(int source) {
        if (Ipv4Address.isThisNetwork(source)) {
            return Martian.SOURCE_THIS_NETWORK;
        }
        if (Ipv4Address.isLoopback(source)) {
            return Martian.SOURCE_LOOPBACK;
        }
        if (Ipv4Address.isMulticast(source)) {
            return Martian.SOURCE_MULTICAST;
        }
        if (configuration.isBroadcast(source)) {
            return Martian.SOURCE_BROADCAST;
        }
        if (Ipv4Address.isReserved(source)) {
            return Martian.SOURCE_RESERVED;
        }
        return configuration.isOwn(source) ? Martian.SOURCE_OWN : Martian.NONE;
    }

    private Martian checkDestination(int destination, long frameDestination) {
        if (configuration.isOwn(destination)) {
            return MacAddress.isGroup(frameDestination)
                    ? Martian.UNICAST_IN_GROUP_FRAME
                    : Martian.NONE;
        }
        if (configuration.isBroadcast(destination)) {
            return Martian.NONE;
        }
        if (Ipv4Address.isLoopback(destination)) {
            return Martian.DESTINATION_LOOPBACK;
        }
        return Ipv4Address.isMulticast(destination)
                ? Martian.DESTINATION_MULTICAST
                : Martian.DESTINATION_NOT_OURS;
    }
}
