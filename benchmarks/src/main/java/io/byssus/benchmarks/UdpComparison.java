package io.byssus.benchmarks;

import io.byssus.benchmarks.load.CompilerRest;
import io.byssus.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * CPU time per datagram of the {@code udp-echo} example beside a C loop of {@code recvmmsg} and
 * {@code sendmmsg}: both are up at once, and short bursts of load go to one and the other in turn,
 * so that what else the machine does hits both. A round's ratio is of two bursts that are
 * neighbours; the median of all rounds is what counts.
 */
public final class UdpComparison {
    private static final String USAGE =
            """
            usage: ./byssus bench udp [options]
              --in-flight N,N,...   datagrams on their way at a time, default 1,8,32,256
              --clients N           sockets that send them, at most 256, and as many as are in
                                    flight: answers to one go out as one large message, default 1
              --size B              bytes of each, default 64, at most 2048
              --rounds N            bursts per server, default 20
              --burst-millis M      default 300
              --warmup-seconds S    least load on each before that, default 5; it goes on until the
                                    JIT compiler rests, at most 6 times as long
              --byssus-jar, --byssus-args, --jvm-options, --server-cpu, --load-cpu
                                    as for side-by-side
            """;
    private static final List<String> OPTIONS =
            List.of(
                    "in-flight",
                    "size",
                    "clients",
                    "rounds",
                    "burst-millis",
                    "warmup-seconds",
                    "byssus-jar",
                    "byssus-args",
                    "jvm-options",
                    "server-cpu",
                    "load-cpu");
    private static final int ATTEMPTS = 10;
    private static final int WARMUP_BURST_MILLIS = 1000;
    private static final double NANOS_PER_MICRO = 1000;

    private final TestBed bed;
    private final int bytes;
    private final int clients;
    private final int rounds;
    private final int burstMillis;
    private final int warmupSeconds;

    private UdpComparison(Arguments given) throws IOException {
        bed = Options.bed(given);
        bytes = given.number("size", 64);
        clients = given.number("clients", 1);
        rounds = given.number("rounds", 20);
        burstMillis = given.number("burst-millis", 300);
        warmupSeconds = given.number("warmup-seconds", 5);
    }

    public static void main(String[] arguments) throws InterruptedException {
        Arguments given = Arguments.parse(arguments, USAGE, OPTIONS, List.of());
        try {
            List<Integer> inFlight =
                    given.list("in-flight", List.of("1", "8", "32", "256")).stream()
                            .map(Integer::valueOf)
                            .toList();
            new UdpComparison(given).compare(inFlight);
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("udp: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void compare(List<Integer> inFlight) throws IOException, InterruptedException {
        Path yardstick = compiled("udp_echo");
        try (UdpLoad load = UdpLoad.start(bed, compiled("udp_load"));
                RunningServer byssus = RunningServer.start(bed.onServerCpu(byssus()));
                RunningServer c =
                        RunningServer.start(bed.onServerCpu(List.of(yardstick.toString())))) {
            System.out.println(
                    "### Datagrams of "
                            + bytes
                            + " B from "
                            + clients
                            + " clients, echoed (paired bursts)\n");
            System.out.println(
                    "| in flight | byssus µs | C µs | ratio (quartiles) | byssus per CPU second |"
                            + " lost |");
            System.out.println("| --: | --: | --: | --: | --: | --: |");
            for (int count : inFlight) {
                CompilerRest rest = new CompilerRest(byssus.pid(), warmupSeconds);
                do {
                    load.run(byssus.port(), sockets(count), count, WARMUP_BURST_MILLIS, bytes);
                } while (!rest.reached());
                load.run(c.port(), sockets(count), count, burstMillis, bytes);
                System.out.println(row(count, load, byssus, c));
            }
        }
    }

    private int sockets(int inFlight) {
        return Math.clamp(clients, 1, inFlight);
    }

    private Path compiled(String name) throws IOException {
        Path program = bed.output().resolve(name);
        Optional<String> missing =
                CompiledC.build(bed, bed.sources().resolve("c").resolve(name + ".c"), program);
        if (missing.isPresent()) {
            throw new IOException(missing.get());
        }
        return program;
    }

    private List<String> byssus() {
        List<String> command = new ArrayList<>(bed.java(bed.jvmOptions()));
        command.addAll(List.of("-jar", bed.byssusJar().toString(), "udp-echo"));
        command.addAll(List.of("--port", "0", "--smp", "1"));
        command.addAll(List.of("--cpuset", Integer.toString(bed.serverCpu())));
        command.addAll(bed.byssusArguments());
        return command;
    }

    private String row(int inFlight, UdpLoad load, RunningServer byssus, RunningServer c)
            throws IOException {
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        double[] ratios = new double[rounds];
        long[] lost = new long[1];
        for (int i = 0; i < rounds; i++) {
            boolean oursFirst = i % 2 == 0;
            for (boolean first : new boolean[] {true, false}) {
                if (first == oursFirst) {
                    ours[i] = micros(load, byssus, inFlight, lost);
                } else {
                    theirs[i] = micros(load, c, inFlight, lost);
                }
            }
            ratios[i] = ours[i] / theirs[i];
        }
        double median = quantile(ours, 0.5);
        return String.format(
                Locale.ROOT,
                "| %d | %.2f | %.2f | %.2f (%.2f-%.2f) | %,.0f | %d |",
                inFlight,
                median,
                quantile(theirs, 0.5),
                quantile(ratios, 0.5),
                quantile(ratios, 0.25),
                quantile(ratios, 0.75),
                1e6 / median,
                lost[0]);
    }

    private double micros(UdpLoad load, RunningServer server, int inFlight, long[] lost)
            throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long before = ProcessUsage.cpuNanos(server.pid());
            UdpLoad.Burst burst =
                    load.run(server.port(), sockets(inFlight), inFlight, burstMillis, bytes);
            lost[0] += burst.lost();
            if (burst.answered() > 0) { // else the server got no processor for so long
                long nanos = ProcessUsage.cpuNanos(server.pid()) - before;
                return nanos / NANOS_PER_MICRO / burst.answered();
            }
        }
        throw new IOException("no answer in " + ATTEMPTS + " bursts");
    }

    private static double quantile(double[] values, double part) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(part * (sorted.length - 1))];
    }
}
