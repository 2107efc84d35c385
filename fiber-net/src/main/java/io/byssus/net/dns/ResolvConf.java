package io.byssus.net.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code /etc/resolv.conf} says. As resolv.conf(5) has it, and as forgiving: what is unknown
 * or wrong is passed over, and what is too large is cut to what is allowed.
 *
 * @param servers empty if it names none
 * @param ndots with so many dots, a name is asked for as it is first
 * @param timeout of one try with one server
 * @param attempts how often each server is asked
 * @param rotate whether the servers take turns in being the first
 * @param tcpOnly whether there is no UDP ({@code use-vc})
 */
record ResolvConf(
        List<InetSocketAddress> servers,
        List<String> search,
        int ndots,
        Duration timeout,
        int attempts,
        boolean rotate,
        boolean tcpOnly) {
    static final int DNS_PORT = 53;

    private static final int SERVERS_MAX = 3;
    private static final int SEARCH_MAX = 32;
    private static final int NDOTS_MAX = 15;
    private static final int TIMEOUT_SECONDS_MAX = 30;
    private static final int ATTEMPTS_MAX = 5;

    /** Of a file that says nothing. */
    static final ResolvConf EMPTY =
            new ResolvConf(List.of(), List.of(), 1, Duration.ofSeconds(5), 2, false, false);

    static ResolvConf parse(String text) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        List<String> options = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.strip().split("\\s+");
            List<String> arguments = List.of(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" -> addServer(servers, arguments);
                case "search", "domain" -> search = domains(arguments);
                case "options" -> options.addAll(arguments);
                default -> {} // comments, sortlist
            }
        }
        return new ResolvConf(
                List.copyOf(servers),
                search,
                number(options, "ndots:", EMPTY.ndots, 0, NDOTS_MAX),
                Duration.ofSeconds(
                        number(
                                options,
                                "timeout:",
                                (int) EMPTY.timeout.toSeconds(),
                                1,
                                TIMEOUT_SECONDS_MAX)),
                number(options, "attempts:", EMPTY.attempts, 1, ATTEMPTS_MAX),
                options.contains("rotate"),
                options.contains("use-vc"));
    }

    /** Its servers, or the one that there is without any: this machine's. */
    List<InetSocketAddress> serversOrLocal() {
        return servers.isEmpty()
                ? List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), DNS_PORT))
                : servers;
    }

    private static void addServer(List<InetSocketAddress> servers, List<String> arguments) {
        if (arguments.isEmpty() || servers.size() == SERVERS_MAX) {
            return;
        }
        try {
            servers.add(
                    new InetSocketAddress(InetAddress.ofLiteral(arguments.getFirst()), DNS_PORT));
        } catch (IllegalArgumentException e) {
            return; // no address, as the C library sees it
        }
    }

    private static List<String> domains(List<String> arguments) {
        return arguments.stream()
                .map(domain -> Hostnames.withoutDot(domain.toLowerCase(Locale.ROOT)))
                .limit(SEARCH_MAX)
                .toList();
    }

    private static int number(
            List<String> options, String prefix, int otherwise, int min, int max) {
        int value = otherwise;
        for (String option : options) {
            if (option.startsWith(prefix)) {
                try {
                    int given = Integer.parseInt(option.substring(prefix.length()));
                    value = Math.clamp(given, min, max);
                } catch (NumberFormatException e) {
                    continue;
                }
            }
        }
        return value;
    }
}
