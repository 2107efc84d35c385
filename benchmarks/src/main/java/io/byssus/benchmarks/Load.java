package io.byssus.benchmarks;

import io.byssus.benchmarks.Workload.Protocol;
import io.byssus.benchmarks.load.CompilerRest;
import io.byssus.benchmarks.load.EchoLoad;
import io.byssus.benchmarks.load.HttpLoad;
import io.byssus.benchmarks.load.ProcessUsage;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Loads a running server, first to warm it up and then to measure it.
 *
 * <p>Echo and pipelined HTTP: one run of our own generator does both over the same connections and
 * reads the server's CPU clock itself. Plain HTTP: runs of {@code wrk} warm up and a last one is
 * measured whole, the opening of its connections included; the server's CPU clock is read before it
 * and when it reports, before it closes them. Why not wrk for all HTTP: see {@link HttpLoad}.
 */
final class Load {
    /** The load generator allocates nothing per request; its heap is for its start. */
    private static final List<String> LOAD_OPTIONS = List.of("-XX:+UseSerialGC", "-Xmx128m");

    /** How often the warm-up by wrk looks whether the server is warm. */
    private static final int WARMUP_SLICE_SECONDS = 3;

    private static final String SCRIPT = "plaintext.lua";

    /** From here on a core counts as fully used. */
    private static final double SATURATED = 0.95;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;

    /** Which generator sends HTTP requests. */
    enum HttpGenerator {
        /** wrk for plain requests, our own for pipelined ones. */
        AUTO,
        WRK,
        OWN
    }

    private final TestBed bed;
    private final HttpGenerator httpGenerator;
    private final int warmupSeconds;
    private final int seconds;

    Load(TestBed bed, HttpGenerator httpGenerator, int warmupSeconds, int seconds) {
        this.bed = bed;
        this.httpGenerator = httpGenerator;
        this.warmupSeconds = warmupSeconds;
        this.seconds = seconds;
    }

    /**
     * Loads the server and measures.
     *
     * @param responseBytes the length of one HTTP response, 0 for echo
     * @return figures by the names of our own generator's result line
     * @throws IOException when a request failed
     */
    Map<String, Double> run(Workload workload, RunningServer server, int responseBytes)
            throws IOException, InterruptedException {
        return switch (workload.protocol()) {
            case ECHO -> own(workload, server, EchoLoad.class, "--size=" + workload.messageBytes());
            case HTTP ->
                    usesWrk(workload)
                            ? wrk(workload, server)
                            : own(
                                    workload,
                                    server,
                                    HttpLoad.class,
                                    "--pipeline=" + workload.pipeline(),
                                    "--response-bytes=" + responseBytes);
        };
    }

    /** The name of the generator, for the report. */
    String generator(Workload workload) {
        return usesWrk(workload) ? "wrk" : "own closed loop";
    }

    /** Says why this load cannot be made on this machine; empty when it can. */
    Optional<String> whyMissing(Workload workload) {
        boolean present =
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "wrk")));
        return usesWrk(workload) && !present
                ? Optional.of("wrk is not installed (Debian package wrk; or --http-load own)")
                : Optional.empty();
    }

    private boolean usesWrk(Workload workload) {
        return workload.protocol() == Protocol.HTTP
                && switch (httpGenerator) {
                    case AUTO -> workload.pipeline() == 1;
                    case WRK -> true;
                    case OWN -> false;
                };
    }

    private Map<String, Double> own(
            Workload workload, RunningServer server, Class<?> generator, String... special)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        bed.javaMain(
                                LOAD_OPTIONS,
                                generator,
                                "--port=" + server.port(),
                                "--server-pid=" + server.pid(),
                                "--connections=" + workload.connections(),
                                "--warmup-seconds=" + warmupSeconds,
                                "--seconds=" + seconds));
        command.addAll(List.of(special));
        return LoadProcess.run(bed.onLoadCpu(command), _ -> {});
    }

    private Map<String, Double> wrk(Workload workload, RunningServer server)
            throws IOException, InterruptedException {
        CompilerRest rest = new CompilerRest(server.pid(), warmupSeconds);
        long start = System.nanoTime();
        do {
            wrkOnce(workload, server, Math.clamp(warmupSeconds, 1, WARMUP_SLICE_SECONDS));
        } while (!rest.reached());
        double warmup = (System.nanoTime() - start) / NANOS_PER_SECOND;
        Map<String, Double> figures = wrkOnce(workload, server, seconds);
        if (figures.get("load_busy") > SATURATED && figures.get("server_busy") < SATURATED) {
            System.err.println("wrk: the load generator was the bottleneck");
        }
        figures.put("warmup_seconds", warmup);
        return figures;
    }

    private Map<String, Double> wrkOnce(Workload workload, RunningServer server, int duration)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        "wrk",
                        "--threads=1",
                        "--connections=" + workload.connections(),
                        "--duration=" + duration + "s",
                        "--timeout=10s",
                        "--latency",
                        "--script=" + script(),
                        "http://127.0.0.1:" + server.port() + "/plaintext",
                        "--",
                        Integer.toString(workload.pipeline()));
        Map<String, Long> after = new TreeMap<>();
        long wait = ProcessUsage.waitNanos(server.pid());
        long cpu = ProcessUsage.cpuNanos(server.pid());
        Map<String, Double> figures =
                LoadProcess.run(
                        bed.onLoadCpu(command),
                        load -> {
                            after.put("cpu", ProcessUsage.cpuNanos(server.pid()));
                            after.put("wait", ProcessUsage.waitNanos(server.pid()));
                            after.put("load", ProcessUsage.cpuNanos(load.pid()));
                            after.put("load wait", ProcessUsage.waitNanos(load.pid()));
                        });
        if (figures.get("errors") != 0) {
            throw new IOException("wrk: errors=" + figures.get("errors"));
        }
        double serverCpu = after.get("cpu") - cpu;
        double elapsed = figures.get("seconds") * NANOS_PER_SECOND;
        figures.put("server_cpu_micros", serverCpu / NANOS_PER_MICRO / figures.get("requests"));
        figures.put("server_busy", serverCpu / elapsed);
        figures.put("server_wait", (after.get("wait") - wait) / elapsed);
        figures.put("load_busy", after.get("load") / elapsed);
        figures.put("load_wait", after.get("load wait") / elapsed);
        return figures;
    }

    /** wrk wants a file; the resource may lie in a jar. */
    private Path script() {
        Path file = bed.output().resolve(SCRIPT);
        try (InputStream resource = Load.class.getResourceAsStream(SCRIPT)) {
            Files.createDirectories(bed.output());
            Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write " + SCRIPT, failure);
        }
    }
}
