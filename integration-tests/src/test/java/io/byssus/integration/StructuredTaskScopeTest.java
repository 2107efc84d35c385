package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JDK's structured concurrency on a shard. It is a preview, so what uses it is compiled here
 * and runs in a JVM of its own.
 */
class StructuredTaskScopeTest {
    private static final String NAME = "JdkScopes";
    private static final Path SOURCE =
            RunningExample.ROOT.resolve("integration-tests/src/test/preview/" + NAME + ".java");

    @TempDir private Path folder;

    @Test
    void scopesOfBothKindsReachIntoEachOther() throws IOException {
        Path classes = CompiledProgram.compile(NAME, Files.readString(SOURCE), folder);
        try (Child child = new CompiledProgram(NAME, classes, 0).start(GuideChecks.TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.status()).isZero();
            Map<String, Long> cases =
                    ended.out()
                            .lines()
                            .collect(Collectors.groupingBy(line -> line, Collectors.counting()));
            assertThat(cases).hasSize(8);
            assertThat(List.copyOf(cases.values())).as("on both shards").containsOnly(2L);
        }
    }
}
