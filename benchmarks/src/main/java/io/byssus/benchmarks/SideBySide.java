package io.byssus.benchmarks;

import io.byssus.benchmarks.Workload.Protocol;
import io.byssus.benchmarks.load.ProcessUsage;
import io.byssus.benchmarks.report.BetterHalf;
import io.byssus.benchmarks.report.MarkdownTable;
import io.byssus.benchmarks.report.Round;
import io.byssus.benchmarks.report.Round.Flags;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Compares the servers: for each load, round after round, each server is started afresh on one
 * core, warmed up and measured by a load on another core.
 *
 * <p>Rounds alternate because the machine changes under our hands: what disturbs one server's turn
 * disturbs another's turn in another round. A fresh process per turn, because what the JIT compiler
 * makes of a program differs from start to start, and a lucky start must not be quoted five times.
 * The order rotates, so that nobody always follows the same neighbour. A turn in which other
 * processes took the cores away is repeated.
 *
 * <p>The tables go to standard output and everything else to the error stream; the raw rounds are
 * written to {@code benchmarks/target/side-by-side.csv} as they come.
 */
public final class SideBySide {
    private final Options options;
    private final TestBed bed;
    private final Load load;
    private final PrintWriter csv;
    private final Map<Server, Integer> responseBytes = new EnumMap<>(Server.class);

    private SideBySide(Options options, PrintWriter csv) {
        this.options = options;
        this.bed = options.bed();
        this.load =
                new Load(bed, options.httpGenerator(), options.warmupSeconds(), options.seconds());
        this.csv = csv;
    }

    public static void main(String[] arguments) throws InterruptedException {
        try {
            Options options = Options.parse(arguments);
            Path file = options.bed().output().resolve("side-by-side.csv");
            Files.createDirectories(file.getParent());
            try (PrintWriter csv = new PrintWriter(Files.newBufferedWriter(file), true)) {
                csv.println(Round.CSV_HEADER);
                new SideBySide(options, csv).run();
            }
            System.err.println("raw rounds: " + options.bed().relative(file));
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("side by side: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void run() throws InterruptedException {
        System.out.println(preamble());
        List<Server> present = options.servers().stream().filter(this::isPresent).toList();
        for (Workload workload : options.workloads().stream().filter(this::isPossible).toList()) {
            List<Server> servers =
                    present.stream().filter(server -> server.serves(workload.protocol())).toList();
            if (!servers.isEmpty()) {
                compare(workload, servers);
            }
        }
        if (!responseBytes.isEmpty()) {
            Map<String, Integer> byName = new TreeMap<>();
            responseBytes.forEach((server, bytes) -> byName.put(server.optionName(), bytes));
            System.out.println("Bytes per HTTP response: " + byName);
        }
    }

    private boolean isPresent(Server server) {
        Optional<String> why = server.whyMissing(bed);
        why.ifPresent(
                reason -> System.err.println("left out: " + server.optionName() + ": " + reason));
        return why.isEmpty();
    }

    private boolean isPossible(Workload workload) {
        Optional<String> why = load.whyMissing(workload);
        why.ifPresent(reason -> System.err.println("left out: " + workload.name() + ": " + reason));
        return why.isEmpty();
    }

    private String preamble() {
        return """
        %d rounds; each server a fresh process on core %d, at least %d s of load until its JIT compiler rests,
        then %d s measured; the load on core %d. Quoted: the median of the better half of the rounds by CPU per request.
        JDK %s, Linux %s, %d cores. JVM flags of all JVM servers: `%s`
        """
                .formatted(
                        options.rounds(),
                        bed.serverCpu(),
                        options.warmupSeconds(),
                        options.seconds(),
                        bed.loadCpu(),
                        Runtime.version(),
                        System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"),
                        Runtime.getRuntime().availableProcessors(),
                        String.join(" ", bed.jvmOptions()));
    }

    private void compare(Workload workload, List<Server> servers) throws InterruptedException {
        Map<Server, List<Round>> rounds = new EnumMap<>(Server.class);
        List<Server> order = new ArrayList<>(servers);
        for (int number = 1; number <= options.rounds(); number++) {
            for (Server server : order) {
                measureCalmly(workload, server, number)
                        .ifPresent(round ->
                                rounds.computeIfAbsent(server, _ -> new ArrayList<>()).add(round));
            }
            Collections.rotate(order, 1);
        }
        Map<String, Double> plainMebibytes = new TreeMap<>();
        if (options.plainMemory()) {
            for (Server server : servers.stream().filter(Server::isJava).toList()) {
                measure(workload, server, Flags.PLAIN, 1)
                        .ifPresent(
                                round -> plainMebibytes.put(round.server(), round.peakMebibytes()));
            }
        }
        List<BetterHalf> rows =
                servers.stream()
                        .filter(rounds::containsKey)
                        .map(server -> BetterHalf.of(rounds.get(server)))
                        .toList();
        System.out.printf(
                "### %s (`%s`, load: %s)%n%n",
                workload.title(), workload.name(), load.generator(workload));
        System.out.println(new MarkdownTable(Server.BYSSUS.optionName(), rows, plainMebibytes));
    }

    /** One server's turn, again and again while others disturb it; the calmest one counts. */
    private Optional<Round> measureCalmly(Workload workload, Server server, int number)
            throws InterruptedException {
        Optional<Round> calmest = measure(workload, server, Flags.HOUSE, number);
        for (int retry = 0;
                retry < options.retries() && calmest.filter(Round::disturbed).isPresent();
                retry++) {
            Optional<Round> next = measure(workload, server, Flags.HOUSE, number);
            calmest =
                    Stream.concat(calmest.stream(), next.stream())
                            .min(Comparator.comparingDouble(Round::disturbance));
        }
        return calmest;
    }

    /** One server's turn; a failed one is told and left out, the others go on. */
    private Optional<Round> measure(Workload workload, Server server, Flags flags, int number)
            throws InterruptedException {
        List<String> jvmOptions = flags == Flags.HOUSE ? bed.jvmOptions() : List.of();
        List<String> command =
                bed.onServerCpu(server.command(bed, workload.protocol(), jvmOptions));
        try {
            QuietCores.await(List.of(bed.serverCpu(), bed.loadCpu()), options.quietSeconds());
            return Optional.of(measure(workload, server, flags, number, command));
        } catch (IOException failure) {
            System.err.printf(
                    "%s %s round %d failed: %s%n",
                    workload.name(), server.optionName(), number, failure.getMessage());
            return Optional.empty();
        }
    }

    private Round measure(
            Workload workload, Server server, Flags flags, int number, List<String> command)
            throws IOException, InterruptedException {
        try (RunningServer running = RunningServer.start(command)) {
            int bytes = 0;
            if (workload.protocol() == Protocol.HTTP) {
                bytes = HttpProbe.responseBytes(running.port());
                responseBytes.put(server, bytes);
            }
            Map<String, Double> figures = load.run(workload, running, bytes);
            Round round =
                    new Round(
                            workload.name(),
                            server.optionName(),
                            flags,
                            number,
                            figures.get("warmup_seconds"),
                            figures.get("requests"),
                            figures.get("seconds"),
                            figures.get("server_cpu_micros"),
                            figures.get("p50_micros"),
                            figures.get("p99_micros"),
                            figures.get("p99.9_micros"),
                            figures.get("server_busy"),
                            figures.get("server_wait"),
                            figures.get("load_busy"),
                            figures.get("load_wait"),
                            ProcessUsage.peakResidentMebibytes(running.pid()));
            csv.println(round.csv());
            System.err.println(round.progress());
            return round;
        }
    }
}
