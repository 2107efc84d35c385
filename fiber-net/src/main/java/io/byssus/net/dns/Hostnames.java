package io.byssus.net.dns;

import java.net.IDN;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/** Names of hosts as people write them. */
final class Hostnames {
    private static final int LABEL_LENGTH_MAX = 63;

    /** RFC 1035, 2.3.4: 255 bytes in a message, of which two are not in the text. */
    private static final int NAME_LENGTH_MAX = 253;

    private Hostnames() {}

    /**
     * The address that {@code host} is, if it is one. What looks like an address has to be one.
     *
     * @throws UnknownHostException if it is none
     */
    static Optional<InetAddress> literal(String host) throws UnknownHostException {
        if (!looksLikeAddress(host)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            throw new UnknownHostException(host + ": neither an address nor a name");
        }
    }

    /** IPv6 has colons; a last label of digits alone is no domain's (RFC 1123, 2.1). */
    private static boolean looksLikeAddress(String host) {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        String absolute = withoutDot(host);
        int last = absolute.lastIndexOf('.') + 1;
        if (last == absolute.length()) {
            return false;
        }
        for (int i = last; i < absolute.length(); i++) {
            char c = absolute.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
        }
        return true;
    }

    /**
     * {@code host} as it is asked for: in ASCII (RFC 3490) and lower case. A dot at the end stays.
     *
     * @throws UnknownHostException if it cannot be a name
     */
    static String ascii(String host) throws UnknownHostException {
        String ascii = host;
        if (!host.chars().allMatch(c -> c < 128)) {
            try {
                ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
            } catch (IllegalArgumentException e) {
                UnknownHostException unknown = noName(host, "it cannot be written in ASCII");
                unknown.initCause(e);
                throw unknown;
            }
        }
        requireName(host, withoutDot(ascii));
        return ascii.toLowerCase(Locale.ROOT);
    }

    private static void requireName(String host, String ascii) throws UnknownHostException {
        if (ascii.isEmpty()) {
            throw noName(host, "it is empty");
        }
        if (ascii.length() > NAME_LENGTH_MAX) {
            throw noName(host, "it has more than " + NAME_LENGTH_MAX + " characters");
        }
        for (String label : ascii.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > LABEL_LENGTH_MAX) {
                throw noName(host, "between its dots are 1 to " + LABEL_LENGTH_MAX + " characters");
            }
            if (!label.chars().allMatch(Hostnames::isOfNames)) {
                throw noName(host, "names have letters, digits, - and _");
            }
        }
    }

    private static UnknownHostException noName(String host, String why) {
        return new UnknownHostException("host=" + host + ": no name: " + why);
    }

    private static boolean isOfNames(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_';
    }

    /** Whether it is this machine, whatever a server says (RFC 6761, 6.3). */
    static boolean isLocalhost(String ascii) {
        String name = withoutDot(ascii);
        return name.equals("localhost") || name.endsWith(".localhost");
    }

    static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** {@code address} with the name that was asked for, so that nobody looks it up backwards. */
    static InetAddress named(String host, InetAddress address) {
        try {
            return address instanceof Inet6Address six && six.getScopeId() != 0
                    ? Inet6Address.getByAddress(host, six.getAddress(), six.getScopeId())
                    : InetAddress.getByAddress(host, address.getAddress());
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }
}
