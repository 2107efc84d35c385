package io.byssus.net.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code /etc/hosts} says: an address and its names in each line (hosts(5)). Lines that are
 * wrong are passed over.
 *
 * <p><b>Ownership:</b> immutable.
 */
final class HostsFile {
    static final HostsFile EMPTY = new HostsFile(Map.of());

    private final Map<String, List<InetAddress>> addresses;

    private HostsFile(Map<String, List<InetAddress>> addresses) {
        this.addresses = addresses;
    }

    static HostsFile parse(String text) {
        Map<String, List<InetAddress>> addresses = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int comment = line.indexOf('#');
            String[] words =
                    (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+");
            if (words.length > 1) {
                add(addresses, words);
            }
        }
        return new HostsFile(addresses);
    }

    private static void add(Map<String, List<InetAddress>> addresses, String[] words) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(words[0]);
        } catch (IllegalArgumentException e) {
            return; // as the C library does
        }
        for (int i = 1; i < words.length; i++) {
            String name = Hostnames.withoutDot(words[i].toLowerCase(Locale.ROOT));
            List<InetAddress> known = addresses.computeIfAbsent(name, n -> new ArrayList<>(1));
            if (!known.contains(address)) {
                known.add(address);
            }
        }
    }

    /**
     * In the file's order; empty if it does not have the name.
     *
     * @param ascii in lower case
     */
    List<InetAddress> addresses(String ascii) {
        return addresses.getOrDefault(Hostnames.withoutDot(ascii), List.of());
    }
}
