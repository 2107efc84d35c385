package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.stack.MirrorStackProvider;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract of the network API, kept by our own TCP over a wire that loses and reorders. */
@Tag("soak")
class LossyContractTest extends WireContract {
    @Override
    StackUnderTest stack() {
        return new MirrorContractTest.MirrorStack() {
            @Override
            public RuntimeOptions options() {
                RuntimeOptions options = super.options();
                options.device().device(MirrorStackProvider.LOSSY);
                return options;
            }

            /** Here a segment may come a retransmission timeout late, or two. */
            @Override
            public Map<String, String> inapplicable() {
                return Map.of(
                        "readEndsAtItsTimeoutOrDeadlineAndTheConnectionGoesOn",
                        "it has to hear within 20 ms what was said",
                        "aReadExactlyThatTimesOutLosesNothing",
                        "it has to hear within 20 ms what was said",
                        "tcpInfoTellsWhatTheConnectionIsLike",
                        "it expects that nothing was lost");
            }

            @Override
            public Duration stillness() {
                return Duration.ofSeconds(2);
            }
        };
    }

    @Nested
    class Loss extends NetworkContract {
        Loss() {
            super(LossyContractTest.this.stack());
        }

        @Test
        void segmentsAreLostAndSentAgain() throws Exception {
            byte[] large = Talk.pattern(4 << 20);
            onShard(() -> {
                try (Pair pair = openPair()) {
                    Fiber<byte[]> reading =
                            Fiber.start("reading", () -> Talk.hearAll(pair.server()));
                    pair.client().output().write(large);
                    pair.client().output().close();
                    Talk.assertSame(reading.join(), large);
                    assertThat(Network.report()).containsPattern("TcpRetransSegs +[1-9]");
                }
            });
        }
    }
}
