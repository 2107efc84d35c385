package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/**
 * What a bulk connection carries beside one under the kernel's CUBIC over the same path, from the
 * same seeds. {@code ./byssus bench cubic} has measured the kernel's, and its output is committed;
 * docs/PERFORMANCE.md says why ours carries more.
 */
class KernelCubicTest {
    private static final Path KERNEL =
            Path.of("src/test/resources/io/byssus/stack/kernel-cubic.txt");
    private static final String MEDIAN = "kernel-median ";

    /** As in that measurement. */
    private static final Faults FAULTS =
            Faults.NONE
                    .withLoss(0.01)
                    .withDelay(Duration.ofMillis(10))
                    .withRate(100_000_000, 250_000);

    private static final int SEEDS = 10;
    private static final Duration TIME = Duration.ofSeconds(60);
    private static final Duration HANDSHAKE_MAX = Duration.ofMinutes(2);
    private static final double LEAST = 0.9;
    private static final double MOST = 1.3;
    private static final double MEGA = 1e6;

    @Test
    void carriesAboutWhatTheKernelsCubicCarriesOverTheSamePath() throws Exception {
        double kernel = kernelMedian();
        double[] ours = new double[SEEDS];
        for (int seed = 1; seed <= SEEDS; seed++) {
            ours[seed - 1] = megabits(seed);
        }
        assertThat(median(ours))
                .as("Mbit/s, the median of %s", Arrays.toString(ours))
                .isBetween(LEAST * kernel, MOST * kernel);
    }

    private static double kernelMedian() throws IOException {
        String line =
                Files.readAllLines(KERNEL).stream()
                        .filter(one -> one.startsWith(MEDIAN))
                        .findAny()
                        .orElseThrow();
        return Double.parseDouble(line.split(" ")[1]);
    }

    private static double median(double[] figures) {
        double[] sorted = DoubleStream.of(figures).sorted().toArray();
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }

    /** Payload that has arrived a minute after the handshake, per second. */
    private static double megabits(long seed) throws IOException {
        SimulatedNetwork network = new SimulatedNetwork(SimulatedNetwork.Setup.of(seed, FAULTS));
        network.withoutHash();
        StreamEnd near = new StreamEnd(network, StreamEnd.Plan.sending(Long.MAX_VALUE));
        StreamEnd far = new StreamEnd(network, StreamEnd.Plan.receiving().staying());
        network.listen(1, TcpSettings.DEFAULTS, far::begin);
        near.begin(network.connect(TcpSettings.DEFAULTS, near));
        assertThat(
                        network.runUntil(
                                () -> near.connection().state() == TcpState.ESTABLISHED,
                                HANDSHAKE_MAX))
                .isTrue();
        network.run(TIME);
        network.close();
        return far.received() * (double) Byte.SIZE / TIME.toSeconds() / MEGA;
    }
}
