package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every byte arrives, whatever the network does, and nothing is left behind. */
class LossyTransferTest {
    private static final long LARGE = 10 << 20;
    private static final long SMALL = 1 << 20;

    /** Where so much is lost, R2 ends a connection that still has a chance. */
    private static final Duration PATIENCE = Duration.ofDays(1);

    private final SplittableRandom random = new SplittableRandom(Seeds.next("LossyTransferTest"));

    static TcpSettings patient(int sendBytes, int receiveBytes) {
        TcpSettings d = TcpSettings.DEFAULTS;
        return new TcpSettings(
                d.nagle(),
                sendBytes,
                receiveBytes,
                0,
                d.keepaliveIntervalNanos(),
                d.keepaliveProbes(),
                PATIENCE.toNanos(),
                PATIENCE.toNanos(),
                false);
    }

    private static TcpSettings patient() {
        return patient(TcpSettings.DEFAULTS.sendBytesMax(), TcpSettings.RECEIVE_BYTES_MAX);
    }

    private void transfer(Faults faults, TcpSettings settings, long toRight, long toLeft)
            throws IOException {
        new Transfer(
                        new SimulatedNetwork(SimulatedNetwork.Setup.of(random.nextLong(), faults)),
                        settings,
                        StreamEnd.Plan.sending(toRight),
                        StreamEnd.Plan.sending(toLeft))
                .complete();
    }

    private static Faults delay(int micros) {
        return Faults.NONE.withDelay(Duration.ofNanos(micros * 1000L));
    }

    @Test
    void theSameSeedGivesTheSameTrace() throws Exception {
        long seed = random.nextLong();
        assertThat(trace(seed)).isEqualTo(trace(seed));
        assertThat(trace(seed)).isNotEqualTo(trace(seed + 1));
    }

    private static long trace(long seed) throws IOException {
        Faults faults =
                delay(5_000)
                        .withLoss(0.02)
                        .withDuplication(0.01)
                        .withCorruption(0.01)
                        .withReordering(0.05, Duration.ofMillis(3));
        SimulatedNetwork network = new SimulatedNetwork(SimulatedNetwork.Setup.of(seed, faults));
        new Transfer(
                        network,
                        patient(),
                        StreamEnd.Plan.sending(SMALL),
                        StreamEnd.Plan.sending(SMALL))
                .complete();
        return network.traceHash();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3})
    void survivesLoss(double loss) throws Exception {
        long bytes = loss < 0.2 ? LARGE : SMALL;
        transfer(delay(10_000).withLoss(loss), patient(), bytes, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.3})
    void survivesLossWithTrafficBothWays(double loss) throws Exception {
        transfer(delay(1_000).withLoss(loss), patient(), SMALL, SMALL);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.2, 1})
    void survivesDuplication(double duplication) throws Exception {
        transfer(delay(2_000).withDuplication(duplication), patient(), LARGE, SMALL);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 3_000, 50_000})
    void survivesReordering(int micros) throws Exception {
        Faults faults = delay(10_000).withReordering(0.2, Duration.ofNanos(micros * 1000L));
        transfer(faults, patient(), LARGE, SMALL);
    }

    @Test
    void survivesCorruption() throws Exception {
        transfer(delay(2_000).withCorruption(0.02), patient(), LARGE, SMALL);
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 500, 5_000, 50_000, 150_000})
    void worksWithAnyRoundTrip(int oneWayMicros) throws Exception {
        transfer(delay(oneWayMicros).withLoss(0.001), patient(), LARGE, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {2 << 10, 5_000, 16 << 10, 64 << 10, 256 << 10, 4 << 20})
    void worksWithAnyBuffers(int bytes) throws Exception {
        long text = bytes < 16 << 10 ? SMALL : LARGE;
        transfer(delay(1_000).withLoss(0.005), patient(bytes, bytes), text, 0);
        transfer(delay(1_000).withLoss(0.005), patient(1 << 20, bytes), SMALL, SMALL);
        transfer(delay(1_000).withLoss(0.005), patient(bytes, 1 << 20), SMALL, SMALL);
    }

    @Test
    void survivesEverythingAtOnce() throws Exception {
        Faults faults =
                delay(20_000)
                        .withLoss(0.05)
                        .withDuplication(0.05)
                        .withCorruption(0.02)
                        .withReordering(0.1, Duration.ofMillis(15))
                        .withRate(20_000_000, 60_000);
        transfer(faults, patient(), SMALL, SMALL);
    }
}
