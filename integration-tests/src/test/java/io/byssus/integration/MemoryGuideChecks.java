package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-memory.md} and {@code docs/guide-timers.md} promise, by class name. */
final class MemoryGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "ScarceMemory",
                    MemoryGuideChecks::scarceMemory,
                    "Housekeeping",
                    MemoryGuideChecks::housekeeping,
                    "HourInNoTime",
                    MemoryGuideChecks::hourInNoTime);

    private MemoryGuideChecks() {}

    static void scarceMemory(CompiledProgram program) {
        try (Child child = program.start("--smp", "1", "--buffer-memory", "2M")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.out().lines())
                    .containsExactly(
                            "the first gives its memory back",
                            "the second has 1000000 bytes",
                            "10000000 bytes at once: there will never be as much");
        }
    }

    static void housekeeping(CompiledProgram program) {
        try (Child child = program.start("--smp", "1")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.out().lines())
                    .hasSize(2)
                    .anyMatch(line -> line.matches("cleaned \\d+ times"))
                    .contains("the alarm was off in time: true");
            assertThat(ended.err()).isEmpty();
        }
    }

    static void hourInNoTime(CompiledProgram program) {
        GuideChecks.assertPrints(
                program,
                """
                after 59 minutes: not yet
                it is time
                after 61 minutes: done
                """);
    }
}
