package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-backends.md} promises of its programs. */
final class BackendsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of("WhichBackend", BackendsGuideChecks::whichBackend);

    private BackendsGuideChecks() {}

    static void whichBackend(CompiledProgram program) throws Exception {
        assertThat(output(program)).contains("shard 0 runs on epoll");
        assertThat(output(program, "--reactor-backend", "io_uring"))
                .contains("shard 0 runs on io_uring");
    }

    private static String output(CompiledProgram program, String... options) throws Exception {
        try (Child child = program.start(options)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            return ended.out();
        }
    }
}
