package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.Network;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import org.junit.jupiter.api.Test;

/** The end of a runtime whose shards pass frames on to each other. */
class DisconnectionTest {
    @Test
    void framesOnTheirWayToAnotherShardAreGivenBack() {
        RuntimeOptions options =
                new RuntimeOptions()
                        .networkStack(MirrorStackProvider.NAME)
                        .smp(2)
                        .overprovisioned(true);
        options.device().device(MirrorStackProvider.STORM);
        Shards shards = Shards.start(options);
        for (Shard shard : shards.all()) {
            Eventually.until(
                    "frames are passed on",
                    () -> shards.submitTo(shard.id(), Network::report).contains("ByssusForwarded"));
        }
        assertThat(shards.stop()).isTrue();
        for (Shard shard : shards.all()) {
            assertThat(shard.buffers().liveSites()).as("buffers of %s", shard).isEmpty();
        }
    }
}
