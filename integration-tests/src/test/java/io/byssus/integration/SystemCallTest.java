package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a message costs in system calls, as strace counts them. */
class SystemCallTest {
    private static final int MESSAGES = 2_000;
    private static final int MESSAGE_BYTES = 64;

    /** Calls of other threads, and the first and last ones of the connection. */
    private static final int OTHERS = MESSAGES / 20;

    @TempDir private Path directory;

    @Test
    void anEchoedMessageIsOneReceiveOneSendAndOneWait() throws Exception {
        Path counts = directory.resolve("counts");
        try (RunningExample echo =
                        RunningExample.start(
                                RunningExample.Buffers.RECYCLING, "echo", "--smp", "1");
                Socket client = echo.connect()) {
            exchange(client, MESSAGES); // the handler is compiled, its descriptor registered
            String pid = Long.toString(echo.child().pid());
            try (Child strace =
                    Child.start("strace", "-f", "-c", "-o", counts.toString(), "-p", pid)) {
                strace.awaitErrorLine(Pattern.compile("(?m)^strace: Process " + pid + " attached"));
                exchange(client, MESSAGES);
                strace.signal("INT");
                strace.awaitEnd();
            }
        }
        Map<String, Integer> calls = parse(counts);
        assertThat(calls.get("recvfrom")).isBetween(MESSAGES - OTHERS, MESSAGES + OTHERS);
        assertThat(calls.get("sendto")).isBetween(MESSAGES - OTHERS, MESSAGES + OTHERS);
        assertThat(waits(calls)).isBetween(1, MESSAGES + OTHERS);
        assertThat(calls.getOrDefault("epoll_ctl", 0)).isZero();
        assertThat(calls.values().stream().mapToInt(Integer::intValue).sum())
                .isLessThan(3 * MESSAGES + 3 * OTHERS);
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
