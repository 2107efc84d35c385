package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.List;
import java.util.Map;

/** What {@code docs/guide-sharded-services.md} promises of its programs, by class name. */
final class ShardedServicesGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "KeyedCache", ShardedServicesGuideChecks::cache,
                    "Heartbeats", ShardedServicesGuideChecks::heartbeats,
                    "BoundedScan", ShardedServicesGuideChecks::scan);

    private ShardedServicesGuideChecks() {}

    static void cache(CompiledProgram program) {
        GuideChecks.assertPrints(program, "value 7\n1000 entries on 2 shards\n");
    }

    static void heartbeats(CompiledProgram program) {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
            List<String> lines = ended.out().lines().toList();
            assertThat(lines).hasSize(5).startsWith("start on shard 0", "start on shard 1");
            assertThat(lines.get(2)).isEqualTo("stop on shard 1, heard others");
            assertThat(lines.get(3))
                    .isIn(
                            "stop on shard 0, heard others",
                            "stop on shard 0, a peer was gone first");
            assertThat(lines.getLast()).isEqualTo("stopped");
        }
    }

    static void scan(CompiledProgram program) {
        GuideChecks.assertPrints(program, "at most 4 at a time\n");
    }
}
