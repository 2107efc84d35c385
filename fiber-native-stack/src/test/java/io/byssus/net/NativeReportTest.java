package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import org.junit.jupiter.api.Test;

/** What {@link Network#report} says of the native stack. */
class NativeReportTest {
    @Test
    void connectionsAndCountersOfTheShard() {
        RuntimeOptions options =
                new RuntimeOptions().networkStack("native").smp(1).overprovisioned(true);
        options.device().device("loopback");
        try (Shards shards = Shards.start(options)) {
            String report =
                    ShardResult.of(
                            shards,
                            0,
                            () -> {
                                try (Listener listener = Network.listen(1234);
                                        Connection client =
                                                Network.connect(
                                                        "127.0.0.1",
                                                        listener.localAddress().getPort());
                                        Connection server = listener.accept().connection()) {
                                    Talk.assertConversation(client, server);
                                    return Network.report();
                                }
                            });
            assertThat(report)
                    .startsWith("shard 0\n")
                    .containsPattern("tcp +0 +0 0.0.0.0:1234 +0.0.0.0:\\* +LISTEN")
                    .containsPattern("127.0.0.1:1234 +127.0.0.1:\\d+ +ESTABLISHED rtt=\\d+us cwnd=")
                    .containsPattern("TcpActiveOpens +1\n")
                    .containsPattern("TcpPassiveOpens +1\n")
                    .doesNotContain("TcpRetransSegs");
        }
    }
}
