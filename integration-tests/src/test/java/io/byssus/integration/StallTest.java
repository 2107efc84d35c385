package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stall detector in processes such as users have: a server, its log, its recording. */
class StallTest {
    private static final String NAME = "StallingServer";

    /**
     * Its handler stalls at each byte that it gets, until the file is there that the test makes.
     */
    private static final String SERVER =
            """
            import io.byssus.net.Connection;
            import io.byssus.net.Listener;
            import io.byssus.net.Network;
            import io.byssus.runtime.Byssus;
            import io.byssus.runtime.fiber.Fiber;
            import io.byssus.runtime.memory.Buffer;
            import java.io.IOException;
            import java.nio.file.Files;
            import java.nio.file.Path;

            public final class StallingServer {
                static final long LIMIT = 60_000_000_000L;

                public static void main(String[] args) {
                    Byssus.run(args, shards -> shards.onEach(StallingServer::serviceLoop));
                }

                static void serviceLoop() throws IOException {
                    try (Listener listener = Network.listen(0)) {
                        System.out.println("port " + listener.localAddress().getPort());
                        while (true) {
                            Connection connection = listener.accept().connection();
                            Fiber.start("handler", () -> handle(connection));
                        }
                    }
                }

                static void handle(Connection connection) throws IOException {
                    try (connection) {
                        Buffer buffer = connection.input().read();
                        stall();
                        connection.output().write(buffer);
                        connection.output().flush();
                    }
                }

                static void stall() {
                    Path file = Path.of(System.getProperty("released"));
                    long end = System.nanoTime() + LIMIT;
                    while (!Files.exists(file) && System.nanoTime() < end) {
                        for (int i = 0; i < 1_000_000; i++) {
                            Thread.onSpinWait();
                        }
                    }
                }
            }
            """;

    private static final Pattern PORT = Pattern.compile("(?m)^port (\\d+)$");
    private static final String DETECTOR = "byssus-stalls";
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Fifty of the detector's looks. */
    private static final Duration ASLEEP = Duration.ofSeconds(1);

    private static final Pattern SWITCHES =
            Pattern.compile("(?m)^voluntary_ctxt_switches:\\s*(\\d+)$");

    @TempDir private Path folder;

    @Test
    void stallOfAHandlerIsOnStandardErrorAndInTheRecordingWithItsLine() throws Exception {
        Path classes = CompiledProgram.compile(NAME, SERVER, folder);
        Path released = folder.resolve("released");
        String line = "at StallingServer.stall(StallingServer.java:";
        try (Child server =
                Child.java(
                        List.of(
                                "-XX:StartFlightRecording",
                                "-Dreleased=" + released,
                                "--add-opens",
                                "java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classes + ":" + System.getProperty("java.class.path"),
                                NAME,
                                "--smp",
                                "1",
                                "--overprovisioned"))) {
            int port = Integer.parseInt(server.awaitLine(PORT).group(1));
            InetAddress local = InetAddress.getLoopbackAddress();
            try (Socket client = RunningExample.connect(new InetSocketAddress(local, port))) {
                client.getOutputStream().write('x');
                server.awaitErrorLine(
                        Pattern.compile(
                                "(?m)^WARNING: shard 0 has been held for \\d+ ms by fiber"
                                        + " 'handler' \\(group main\\), .*$"));
                server.awaitErrorLine(
                        Pattern.compile("(?m)^    " + Pattern.quote(line) + "\\d+\\)$"));
                server.awaitErrorLine(Pattern.compile("(?m)^    at StallingServer\\.handle\\("));
                Files.createFile(released);
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            server.awaitErrorLine(
                    Pattern.compile(
                            "shard 0 goes on: fiber 'handler' \\(group main\\) held it for .*,"
                                    + " on the processor for "));

            List<RecordedEvent> stalls = recorded(server);
            assertThat(stalls).extracting(event -> event.getString("kind")).contains("ON_CPU");
            assertThat(stalls).extracting(event -> event.getInt("shard")).containsOnly(0);
            assertThat(stalls).extracting(event -> event.getString("group")).containsOnly("main");
            assertThat(stalls)
                    .extracting(event -> event.getString("stack"))
                    .anyMatch(stack -> stack.contains(line));
            assertThat(stalls).anyMatch(event -> event.getBoolean("ended"));

            server.signal("INT");
            assertThat(server.awaitEnd(SOON).status()).isZero();
        }
    }

    /** The handler's stalls in a recording of {@code server}. */
    private List<RecordedEvent> recorded(Child server) throws IOException {
        Path file = folder.resolve("stalls.jfr");
        Child.Ended dump =
                Child.run(
                        "",
                        Child.JAVA.resolveSibling("jcmd").toString(),
                        Long.toString(server.pid()),
                        "JFR.dump",
                        "filename=" + file);
        assertThat(file).as("%s", dump).exists();
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("io.byssus.Stall"))
                .filter(event -> event.getString("holder").equals("fiber 'handler'"))
                .toList();
    }

    @Test
    void idleServersThreadsAndTheDetectorSleepWithoutWakingNowAndThen() throws Exception {
        try (RunningExample echo =
                        RunningExample.start("echo", "--smp", "2", "--stall-threshold", "25ms");
                Socket client = echo.connect()) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            long limit = System.nanoTime() + Child.LIMIT.toNanos();
            Map<String, Long> before;
            Map<String, Long> after;
            do { // what the start or the request had put off is no habit
                before = wakeUps(echo.child().pid());
                assertThat(echo.endsWithin(ASLEEP)).isFalse();
                after = wakeUps(echo.child().pid());
            } while (!after.equals(before) && System.nanoTime() < limit);
            assertThat(after)
                    .isEqualTo(before)
                    .containsOnlyKeys("byssus-shard-0", "byssus-shard-1", DETECTOR);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "0"})
    void detectorThatIsOffHasNoThread(String off) throws Exception {
        try (RunningExample echo =
                RunningExample.start("echo", "--smp", "1", "--stall-threshold", off)) {
            assertThat(wakeUps(echo.child().pid())).containsOnlyKeys("byssus-shard-0");
            echo.stopCleanly();
        }
    }

    @Test
    void interruptEndsAServerWithADetectorAtOnceAndSilently() throws Exception {
        try (RunningExample echo =
                RunningExample.start("echo", "--stall-threshold", "1s", "--shutdown-grace", "25")) {
            echo.child().signal("INT");
            Child.Ended ended = echo.child().awaitEnd(SOON);
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    /** How often each of its shards' threads, and the detector's, has slept; by name. */
    private static Map<String, Long> wakeUps(long pid) throws IOException {
        Map<String, Long> wakeUps = new TreeMap<>();
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    String name = Files.readString(thread.resolve("comm")).strip();
                    if (name.startsWith("byssus-shard-") || name.equals(DETECTOR)) {
                        var count = SWITCHES.matcher(Files.readString(thread.resolve("status")));
                        assertThat(count.find()).isTrue();
                        wakeUps.put(name, Long.parseLong(count.group(1)));
                    }
                } catch (NoSuchFileException e) {
                    assertThat(thread).as("it has ended").doesNotExist();
                }
            }
        }
        return wakeUps;
    }
}
