package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardExtensionTest {
    private final Queue<String> events = RecordingExtension.listen();

    @AfterEach
    void listenNoMore() {
        RecordingExtension.events = null;
        RecordingExtension.refusal = null;
    }

    @Test
    void extensionPreparesEachShardBeforeItsFirstFiberAndTidiesUpAfterItsLastTurn()
            throws Exception {
        Shards shards = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true));
        shards.submitTo(0, () -> events.add("first fiber"));
        assertThat(shards.stop()).isTrue();

        assertThat(events)
                .containsExactly(
                        "check",
                        "start shard 0 on its carrier",
                        "current shard 0",
                        "first fiber",
                        "stop shard 0 with 0 fibers");
    }

    @Test
    void extensionMayRefuseTheOptionsBeforeAnythingStarts() {
        RecordingExtension.refusal = "--network-stack pigeon: expected posix";
        assertThatThrownBy(() -> Shards.start(new RuntimeOptions()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--network-stack pigeon: expected posix");
        assertThat(events).isEmpty();
    }
}
