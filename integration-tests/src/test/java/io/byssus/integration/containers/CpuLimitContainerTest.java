package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.model.HostConfig;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** As many shards as the container may use processors. */
@Tag("containers")
class CpuLimitContainerTest {
    private static final long CPU = 1_000_000_000;

    private static ContainerNetwork network;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.create();
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void oneShardForOneProcessorsTime() {
        assertThat(listening(host -> host.withNanoCPUs(CPU))).isEqualTo(sentence("1 shard"));
    }

    @Test
    void oneShardForASetOfOneProcessor() {
        assertThat(listening(host -> host.withCpusetCpus("0"))).isEqualTo(sentence("1 shard"));
    }

    @Test
    void twoShardsForASetOfTwoProcessors() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "the machine has one processor");
        assertThat(listening(host -> host.withCpusetCpus("0,1"))).isEqualTo(sentence("2 shards"));
    }

    @Test
    void twoShardsForTwoProcessorsTime() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "the machine has one processor");
        assertThat(listening(host -> host.withNanoCPUs(2 * CPU))).isEqualTo(sentence("2 shards"));
    }

    private static String sentence(String shards) {
        return "listening on 0.0.0.0:1234 with " + shards + "\n";
    }

    private static String listening(Consumer<HostConfig> limit) {
        return network.server("http", "http")
                .with(command -> limit.accept(command.getHostConfig()))
                .start()
                .out();
    }
}
