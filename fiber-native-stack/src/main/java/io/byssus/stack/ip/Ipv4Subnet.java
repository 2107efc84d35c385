package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Address;

/**
 * An address of our own and the network it is in.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param address in the order of the wire
 * @param mask ones, then zeros
 */
public record Ipv4Subnet(int address, int mask) {
    /** With it or a longer one there is no broadcast address (RFC 3021). */
    private static final int PREFIX_WITHOUT_BROADCAST = 31;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if a host cannot have this address and mask
     */
    public Ipv4Subnet {
        if (!Ipv4Address.isMask(mask) || mask == 0) {
            throw new IllegalArgumentException(
                    "netmask "
                            + Ipv4Address.format(mask)
                            + ": expected ones, then zeros, such as 255.255.255.0");
        }
        String reason = reasonAgainst(address, mask);
        if (reason != null) {
            throw new IllegalArgumentException(
                    "a host cannot have the address " + Ipv4Address.format(address) + reason);
        }
    }

    /** From {@code 10.0.0.1} and {@code 255.255.255.0}. */
    public static Ipv4Subnet parse(String address, String mask) {
        return new Ipv4Subnet(Ipv4Address.parse(address), Ipv4Address.parse(mask));
    }

    /** Whether an address has our network's prefix; those that no host can have included. */
    boolean contains(int other) {
        return ((other ^ address) & mask) == 0;
    }

    /**
     * Whether everybody on the network is meant: the host part is all ones; or all zeros, as from
     * hosts older than RFC 1122 (3.3.6).
     */
    boolean isBroadcast(int other) {
        if (!contains(other) || prefixLength() >= PREFIX_WITHOUT_BROADCAST) {
            return false;
        }
        return (other | mask) == -1 || (other & ~mask) == 0;
    }

    int prefixLength() {
        return Integer.bitCount(mask);
    }

    @Override
    public String toString() {
        return Ipv4Address.format(address) + "/" + prefixLength();
    }

    private static String reasonAgainst(int address, int mask) {
        if (Ipv4Address.isThisNetwork(address)) {
            return ": 0.0.0.0/8 means this network";
        }
        if (Ipv4Address.isLoopback(address)) {
            return ": 127.0.0.0/8 is the loopback network, which every stack has";
        }
        if (Ipv4Address.isMulticast(address)) {
            return ": it is a multicast address";
        }
        if (Ipv4Address.isReserved(address)) {
            return ": 240.0.0.0/4 is reserved";
        }
        if (Integer.bitCount(mask) >= PREFIX_WITHOUT_BROADCAST) {
            return null;
        }
        if ((address & ~mask) == 0) {
            return " with netmask " + Ipv4Address.format(mask) + ": it is the network's own";
        }
        if ((address | mask) == -1) {
            return " with netmask " + Ipv4Address.format(mask) + ": it is the broadcast address";
        }
        return null;
    }
}
