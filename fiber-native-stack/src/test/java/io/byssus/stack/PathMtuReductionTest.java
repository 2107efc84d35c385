package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.device.Faults;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The path's MTU shrinks in the middle of a transfer. */
class PathMtuReductionTest {
    private static final int LOSSY_RUNS = 10;
    private static final long BYTES = 1 << 20;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SplittableRandom random =
            new SplittableRandom(Seeds.next("PathMtuReductionTest"));

    private SimulatedNetwork network;
    private NarrowDevice path;

    private Transfer transfer(double loss, int mtu, boolean answering) throws Exception {
        Faults faults = Faults.NONE.withDelay(Duration.ofMillis(10)).withLoss(loss);
        network =
                new SimulatedNetwork(
                        SimulatedNetwork.Setup.of(random.nextLong(), faults)
                                .tracking()
                                .around((pool, device) -> path = new NarrowDevice(pool, device)));
        Transfer transfer =
                new Transfer(
                        network,
                        LossyTransferTest.patient(256 << 10, 256 << 10),
                        StreamEnd.Plan.sending(BYTES),
                        StreamEnd.Plan.sending(BYTES));
        network.runUntil(() -> transfer.far().received() > BYTES / 4, MINUTE);
        path.shrinkTo(mtu, answering);
        return transfer.complete();
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 1000, 576})
    void aRouterThatSaysSoIsBelievedAtOnce(int mtu) throws Exception {
        Transfer transfer = transfer(0, mtu, true);
        assertThat(path.dropped()).isLessThan(400);
        assertThat(Duration.ofNanos(transfer.far().endNanos())).isLessThan(Duration.ofSeconds(1));
        assertThat(network.left().tcp().counters().timeouts).isZero();
    }

    @Test
    void alsoWhereSegmentsAreLost() throws Exception {
        for (int i = 0; i < LOSSY_RUNS; i++) {
            transfer(0.05, 600 + random.nextInt(800), true);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 1000, 576})
    void aBlackHoleIsFoundOut(int mtu) throws Exception {
        Transfer transfer = transfer(0, mtu, false);
        assertThat(Duration.ofNanos(transfer.far().endNanos())).isLessThan(MINUTE);
    }

    @Test
    void alsoOneWhereSegmentsAreLost() throws Exception {
        for (int i = 0; i < LOSSY_RUNS; i++) {
            transfer(0.05, 600 + random.nextInt(800), false);
        }
    }
}
