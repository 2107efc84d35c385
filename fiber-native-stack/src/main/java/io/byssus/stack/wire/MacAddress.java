package io.byssus.stack.wire;

/** Ethernet addresses, as the low 48 bits of a {@code long}. */
public final class MacAddress {
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final int OCTETS = 6;
    private static final int HEX = 16;

    /** In the first octet on the wire (IEEE 802, 8.2). */
    private static final long GROUP_BIT = 1L << 40;

    private static final long LOCAL_BIT = 1L << 41;

    private MacAddress() {}

    /** Whether it names a group of stations, the broadcast address included. */
    public static boolean isGroup(long address) {
        return (address & GROUP_BIT) != 0;
    }

    /** An address for one station, of those that everybody may use at home. */
    public static long local(long bits) {
        return (bits & BROADCAST & ~GROUP_BIT) | LOCAL_BIT;
    }

    /**
     * Reads {@code 02:42:ac:11:00:02}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static long parse(String text) {
        String[] octets = text.split(":", -1);
        if (octets.length != OCTETS) {
            throw invalid(text);
        }
        long address = 0;
        for (String octet : octets) {
            if (!octet.matches("[0-9a-fA-F]{1,2}")) {
                throw invalid(text);
            }
            address = (address << Byte.SIZE) | Integer.parseInt(octet, HEX);
        }
        return address;
    }

    public static String format(long address) {
        StringBuilder text = new StringBuilder();
        for (int i = OCTETS - 1; i >= 0; i--) {
            text.append(String.format("%02x", (address >>> (i * Byte.SIZE)) & 0xff));
            text.append(i == 0 ? "" : ":");
        }
        return text.toString();
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException(
                "Ethernet address '" + text + "': expected six octets such as 02:42:ac:11:00:02");
    }
}
