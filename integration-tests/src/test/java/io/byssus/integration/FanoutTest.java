package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The sharded counter. */
class FanoutTest {
    @Test
    void everyShardCountsAndTheSumIsPrinted() {
        try (Child fanout =
                RunningExample.launch(
                        "fanout", "--smp", "3", "--overprovisioned", "--count", "1000")) {
            assertThat(fanout.awaitEnd())
                    .isEqualTo(
                            new Child.Ended(
                                    0,
                                    """
                                    shard 0 counted to 1000
                                    shard 1 counted to 1000
                                    shard 2 counted to 1000
                                    sum 3000
                                    """,
                                    ""));
        }
    }
}
