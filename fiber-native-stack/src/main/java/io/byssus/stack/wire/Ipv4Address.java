package io.byssus.stack.wire;

/** IPv4 addresses, as an {@code int} in the order of the wire: 10.0.0.1 is {@code 0x0a000001}. */
public final class Ipv4Address {
    public static final int UNSPECIFIED = 0;
    public static final int LIMITED_BROADCAST = 0xffff_ffff;

    private static final int OCTETS = 4;
    private static final int OCTET_MAX = 255;
    private static final int LOOPBACK_NETWORK = 127;
    private static final int MULTICAST_PREFIX = 0b1110;
    private static final int RESERVED_PREFIX = 0b1111;
    private static final int CLASS_BITS = 4;

    private Ipv4Address() {}

    /**
     * Reads {@code 10.0.0.1}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static int parse(String text) {
        String[] octets = text.split("\\.", -1);
        if (octets.length != OCTETS) {
            throw invalid(text);
        }
        int address = 0;
        for (String octet : octets) {
            // No leading zero: some read such a number as octal.
            if (!octet.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(octet) > OCTET_MAX) {
                throw invalid(text);
            }
            address = (address << Byte.SIZE) | Integer.parseInt(octet);
        }
        return address;
    }

    public static String format(int address) {
        return (address >>> (3 * Byte.SIZE))
                + "."
                + ((address >>> (2 * Byte.SIZE)) & OCTET_MAX)
                + "."
                + ((address >>> Byte.SIZE) & OCTET_MAX)
                + "."
                + (address & OCTET_MAX);
    }

    /** 127/8: never on a wire (RFC 1122, 3.2.1.3(g)). */
    public static boolean isLoopback(int address) {
        return address >>> (3 * Byte.SIZE) == LOOPBACK_NETWORK;
    }

    /** 224/4. */
    public static boolean isMulticast(int address) {
        return address >>> (Integer.SIZE - CLASS_BITS) == MULTICAST_PREFIX;
    }

    /** 0/8: "this network", a source only of hosts that have no address yet. */
    public static boolean isThisNetwork(int address) {
        return address >>> (3 * Byte.SIZE) == 0;
    }

    /** 240/4, the limited broadcast address included. */
    public static boolean isReserved(int address) {
        return address >>> (Integer.SIZE - CLASS_BITS) == RESERVED_PREFIX;
    }

    /**
     * The mask of a prefix: 24 gives 255.255.255.0.
     *
     * @throws IllegalArgumentException unless {@code length} is between 0 and 32
     */
    public static int mask(int length) {
        if (length < 0 || length > Integer.SIZE) {
            throw new IllegalArgumentException("prefix length=" + length + ": expected 0 to 32");
        }
        return length == 0 ? 0 : -1 << (Integer.SIZE - length);
    }

    /** Whether it is a network mask: ones, then zeros. */
    public static boolean isMask(int mask) {
        return Integer.numberOfLeadingZeros(~mask) + Integer.numberOfTrailingZeros(mask)
                >= Integer.SIZE;
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException(
                "IPv4 address '" + text + "': expected four numbers such as 10.0.0.1");
    }
}
