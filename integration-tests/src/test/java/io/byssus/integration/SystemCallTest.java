package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a message costs in system calls, as strace counts them: those of the shard's thread alone.
 * What the JVM's own threads do beside it (compilers, the collector) is its affair, and depends on
 * how busy the machine is.
 */
class SystemCallTest {
    private static final int MESSAGES = 2_000;
    private static final int WARM_UP = 10 * MESSAGES;
    private static final int MESSAGE_BYTES = 64;

    /** The first and last calls of the connection. */
    private static final int ENDS = MESSAGES / 100;

    /** Calls that are no message's: those in which a thread waits for a safepoint's end. */
    private static final int OTHERS = MESSAGES / 20;

    /** As in /proc, where the kernel keeps the first 15 bytes of a thread's name. */
    private static final String SHARD_0 = "byssus-shard-0";

    @TempDir private Path directory;

    @Test
    void anEchoedMessageIsOneReceiveOneSendAndOneWait() throws Exception {
        Path counts = directory.resolve("counts");
        try (RunningExample echo =
                        RunningExample.start(
                                RunningExample.Buffers.RECYCLING,
                                "echo",
                                "--smp",
                                "1",
                                // whose calls depend on the time, not on the messages
                                "--stall-threshold",
                                "off");
                Socket client = echo.connect()) {
            exchange(client, WARM_UP); // the handler is compiled, its descriptor registered
            String thread = threadId(echo.child().pid(), SHARD_0);
            try (Child strace =
                    Child.start("strace", "-c", "-o", counts.toString(), "-p", thread)) {
                strace.awaitErrorLine(
                        Pattern.compile("(?m)^strace: Process " + thread + " attached"));
                exchange(client, MESSAGES);
                strace.signal("INT");
                strace.awaitEnd();
            }
        }
        Map<String, Integer> calls = parse(counts);
        assertThat(calls.get("recvfrom"))
                .as("%s", calls)
                .isBetween(MESSAGES - ENDS, MESSAGES + ENDS);
        assertThat(calls.get("sendto")).as("%s", calls).isBetween(MESSAGES - ENDS, MESSAGES + ENDS);
        assertThat(waits(calls)).as("%s", calls).isBetween(1, MESSAGES + ENDS);
        assertThat(calls.getOrDefault("epoll_ctl", 0)).isZero();
        assertThat(calls.values().stream().mapToInt(Integer::intValue).sum())
                .as("%s", calls)
                .isLessThan(3 * MESSAGES + OTHERS);
    }

    /** The kernel's number of the thread that has this name. */
    private static String threadId(long pid, String name) throws IOException {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                if (name(thread).equals(Optional.of(name))) {
                    found.add(thread.getFileName().toString());
                }
            }
        }
        assertThat(found).as("threads called " + name).hasSize(1);
        return found.getFirst();
    }

    /** Nothing if it has ended meanwhile, as a compiler's thread does that has no more to do. */
    private static Optional<String> name(Path thread) throws IOException {
        try {
            return Optional.of(Files.readString(thread.resolve("comm")).strip());
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static int waits(Map<String, Integer> calls) {
        return calls.getOrDefault("epoll_wait", 0) + calls.getOrDefault("epoll_pwait2", 0);
    }

    private static void exchange(Socket client, int messages) throws Exception {
        InputStream in = client.getInputStream();
        OutputStream out = client.getOutputStream();
        byte[] message = new byte[MESSAGE_BYTES];
        for (int i = 0; i < messages; i++) {
            message[0] = (byte) i;
            out.write(message);
            assertThat(in.readNBytes(MESSAGE_BYTES)).isEqualTo(message);
        }
    }

    /** The columns are: % time, seconds, usecs/call, calls, errors (or nothing), system call. */
    private static Map<String, Integer> parse(Path counts) throws Exception {
        List<String> lines = Files.readAllLines(counts);
        return lines.stream()
                .map(line -> line.trim().split("\\s+"))
                .filter(columns -> columns.length >= 5 && columns[3].matches("\\d+"))
                .filter(columns -> !columns[columns.length - 1].equals("total"))
                .collect(
                        Collectors.toMap(
                                columns -> columns[columns.length - 1],
                                columns -> Integer.parseInt(columns[3])));
    }
}
