package io.byssus.net;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * Addresses that begin with the same bits.
 *
 * <p><b>Ownership:</b> immutable.
 */
final class IpNetwork {
    private final byte[] prefix;
    private final int bits;

    private IpNetwork(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /**
     * {@code 10.0.0.0/8}, {@code fd00::/8}, or one address.
     *
     * @throws IllegalArgumentException if it is neither; names are not looked up
     */
    static IpNetwork of(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = IpLiterals.parse(host);
        if (address == null) {
            throw invalid(text);
        }
        int bits = address.length * Byte.SIZE;
        if (slash >= 0) {
            int given = IpLiterals.number(text.substring(slash + 1), bits);
            if (given < 0) {
                throw invalid(text);
            }
            bits = given;
        }
        return new IpNetwork(address, bits);
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException(
                "network=" + text + ": expected ADDRESS/BITS, such as 10.0.0.0/8");
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != prefix.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int rest = bits % Byte.SIZE;
        if (!Arrays.equals(bytes, 0, whole, prefix, 0, whole)) {
            return false;
        }
        return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (Byte.SIZE - rest) == 0;
    }
}
