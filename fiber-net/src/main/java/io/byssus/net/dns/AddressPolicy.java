package io.byssus.net.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/** The default policy table of RFC 6724, section 2.1. */
record AddressPolicy(int precedence, int label) {
    private static final int PREFIX_BITS_OF_IPV4 = 96;

    private record Row(byte[] prefix, int bits, AddressPolicy policy) {
        static Row of(String prefix, int bits, int precedence, int label) {
            return new Row(
                    InetAddress.ofLiteral(prefix).getAddress(),
                    bits,
                    new AddressPolicy(precedence, label));
        }

        boolean matches(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if (((prefix[bit >> 3] ^ address[bit >> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** ::ffff:0:0/96, which Java only knows as IPv4. */
    private static final AddressPolicy IPV4 = new AddressPolicy(35, 4);

    /** The longest prefixes first; the last one matches everything. */
    private static final List<Row> ROWS =
            List.of(
                    Row.of("::1", 128, 50, 0),
                    Row.of("::", PREFIX_BITS_OF_IPV4, 1, 3),
                    Row.of("2001::", 32, 5, 5),
                    Row.of("2002::", 16, 30, 2),
                    Row.of("3ffe::", 16, 1, 12),
                    Row.of("fec0::", 10, 1, 11),
                    Row.of("fc00::", 7, 3, 13),
                    Row.of("::", 0, 40, 1));

    static AddressPolicy of(InetAddress address) {
        if (address instanceof Inet4Address) {
            return IPV4;
        }
        byte[] bytes = address.getAddress();
        return ROWS.stream().filter(row -> row.matches(bytes)).findFirst().orElseThrow().policy();
    }
}
