package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
                        "disconnect shard 0",
                        "disconnect shard 0",
                        "stop shard 0 with 0 fibers");
    }

    @Test
    void eachShardIsDisconnectedAgainWhenAllAreAndBeforeAnyEnds() {
        Shards shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
        assertThat(shards.stop()).isTrue();
        List<String> end = List.copyOf(events).subList(events.size() - 6, events.size());
        for (int round = 0; round < 2; round++) {
            assertThat(end.subList(round * 2, round * 2 + 2))
                    .containsExactlyInAnyOrder("disconnect shard 0", "disconnect shard 1");
        }
        assertThat(end.subList(4, 6)).allMatch(event -> event.startsWith("stop "));
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
