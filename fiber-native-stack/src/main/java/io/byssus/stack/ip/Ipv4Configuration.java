package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import java.util.List;

/**
 * Who we are on the link, and where packets go: own addresses with their networks, a gateway for
 * the rest of the world, MTU and Ethernet address.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class Ipv4Configuration {
    /** In place of a gateway: only our own networks can be reached. */
    public static final int NO_GATEWAY = Ipv4Address.UNSPECIFIED;

    /** Answer of {@link #nextHop}: there is no way to the destination. */
    public static final int UNREACHABLE = Ipv4Address.UNSPECIFIED;

    /** Answer of {@link #nextHop}: the packet stays in this host. */
    public static final int LOOPBACK = 0x7f000001;

    /** Answer of {@link #nextHop}: everybody on the link. */
    public static final int BROADCAST = Ipv4Address.LIMITED_BROADCAST;

    /** Every host must take packets of this size (RFC 1122, 3.3.2). */
    public static final int MTU_MIN = 576;

    /** What the header's total length can say. */
    public static final int MTU_MAX = 65_535;

    /** More would make {@link #isOwn} slow, which looks at each. */
    public static final int ADDRESSES_MAX = 64;

    private static final int TIME_TO_LIVE = 64;
    private static final int TIME_TO_LIVE_MAX = 255;

    private final List<Ipv4Subnet> subnets;

    /** Own addresses and masks, in the order of {@link #subnets}. */
    private final int[] addresses;

    private final int[] masks;

    private final int gateway;
    private final int mtu;
    private final long macAddress;
    private final int timeToLive;

    /** As the other one, with 64 hops for what is sent. */
    public Ipv4Configuration(List<Ipv4Subnet> subnets, int gateway, int mtu, long macAddress) {
        this(subnets, gateway, mtu, macAddress, TIME_TO_LIVE);
    }

    /**
     * Checks and keeps it.
     *
     * @param subnets the first is the one that speaks where no other is nearer
     * @param gateway or {@link #NO_GATEWAY}
     * @param mtu the largest packet the link carries, in bytes
     * @param timeToLive hops that the segments of TCP may take (RFC 9293, MUST-49)
     * @throws IllegalArgumentException with a sentence that says what cannot be
     */
    public Ipv4Configuration(
            List<Ipv4Subnet> subnets, int gateway, int mtu, long macAddress, int timeToLive) {
        this.subnets = List.copyOf(subnets);
        this.gateway = gateway;
        this.mtu = mtu;
        this.macAddress = macAddress;
        this.timeToLive = timeToLive;
        addresses = this.subnets.stream().mapToInt(Ipv4Subnet::address).toArray();
        masks = this.subnets.stream().mapToInt(Ipv4Subnet::mask).toArray();
        checkAddresses();
        checkGateway();
        if (timeToLive < 1 || timeToLive > TIME_TO_LIVE_MAX) {
            throw new IllegalArgumentException("timeToLive=" + timeToLive + ": expected 1 to 255");
        }
        if (mtu < MTU_MIN || mtu > MTU_MAX) {
            throw new IllegalArgumentException(
                    "mtu="
                            + mtu
                            + ": expected 576, which every host must take (RFC 1122), to 65535, the"
                            + " longest packet there is");
        }
        if (MacAddress.isGroup(macAddress)
                || macAddress == 0
                || (macAddress & ~MacAddress.BROADCAST) != 0) {
            throw new IllegalArgumentException(
                    "Ethernet address "
                            + MacAddress.format(macAddress)
                            + ": expected that of one station");
        }
    }

    public List<Ipv4Subnet> subnets() {
        return subnets;
    }

    /** {@link #NO_GATEWAY} if there is none. */
    public int gateway() {
        return gateway;
    }

    public int mtu() {
        return mtu;
    }

    public long macAddress() {
        return macAddress;
    }

    /** Hops that a segment of TCP may take. */
    public int timeToLive() {
        return timeToLive;
    }

    /** The one that is used where nothing speaks for another. */
    public int primaryAddress() {
        return addresses[0];
    }

    /** Whether it is one of ours; those of the loopback network are not. */
    public boolean isOwn(int address) {
        return indexOfOwn(address) >= 0;
    }

    /** Whether everybody on the link is meant. */
    public boolean isBroadcast(int address) {
        if (address == Ipv4Address.LIMITED_BROADCAST) {
            return true;
        }
        for (int i = 0; i < addresses.length; i++) {
            // Cheap for nearly all: few addresses are on the link.
            if (((address ^ addresses[i]) & masks[i]) == 0 && subnets.get(i).isBroadcast(address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one single host may have it, be it here or anywhere. */
    public boolean isUnicast(int address) {
        return !Ipv4Address.isThisNetwork(address)
                && !Ipv4Address.isMulticast(address)
                && !Ipv4Address.isReserved(address)
                && !isBroadcast(address);
    }

    /** Whether a neighbour may have it: a host on one of our networks that is not us. */
    public boolean isNeighbour(int address) {
        return indexOfNetwork(address) >= 0 && isUnicast(address) && !isOwn(address);
    }

    /**
     * Where a packet goes: to the destination itself if it is on the link, to the gateway, or one
     * of {@link #LOOPBACK}, {@link #BROADCAST} and {@link #UNREACHABLE}. Multicast has no route.
     */
    public int nextHop(int destination) {
        if (Ipv4Address.isLoopback(destination) || isOwn(destination)) {
            return LOOPBACK;
        }
        if (isBroadcast(destination)) {
            return BROADCAST;
        }
        if (!isUnicast(destination)) {
            return UNREACHABLE;
        }
        return indexOfNetwork(destination) >= 0 ? destination : gateway;
    }

    /**
     * The own address that should speak to a destination (RFC 1122, 3.3.4.3; RFC 9293, MUST-44):
     * that of the network which the packet goes out to; the destination itself if it is ours.
     *
     * @return {@link #UNREACHABLE} if there is no route
     */
    public int sourceFor(int destination) {
        int nextHop = nextHop(destination);
        return switch (nextHop) {
            case UNREACHABLE -> UNREACHABLE;
            case LOOPBACK -> isOwn(destination) ? destination : LOOPBACK;
            case BROADCAST -> addressNear(destination);
            default -> addressNear(nextHop);
        };
    }

    /** Index of an own address, in the order of {@link #subnets}, or -1. */
    int indexOfOwn(int address) {
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i] == address) {
                return i;
            }
        }
        return -1;
    }

    int ownAddress(int index) {
        return addresses[index];
    }

    int ownAddresses() {
        return addresses.length;
    }

    private int addressNear(int neighbour) {
        int network = indexOfNetwork(neighbour);
        return network < 0 ? primaryAddress() : addresses[network];
    }

    /** Of the network with the longest prefix that an address has, and of such the first; or -1. */
    private int indexOfNetwork(int address) {
        int best = -1;
        for (int i = 0; i < addresses.length; i++) {
            if (((address ^ addresses[i]) & masks[i]) == 0
                    && (best < 0 || Integer.compareUnsigned(masks[i], masks[best]) > 0)) {
                best = i;
            }
        }
        return best;
    }

    private void checkAddresses() {
        if (addresses.length == 0 || addresses.length > ADDRESSES_MAX) {
            throw new IllegalArgumentException(
                    "addresses=" + addresses.length + ": expected 1 to " + ADDRESSES_MAX);
        }
        for (int i = 0; i < addresses.length; i++) {
            if (indexOfOwn(addresses[i]) != i) {
                throw new IllegalArgumentException(
                        "address " + Ipv4Address.format(addresses[i]) + " is given twice");
            }
            if (isBroadcast(addresses[i])) {
                throw new IllegalArgumentException(
                        "address "
                                + Ipv4Address.format(addresses[i])
                                + " is the broadcast address of another of the networks "
                                + subnets);
            }
        }
    }

    private void checkGateway() {
        if (gateway == NO_GATEWAY) {
            return;
        }
        String text = "gateway " + Ipv4Address.format(gateway);
        if (isOwn(gateway)) {
            throw new IllegalArgumentException(text + " is an address of our own");
        }
        if (indexOfNetwork(gateway) < 0) {
            throw new IllegalArgumentException(text + " is not on the link: " + subnets);
        }
        if (!isUnicast(gateway)) {
            throw new IllegalArgumentException(text + " is a broadcast address: " + subnets);
        }
    }
}
