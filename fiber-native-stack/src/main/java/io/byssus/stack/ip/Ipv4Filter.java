package io.byssus.stack.ip;

import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;

/**
 * The checks on a packet from the wire (RFC 1122, 3.2.1): lengths, version, checksum, options,
 * addresses. Options are skipped (RFC 9293, MUST-50), but for source routes: packets with one are
 * dropped, which deviates from RFC 9293, MUST-51 to 53, and follows RFC 7126.
 *
 * <p><b>Ownership:</b> confined to its shard, for its counters.
 */
public final class Ipv4Filter {
    private final MartianFilter martians;
    private final Counters<Ipv4Drop> counters = new Counters<>(Ipv4Drop.class);

    public Ipv4Filter(Ipv4Configuration configuration) {
        martians = new MartianFilter(configuration);
    }

    /**
     * Why a packet is to be dropped, which is counted.
     *
     * @param length of what follows the Ethernet header, padding included
     * @param frameDestination the Ethernet address that it was sent to
     */
    public Ipv4Drop check(MemorySegment memory, long packet, int length, long frameDestination) {
        Ipv4Drop drop = headerDrop(memory, packet, length);
        if (drop == Ipv4Drop.NONE) {
            Martian martian =
                    martians.check(
                            Ipv4Header.source(memory, packet),
                            Ipv4Header.destination(memory, packet),
                            frameDestination);
            drop = martian == Martian.NONE ? Ipv4Drop.NONE : Ipv4Drop.MARTIAN;
        }
        counters.add(drop);
        return drop;
    }

    /** Packets by the reason; those that passed are {@link Ipv4Drop#NONE}. */
    public Counters<Ipv4Drop> counters() {
        return counters;
    }

    /** Which addresses were wrong. */
    public MartianFilter martians() {
        return martians;
    }

    private static Ipv4Drop headerDrop(MemorySegment memory, long packet, int length) {
        if (Ipv4Header.check(memory, packet, length) != Defect.NONE) {
            return Ipv4Drop.BAD_HEADER;
        }
        if (Ipv4Header.headerLength(memory, packet) == Ipv4Header.BYTES_MIN) {
            return Ipv4Drop.NONE;
        }
        if (Ipv4Header.checkOptions(memory, packet) != Defect.NONE) {
            return Ipv4Drop.BAD_OPTION;
        }
        return Ipv4Header.isSourceRouted(memory, packet) ? Ipv4Drop.SOURCE_ROUTED : Ipv4Drop.NONE;
    }
}
