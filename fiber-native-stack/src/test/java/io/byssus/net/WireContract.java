package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The whole contract over a stack of our own whose frames leave the host; and that they do. */
abstract class WireContract extends WholeContract {
    private static final int PAIRS = 16;

    @Nested
    class Wire extends NetworkContract {
        Wire() {
            super(WireContract.this.stack());
        }

        @Test
        void everySegmentPassesTheWireAndSomeArriveOnTheOtherShard() throws Exception {
            onShard(() -> {
                List<Pair> pairs = new ArrayList<>();
                for (int i = 0; i < PAIRS; i++) {
                    Pair pair = openPair();
                    Talk.assertConversation(pair.client(), pair.server());
                    pairs.add(pair);
                }
                assertThat(Network.report())
                        .containsPattern("TcpOutSegs +\\d+")
                        .doesNotContain("ByssusLoopbackPackets");
                for (Pair pair : pairs) {
                    pair.close();
                }
            });
            onShard(1, () -> assertThat(Network.report()).containsPattern("ByssusForwarded +\\d+"));
        }
    }
}
