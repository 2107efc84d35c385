package io.byssus.net;

import java.net.Inet6Address;

/** Addresses as text in the strictest form: no names, no scopes, no missing parts. */
final class IpLiterals {
    private static final int IPV4_PARTS = 4;
    private static final int BYTE_MAX = 255;
    private static final int IPV6_LENGTH_MAX = 45;

    private IpLiterals() {}

    /** 4 or 16 bytes; null if {@code text} is no address. */
    static byte[] parse(String text) {
        return text.indexOf(':') < 0 ? parseIpv4(text) : parseIpv6(text);
    }

    /** Four decimal numbers without leading zeros, or null. */
    static byte[] parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != IPV4_PARTS) {
            return null;
        }
        byte[] bytes = new byte[IPV4_PARTS];
        for (int i = 0; i < IPV4_PARTS; i++) {
            int number = number(parts[i], BYTE_MAX);
            if (number < 0) {
                return null;
            }
            bytes[i] = (byte) number;
        }
        return bytes;
    }

    /** RFC 4291, section 2.2, or null; what is mapped from IPv4 comes as its 4 bytes. */
    static byte[] parseIpv6(String text) {
        if (text.length() > IPV6_LENGTH_MAX || text.indexOf(':') < 0) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
                return null;
            }
        }
        try {
            return Inet6Address.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Decimal digits without leading zeros, from 0 to {@code max}; or -1. */
    static int number(String text, int max) {
        int length = text.length();
        if (length == 0 || length > 5 || (length > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number <= max ? number : -1;
    }
}
