package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code --memory 128m}, and a thousand connections. */
@Tag("containers")
class MemoryLimitContainerTest {
    private static final long LIMIT = 128L << 20;
    private static final int CONNECTIONS = 1000;
    private static final int ROUNDS = 3;

    /** Asks on each connection before it reads the answers of any, some times over. */
    private static final String CLIENT =
            """
            ulimit -n 4096
            message=$(head -c 150 /dev/urandom | base64 -w 0)
            for ((i = 0; i < %1$d; i++)); do
              exec {connection}<> /dev/tcp/echo/1234 || exit
              connections+=("$connection")
            done
            for ((round = 0; round < %2$d; round++)); do
              for connection in "${connections[@]}"; do
                echo "$round $connection $message" >&"$connection" || exit
              done
              for connection in "${connections[@]}"; do
                read -r -t 20 answer <&"$connection" || exit
                [[ $answer == "$round $connection $message" ]] || exit
                ((++answers))
              done
            done
            echo "$answers"
            """
                    .formatted(CONNECTIONS, ROUNDS);

    /** cgroup v2, or v1. */
    private static final String PEAK =
            "cat /sys/fs/cgroup/memory.peak 2> /dev/null"
                    + " || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes";

    @Test
    void serverLivesAndAnswersEachOfAThousandConnections() throws Exception {
        try (ContainerNetwork network = ContainerNetwork.create()) {
            ServerContainer echo =
                    network.server("echo", "echo")
                            .with(command ->
                                    command.getHostConfig().withMemory(LIMIT).withMemorySwap(LIMIT))
                            .start();
            ClientContainer client = network.client("client");
            assertThat(client.output(CLIENT)).isEqualTo(CONNECTIONS * ROUNDS + "\n");
            long peak = Long.parseLong(echo.output(PEAK).strip());
            System.out.printf(
                    "echo: %d connections, at most %.1f MiB of %d MiB%n",
                    CONNECTIONS, peak / (double) (1 << 20), LIMIT >> 20);
            assertThat(peak).isLessThanOrEqualTo(LIMIT);
            assertThat(echo.stop().status()).isZero();
            assertThat(echo.state().getOOMKilled()).isFalse();
        }
    }
}
