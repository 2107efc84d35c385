package io.byssus.benchmarks;

import io.byssus.benchmarks.Workload.Protocol;
import io.byssus.benchmarks.load.PairedLoad;
import io.byssus.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares servers that are all up at once, by short bursts of load in turn ({@link PairedLoad}
 * says why). The first server is the one that the others are compared with.
 *
 * <p>What it does not see is how much a server differs from one start to the next; for that there
 * is {@link SideBySide}.
 */
public final class Paired {
    private static final String USAGE =
            """
            usage: ./byssus bench paired [options]
              --loads L,L,...       default: echo-64@64,echo-16k@64,echo-64@1000,echo-16k@1000,
                                    http@64,http@1000,http-p16@64,http-p16@1000
              --servers S,S,...     default: byssus,netty-epoll,netty-io_uring,jdk,helidon,c-epoll
              --rounds N            bursts per server, default 30
              --burst-millis M      default 400
              --warmup-seconds S    least load per server before that, default 8; it goes on until
                                    the JIT compiler rests, at most 6 times as long
              --byssus-jar, --byssus-args, --jvm-options, --server-cpu, --load-cpu
                                    as for side-by-side
            """;
    private static final List<String> OF_THE_LOAD =
            List.of("rounds", "burst-millis", "warmup-seconds");
    private static final List<String> LOADS =
            Workload.ALL.stream().filter(name -> !name.endsWith("@1")).toList();
    private static final List<String> SERVERS =
            List.of("byssus", "netty-epoll", "netty-io_uring", "jdk", "helidon", "c-epoll");
    private static final List<String> LOAD_OPTIONS = List.of("-XX:+UseSerialGC", "-Xmx256m");

    private final Arguments given;
    private final TestBed bed;

    private Paired(Arguments given, TestBed bed) {
        this.given = given;
        this.bed = bed;
    }

    public static void main(String[] arguments) throws InterruptedException {
        List<String> valued = new ArrayList<>(OF_THE_LOAD);
        valued.addAll(
                List.of(
                        "loads",
                        "servers",
                        "byssus-jar",
                        "byssus-args",
                        "jvm-options",
                        "server-cpu",
                        "load-cpu"));
        Arguments given = Arguments.parse(arguments, USAGE, valued, List.of());
        try {
            Paired paired = new Paired(given, Options.bed(given));
            List<Server> servers =
                    given.list("servers", SERVERS).stream().map(Server::named).toList();
            for (String load : given.list("loads", LOADS)) {
                paired.compare(Workload.named(load), servers);
            }
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("paired: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void compare(Workload workload, List<Server> servers)
            throws IOException, InterruptedException {
        List<Server> present =
                servers.stream()
                        .filter(server -> server.serves(workload.protocol()))
                        .filter(server -> server.whyMissing(bed).isEmpty())
                        .toList();
        List<RunningServer> running = new ArrayList<>();
        try {
            List<String> targets = new ArrayList<>();
            for (Server server : present) {
                RunningServer started =
                        RunningServer.start(
                                bed.onServerCpu(
                                        server.command(
                                                bed, workload.protocol(), bed.jvmOptions())));
                running.add(started);
                targets.add(target(workload, started));
            }
            Map<String, Double> figures =
                    LoadProcess.run(bed.onLoadCpu(load(workload, targets)), _ -> {});
            System.out.println(table(workload, present, running, figures));
        } finally {
            running.forEach(RunningServer::close);
        }
    }

    private static String target(Workload workload, RunningServer server) throws IOException {
        String target = server.port() + ":" + server.pid();
        return workload.protocol() == Protocol.HTTP
                ? target + ":" + HttpProbe.responseBytes(server.port())
                : target;
    }

    private List<String> load(Workload workload, List<String> targets) {
        List<String> command =
                new ArrayList<>(
                        bed.javaMain(
                                LOAD_OPTIONS,
                                PairedLoad.class,
                                "--servers=" + String.join(",", targets),
                                "--connections=" + workload.connections()));
        command.add(
                workload.protocol() == Protocol.HTTP
                        ? "--pipeline=" + workload.pipeline()
                        : "--size=" + workload.messageBytes());
        for (String option : OF_THE_LOAD) {
            if (given.has(option)) {
                command.add("--" + option + "=" + given.text(option, ""));
            }
        }
        return command;
    }

    private static String table(
            Workload workload,
            List<Server> servers,
            List<RunningServer> running,
            Map<String, Double> figures) {
        String subject = servers.getFirst().optionName();
        StringBuilder table = new StringBuilder();
        table.append("### " + workload.title() + " (`" + workload.name() + "`, paired bursts)\n\n");
        table.append("| server | requests/s | CPU µs/request | p50 µs | p99 µs | peak MiB ");
        table.append("| load busy | " + subject + " CPU ratio (quartiles) | p99 ratio |\n");
        table.append("| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n");
        for (int i = 0; i < servers.size(); i++) {
            String prefix = i + ".";
            table.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %,.0f | %.2f | %.0f | %.0f | %.0f | %.0f %% | %s |%n",
                            servers.get(i).optionName(),
                            figures.get(prefix + "requests_per_second"),
                            figures.get(prefix + "cpu_micros"),
                            figures.get(prefix + "p50_micros"),
                            figures.get(prefix + "p99_micros"),
                            ProcessUsage.peakResidentMebibytes(running.get(i).pid()),
                            100 * figures.get(prefix + "load_busy"),
                            i == 0 ? "- | -" : ratios(prefix, figures)));
        }
        return table.toString();
    }

    private static String ratios(String prefix, Map<String, Double> figures) {
        return String.format(
                Locale.ROOT,
                "%.2f (%.2f-%.2f) | %.2f",
                figures.get(prefix + "cpu_ratio"),
                figures.get(prefix + "cpu_ratio_low"),
                figures.get(prefix + "cpu_ratio_high"),
                figures.get(prefix + "p99_ratio"));
    }
}
