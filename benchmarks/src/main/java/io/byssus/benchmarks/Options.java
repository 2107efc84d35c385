package io.byssus.benchmarks;

import io.byssus.benchmarks.Load.HttpGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@link SideBySide} is asked to do.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param plainMemory whether one more round without JVM flags is run for its peak memory
 */
record Options(
        List<Workload> workloads,
        List<Server> servers,
        int rounds,
        int retries,
        int quietSeconds,
        int warmupSeconds,
        int seconds,
        boolean plainMemory,
        HttpGenerator httpGenerator,
        TestBed bed) {

    private static final String USAGE =
            """
            usage: SideBySide [options]
              --loads L,L,...       default: all; e.g. echo-64@64,echo-16k@1000,http@64,http-p16@64
              --servers S,S,...     default: byssus, netty-epoll, netty-io_uring, jdk, helidon,
                                    c-epoll; also: netty-nio, netty-epoll-unsafe
              --rounds N            rounds in which the servers take turns, default 5
              --retries N           how often a round that other processes disturbed is repeated,
                                    default 2
              --quiet-seconds S     how long to wait before each turn until nobody else uses the two
                                    cores, default 20
              --seconds S           measured per server and round, default 5
              --warmup-seconds S    least load on the fresh server before that, default 5; it goes on
                                    until the JIT compiler rests, at most 6 times as long
              --quick               2 rounds of 2 s after 3 s of warm-up, one load of each kind
              --http-load G         wrk, own, or auto (default): own for pipelined loads, else wrk
              --plain               one more round without JVM flags, for a second memory column
              --jvm-options FILE    flags of all JVM servers, default config/jvm.options
              --byssus-jar FILE     default examples/target/dist/byssus-examples.jar
              --byssus-args "..."   more options for the Byssus example
              --server-cpu N        default 0
              --load-cpu N          default 1
            """;

    static Options parse(String[] arguments) throws IOException {
        Arguments given =
                Arguments.parse(
                        arguments,
                        USAGE,
                        List.of(
                                "loads",
                                "servers",
                                "rounds",
                                "retries",
                                "quiet-seconds",
                                "seconds",
                                "warmup-seconds",
                                "jvm-options",
                                "byssus-jar",
                                "byssus-args",
                                "http-load",
                                "server-cpu",
                                "load-cpu"),
                        List.of("quick", "plain"));
        boolean quick = given.has("quick");
        List<String> servers =
                List.of("byssus", "netty-epoll", "netty-io_uring", "jdk", "helidon", "c-epoll");
        return new Options(
                given.list("loads", quick ? Workload.QUICK : Workload.ALL).stream()
                        .map(Workload::named)
                        .toList(),
                given.list("servers", servers).stream().map(Server::named).toList(),
                given.number("rounds", quick ? 2 : 5),
                given.number("retries", 2),
                given.number("quiet-seconds", 20),
                given.number("warmup-seconds", quick ? 3 : 5),
                given.number("seconds", quick ? 2 : 5),
                given.has("plain"),
                given.constant("http-load", HttpGenerator.class, HttpGenerator.AUTO),
                bed(given));
    }

    static TestBed bed(Arguments given) throws IOException {
        Path root = TestBed.findRoot();
        String examples =
                System.getProperty("byssus.examples", "examples/target/dist/byssus-examples.jar");
        return new TestBed(
                root,
                root.resolve(given.text("byssus-jar", examples)),
                TestBed.readJvmOptions(
                        root.resolve(given.text("jvm-options", "config/jvm.options"))),
                List.of(given.text("byssus-args", "").split(" ")).stream()
                        .filter(part -> !part.isBlank())
                        .toList(),
                given.number("server-cpu", 0),
                given.number("load-cpu", 1));
    }
}
