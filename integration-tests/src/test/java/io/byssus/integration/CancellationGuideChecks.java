package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-cancellation.md} promises of its programs, by class name. */
final class CancellationGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "CancelledSleeper", CancellationGuideChecks::cancelledSleeper,
                    "ThreeAttempts", CancellationGuideChecks::threeAttempts,
                    "DatabaseGone", CancellationGuideChecks::databaseGone);

    private CancellationGuideChecks() {}

    private static void cancelledSleeper(CompiledProgram program) {
        GuideChecks.assertPrints(
                program,
                """
                fiber 'sleeper' cancelled in Fiber.sleep
                cleaned up
                joined: fiber 'sleeper' on shard 0 was cancelled
                """);
    }

    private static void threeAttempts(CompiledProgram program) {
        StringBuilder text = new StringBuilder();
        for (int attempt = 1; attempt <= 3; attempt++) {
            text.append("attempt ").append(attempt);
            text.append(": fiber 'main' cancelled in Fiber.sleep:");
            text.append(" its limit of PT0.1S has passed\n");
        }
        GuideChecks.assertPrints(program, text + "no answer\n");
    }

    private static void databaseGone(CompiledProgram program) {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.status()).isZero();
            assertThat(ended.out().lines())
                    .containsExactlyInAnyOrder(
                            "shard 0: connection lost", "shard 1: connection lost");
        }
    }
}
