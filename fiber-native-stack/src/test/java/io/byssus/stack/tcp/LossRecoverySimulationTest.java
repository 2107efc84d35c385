package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link LossRecovery} over a bad path; {@link RecoverySimulation} checks what must hold. */
class LossRecoverySimulationTest {
    private static final int RUNS = 100;
    private static final int SEGMENTS = 400;

    private final SplittableRandom random =
            new SplittableRandom(Seeds.next("LossRecoverySimulationTest"));

    private RecordingCongestion congestion;

    private RecoverySimulation run(RecoverySimulation.Setting setting) {
        congestion = new RecordingCongestion();
        RecoverySimulation simulation =
                new RecoverySimulation(
                        setting, random.nextLong(), congestion, new PlainRateReduction());
        simulation.run();
        return simulation;
    }

    @Test
    void aPathWithoutFaultsNeedsNoRetransmission() {
        RecoverySimulation simulation =
                run(new RecoverySimulation.Setting(0, 0, 0, 0, true, true, SEGMENTS));
        assertThat(simulation.recovery.counters().retransmittedSegments).isZero();
        assertThat(congestion.events()).doesNotContain("LOSS", "timeout");
    }

    @Test
    void deliversEverythingOverAnyPathWithSack() {
        for (int i = 0; i < RUNS; i++) {
            run(randomSetting(true));
        }
    }

    @Test
    @Tag("MUST-19")
    void deliversEverythingOverAnyPathWithoutSack() {
        for (int i = 0; i < RUNS; i++) {
            run(randomSetting(false));
        }
    }

    @Test
    void withSackAFewPercentOfLossNeedFewTimeouts() {
        RecoverySimulation simulation =
                run(new RecoverySimulation.Setting(0.02, 0, 0, 0, true, true, 10 * SEGMENTS));
        RecoveryCounters counters = simulation.recovery.counters();
        assertThat(counters.recoveries).isPositive();
        assertThat(counters.timeouts).isLessThan(counters.recoveries / 4 + 5);
    }

    @Test
    void deliversEverythingWithEachCongestionControl() {
        for (CongestionAlgorithm algorithm : CongestionAlgorithm.values()) {
            for (int i = 0; i < RUNS; i++) {
                new RecoverySimulation(
                                randomSetting(random.nextBoolean()),
                                random.nextLong(),
                                algorithm.create(RecoverySimulation.SEGMENT),
                                new ProportionalRateReduction())
                        .run();
            }
        }
    }

    private RecoverySimulation.Setting randomSetting(boolean selective) {
        return new RecoverySimulation.Setting(
                sometimes(0.3),
                sometimes(0.3),
                sometimes(0.3),
                sometimes(0.1),
                selective,
                random.nextBoolean(),
                SEGMENTS);
    }

    private double sometimes(double most) {
        return random.nextBoolean() ? random.nextDouble(most) : 0;
    }
}
