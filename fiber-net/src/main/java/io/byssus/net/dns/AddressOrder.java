package io.byssus.net.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * In which order a client tries a name's addresses: destination address selection (RFC 6724,
 * section 6), as far as a program can know what it asks for. Left out are rules 3, 4 and 7
 * (deprecated and home addresses, tunnels), and rule 9 for IPv4, where it would undo the turns in
 * which a server lists its addresses.
 */
final class AddressOrder {
    private static final int GLOBAL = 0xe;
    private static final int SITE_LOCAL = 0x5;
    private static final int LINK_LOCAL = 0x2;

    private static final Comparator<Ranked> RULES =
            Comparator.<Ranked, Boolean>comparing(ranked -> !ranked.candidate.reachable()) // rule 1
                    .thenComparing(ranked -> !ranked.scopesMatch) // rule 2
                    .thenComparing(ranked -> !ranked.labelsMatch) // rule 5
                    .thenComparing(ranked -> -ranked.precedence) // rule 6
                    .thenComparing(ranked -> ranked.scope) // rule 8
                    .thenComparing(ranked -> -ranked.commonPrefix); // rule 9

    /** An address with what the rules ask for. */
    private record Ranked(
            Candidate candidate,
            boolean scopesMatch,
            boolean labelsMatch,
            int precedence,
            int scope,
            int commonPrefix) {
        static Ranked of(Candidate candidate) {
            InetAddress address = candidate.address();
            InetAddress source = candidate.source().orElse(address);
            AddressPolicy policy = AddressPolicy.of(address);
            boolean six = !(address instanceof Inet4Address);
            return new Ranked(
                    candidate,
                    scopeOf(address) == scopeOf(source),
                    policy.label() == AddressPolicy.of(source).label(),
                    policy.precedence(),
                    scopeOf(address),
                    six && candidate.source().isPresent()
                            ? bitsInCommon(address.getAddress(), source.getAddress())
                            : 0);
        }
    }

    private AddressOrder() {}

    /** A new list; equals keep their order. */
    static List<InetAddress> sort(List<Candidate> candidates) {
        List<Ranked> ranked = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            ranked.add(Ranked.of(candidate));
        }
        ranked.sort(RULES);
        List<InetAddress> sorted = new ArrayList<>(ranked.size());
        for (Ranked each : ranked) {
            sorted.add(each.candidate.address());
        }
        return sorted;
    }

    /** Section 3.1; IPv4 by section 3.2. */
    private static int scopeOf(InetAddress address) {
        if (address.isMulticastAddress()) {
            return address instanceof Inet4Address ? GLOBAL : address.getAddress()[1] & 0xf;
        }
        if (address.isLinkLocalAddress() || address.isLoopbackAddress()) {
            return LINK_LOCAL;
        }
        return !(address instanceof Inet4Address) && address.isSiteLocalAddress()
                ? SITE_LOCAL
                : GLOBAL;
    }

    /** Bits, of the first 64 (section 2.2). */
    private static int bitsInCommon(byte[] one, byte[] other) {
        if (one.length != other.length) {
            return 0;
        }
        int bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            int difference = (one[i] ^ other[i]) & 0xff;
            if (difference != 0) {
                return bits + Integer.numberOfLeadingZeros(difference) - (Integer.SIZE - Byte.SIZE);
            }
            bits += Byte.SIZE;
        }
        return bits;
    }
}
