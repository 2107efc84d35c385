package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** RFC 862 over UDP, with clients that are not ours. */
class UdpEchoTest {
    private static RunningExample echo;

    @BeforeAll
    static void start() throws Exception {
        echo = RunningExample.start("udp-echo", "--smp", "2", "--overprovisioned");
    }

    @AfterAll
    static void stop() {
        echo.stopCleanly();
    }

    @Test
    void theJdksSocketsGetTheirDatagramsBack() throws Exception {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            try (DatagramSocket client = new DatagramSocket()) {
                ports.add(client.getLocalPort());
                assertThat(DatagramsGuideChecks.ask(client, echo.port(), "number " + i))
                        .isEqualTo("number " + i);
            }
        }
        assertThat(ports).isNotEmpty();
    }

    @Test
    void socatGetsItsDatagramBack() {
        String address = "UDP4:127.0.0.1:" + echo.port();
        assertThat(Child.run("ping\n", "socat", "-t", "2", "-T", "20", "-", address).out())
                .isEqualTo("ping\n");
    }
}
