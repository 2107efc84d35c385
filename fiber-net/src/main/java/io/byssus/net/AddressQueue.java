package io.byssus.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The addresses of a name that are still to be tried: in their order, but the families in turns
 * (RFC 8305, section 4). Later lists replace earlier ones; what was handed out is not tried again.
 *
 * <p><b>Ownership:</b> of one connection attempt.
 */
final class AddressQueue {
    /** Which families may be tried. */
    enum Families {
        BOTH,
        IPV4,
        IPV6;

        private boolean has(InetAddress address) {
            return switch (this) {
                case BOTH -> true;
                case IPV4 -> address instanceof Inet4Address;
                case IPV6 -> address instanceof Inet6Address;
            };
        }
    }

    private final Families families;
    private final List<InetAddress> waiting = new ArrayList<>();
    private final Set<InetAddress> taken = new HashSet<>();

    /** Of the address that was handed out last; null before. */
    private Class<? extends InetAddress> lastFamily;

    AddressQueue(Families families) {
        this.families = families;
    }

    /** From now on these. */
    void offer(List<InetAddress> all) {
        waiting.clear();
        for (InetAddress address : all) {
            if (families.has(address) && !taken.contains(address) && !waiting.contains(address)) {
                waiting.add(address);
            }
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The first of the family whose turn it is, or of the other; there must be one. */
    InetAddress next() {
        assert !waiting.isEmpty();
        InetAddress next = waiting.getFirst();
        for (InetAddress candidate : waiting) {
            if (candidate.getClass() != lastFamily) {
                next = candidate;
                break;
            }
        }
        waiting.remove(next);
        taken.add(next);
        lastFamily = next.getClass();
        return next;
    }
}
