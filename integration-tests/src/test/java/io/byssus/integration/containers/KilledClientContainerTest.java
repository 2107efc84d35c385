package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code docker kill} of a container full of clients: some are idle, and some in the middle of
 * sending while they have not read what they got, so that either way the kernel tells the server.
 */
@Tag("containers")
class KilledClientContainerTest {
    private static final int IDLE = 40;
    private static final int BUSY = 10;

    private static final String CONNECTIONS = "ss -Htn state established '( sport = :1234 )'";

    @Test
    void serverForgetsItsConnectionsAndServesOthers() throws Exception {
        try (ContainerNetwork network = ContainerNetwork.create()) {
            ServerContainer echo = network.server("echo", "echo").start();
            ClientContainer sidecar = network.sidecar(echo);
            ClientContainer others = network.client("others");
            ClientContainer victim = network.client("victim");
            assertThat(others.output("nc -N echo 1234 <<< before")).isEqualTo("before\n");
            sidecar.await("[[ -z $(" + CONNECTIONS + ") ]]");
            int descriptors = echo.descriptors();

            victim.start(
                    """
                    for ((i = 0; i < %d; i++)); do nc -d echo 1234 & done
                    for ((i = 0; i < %d; i++)); do cat /dev/zero > /dev/tcp/echo/1234 & done
                    wait
                    """
                            .formatted(IDLE, BUSY));
            sidecar.await("(($(%s | wc -l) == %d))".formatted(CONNECTIONS, IDLE + BUSY));
            sidecar.await("(($(%s | awk '$1 && $2' | wc -l) == %d))".formatted(CONNECTIONS, BUSY));
            victim.kill();

            sidecar.await("[[ -z $(" + CONNECTIONS + ") ]]");
            echo.awaitDescriptors(descriptors);
            assertThat(others.output("nc -N echo 1234 <<< after")).isEqualTo("after\n");
            assertThat(echo.stop().status()).isZero();
        }
    }
}
