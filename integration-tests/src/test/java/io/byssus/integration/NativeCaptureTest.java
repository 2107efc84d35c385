package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --pcap} and {@code --tso}: what tcpdump says of everything that passed. */
@Tag("tun")
@Timeout(60)
class NativeCaptureTest {
    private static final long BYTES = 1 << 20;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void tcpdumpReadsTheFileAndFindsEveryChecksumRight(String tso) throws Exception {
        try (TapNetwork network = TapNetwork.create();
                RunningExample echo =
                        network.start("echo", "--tso", tso, "--pcap", file("trace"))) {
            exchange(network, echo);
            network.run("", "ping", "-n", "-c1", "-W5", "-s3000", TapNetwork.NATIVE);
            network.run("", "nc", "-w5", TapNetwork.NATIVE, "9");
            echo.stopCleanly();
        }
        Child.Ended ended = Child.run("", "tcpdump", "-n", "-vv", "-r", file("trace.0"));
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("ARP", "ICMP echo reply", "Flags [S.]", "Flags [R.]", "(correct)")
                .doesNotContain("incorrect", "bad cksum", "truncated", "[|");
        if (tso.equals("off")) {
            assertThat(longestPacket(ended.out())).isLessThanOrEqualTo(1500);
        }
    }

    @Test
    void everyShardWritesAFileOfItsOwn() throws Exception {
        try (TapNetwork network = TapNetwork.createMultiQueue();
                RunningExample echo =
                        network.start("echo", "--smp", "2", "--pcap", file("trace"))) {
            exchange(network, echo);
            echo.stopCleanly();
        }
        long packets = 0;
        for (int shard = 0; shard < 2; shard++) {
            Child.Ended ended = Child.run("", "tcpdump", "-n", "-r", file("trace." + shard));
            assertThat(ended.status()).as(ended.err()).isZero();
            packets += ended.out().lines().count();
        }
        assertThat(packets).isPositive();
        assertThat(Files.list(folder)).hasSize(2);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static void exchange(TapNetwork network, RunningExample echo) throws Exception {
        Payload payload = Payload.seeded(BYTES);
        try (Socket socket = network.connect(echo)) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static int longestPacket(String verbose) {
        return verbose.lines()
                .filter(line -> line.matches(".* IP .* length \\d+\\)"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll(".* length (\\d+)\\)", "$1")))
                .max()
                .orElseThrow();
    }
}
