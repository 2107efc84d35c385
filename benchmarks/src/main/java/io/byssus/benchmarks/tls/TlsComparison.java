package io.byssus.benchmarks.tls;

import io.byssus.benchmarks.Arguments;
import io.byssus.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ./byssus bench tls}: what TLS costs a server, beside Netty with the same provider. {@code
 * openssl s_time} connects again and again; what counts is the CPU time that the kernel books on
 * the server meanwhile, all its threads together. The two servers take turns.
 */
public final class TlsComparison {
    private static final String USAGE =
            """
            usage: ./byssus bench tls [options]
              --providers P,P    of jdk,openssl; default both
              --loads L,L        of full,resumed,bulk; default all
              --rounds N         default 5
              --seconds S        of each load in a round, default 5; --warmup S, default 8
              --stalled N        instead: one connection's round trips beside N stalled handshakes
            """;

    private static final long BULK_BYTES = 64L << 20;
    private static final double MICROS = 1e3;
    private static final double BYTES_PER_MIB = 1 << 20;
    private static final Pattern CONNECTIONS =
            Pattern.compile("(\\d+) connections in (\\d+) real seconds");

    private final Path folder;
    private final Arguments given;
    private final Map<String, List<Figure>> figures = new TreeMap<>();

    /** Microseconds of CPU per unit, and units per second. */
    private record Figure(double cpuMicros, double perSecond) {}

    private record Load(String name, String unit, double units, List<String> options) {
        static Load named(String name) {
            return switch (name) {
                case "full" -> new Load(name, "handshake", 1, List.of("-new", "-www", "/64"));
                case "resumed" -> new Load(name, "handshake", 1, List.of("-reuse", "-www", "/64"));
                case "bulk" ->
                        new Load(
                                name,
                                "MiB",
                                BULK_BYTES / BYTES_PER_MIB,
                                List.of("-reuse", "-www", "/" + BULK_BYTES));
                default -> throw new IllegalArgumentException("load=" + name);
            };
        }
    }

    private TlsComparison(Path folder, Arguments given) {
        this.folder = folder;
        this.given = given;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Arguments given =
                Arguments.parse(
                        arguments,
                        USAGE,
                        List.of("providers", "loads", "rounds", "seconds", "warmup", "stalled"),
                        List.of());
        Path folder = Files.createTempDirectory("byssus-tls");
        try {
            DemoCertificate.make(folder);
            if (given.has("stalled")) {
                StalledHandshakes.measure(folder, given);
            } else {
                new TlsComparison(folder, given).run();
            }
        } finally {
            for (String name : DemoCertificate.NAMES) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }

    private void run() throws IOException, InterruptedException {
        List<Load> loads =
                given.list("loads", List.of("full", "resumed", "bulk")).stream()
                        .map(Load::named)
                        .toList();
        for (String provider : given.list("providers", List.of("jdk", "openssl"))) {
            try (TlsPeer byssus = TlsPeer.start("byssus", provider, folder);
                    TlsPeer netty = TlsPeer.start("netty", provider, folder)) {
                for (TlsPeer server : List.of(byssus, netty)) {
                    for (Load load : loads) {
                        load(server, load, given.number("warmup", 8));
                    }
                }
                for (int round = 0; round < given.number("rounds", 5); round++) {
                    for (Load load : loads) {
                        for (TlsPeer server : List.of(byssus, netty)) {
                            String key = provider + " " + load.name() + " " + server.name();
                            figures.computeIfAbsent(key, any -> new ArrayList<>())
                                    .add(load(server, load, given.number("seconds", 5)));
                        }
                    }
                }
            }
            print(provider, loads);
        }
    }

    private void print(String provider, List<Load> loads) {
        System.out.println(
                "| provider, load | server | CPU us each | per second | of Netty's CPU |");
        System.out.println("| --- | --- | --: | --: | --: |");
        for (Load load : loads) {
            double netty = median(provider + " " + load.name() + " netty").cpuMicros();
            for (String server : List.of("byssus", "netty")) {
                Figure figure = median(provider + " " + load.name() + " " + server);
                System.out.printf(
                        Locale.ROOT,
                        "| %s, %s | %s | %.1f per %s | %.0f | %.3f |%n",
                        provider,
                        load.name(),
                        server,
                        figure.cpuMicros(),
                        load.unit(),
                        figure.perSecond(),
                        figure.cpuMicros() / netty);
            }
        }
    }

    /** The figure whose CPU time is in the middle. */
    private Figure median(String key) {
        List<Figure> sorted = new ArrayList<>(figures.get(key));
        sorted.sort((one, other) -> Double.compare(one.cpuMicros(), other.cpuMicros()));
        return sorted.get(sorted.size() / 2);
    }

    private static Figure load(TlsPeer server, Load load, int seconds)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl", "s_time", "-tls1_3"));
        command.addAll(List.of("-connect", "127.0.0.1:" + server.port()));
        command.addAll(List.of("-ciphersuites", TlsRequest.CIPHER));
        command.addAll(List.of("-time", Integer.toString(seconds)));
        command.addAll(load.options());
        long before = ProcessUsage.cpuNanos(server.pid());
        long start = System.nanoTime();
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(client.getInputStream().readAllBytes());
        int status = client.waitFor();
        double nanos = System.nanoTime() - start;
        double cpu = ProcessUsage.cpuNanos(server.pid()) - before;
        Matcher connections = CONNECTIONS.matcher(output);
        if (status != 0 || !connections.find() || connections.group(1).equals("0")) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        double units = Double.parseDouble(connections.group(1)) * load.units();
        return new Figure(cpu / units / MICROS, units * 1e9 / nanos);
    }
}
