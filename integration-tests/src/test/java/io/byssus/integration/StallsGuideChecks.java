package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-stalls.md} promises of its programs, by class name. */
final class StallsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "GreedyCounter", StallsGuideChecks::greedy,
                    "PoliteCounter", StallsGuideChecks::polite);

    private StallsGuideChecks() {}

    static void greedy(CompiledProgram program) {
        String[] options = {"--smp", "1", "--overprovisioned", "--stall-threshold", "2ms"};
        try (Child child = program.start(options)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.out()).matches("\\d+ primes\n");
            assertThat(ended.err())
                    .containsPattern(
                            "WARNING: shard 0 has been held for \\d+ ms by fiber 'prime-counter'"
                                    + " \\(group main\\), on the processor for \\d+ ms.*;"
                                    + " Fiber\\.yieldIfNeeded\\(\\) in its loop, or Blocking\\.call,"
                                    + " would let others run\n    at GreedyCounter\\.")
                    .contains("    at GreedyCounter.countPrimes(GreedyCounter.java:")
                    .containsPattern(
                            "WARNING: shard 0 goes on: fiber 'prime-counter' \\(group main\\) held"
                                    + " it for \\d+ ms, on the processor for ");
        }
    }

    static void polite(CompiledProgram program) {
        try (Child child = program.start("--smp", "1", "--overprovisioned")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.out()).matches("\\d+ primes\n");
            assertThat(ended.err()).isEmpty();
        }
    }
}
