package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's UDP, and socat on it, at the UDP echo server on the native stack. */
@Tag("tun")
@Timeout(60)
class NativeUdpTest {
    private static TapNetwork network;
    private static RunningExample echo;

    @BeforeAll
    static void start() throws Exception {
        network = TapNetwork.createMultiQueue();
        echo = network.start("udp-echo", "--smp", "2");
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            if (echo != null) {
                echo.stopCleanly();
            }
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    private static Child.Ended socat(String input, int port) throws Exception {
        String address = "UDP4:" + TapNetwork.NATIVE + ":" + port;
        return network.run(input, "socat", "-b", "9000", "-t", "1", "-T", "20", "-", address);
    }

    /** Each has a port of its own, so that both shards are asked. */
    @Test
    void everyClientGetsItsDatagramBack() throws Exception {
        for (int i = 0; i < 8; i++) {
            assertThat(socat("number " + i, echo.port()).out()).isEqualTo("number " + i);
        }
    }

    /** The example receives so many bytes whole; both ways the kernel and we send fragments. */
    @ParameterizedTest
    @ValueSource(ints = {1472, 1473, 2048, 8000})
    void whatIsLargerThanTheLinkComesInFragments(int length) throws Exception {
        String text = "0123456789abcdef".repeat(length / 16 + 1).substring(0, length);
        assertThat(socat(text, echo.port()).out())
                .isEqualTo(text.substring(0, Math.min(length, 2048)));
    }

    /** ICMP, port unreachable: the kernel tells its client. */
    @Test
    void whoAsksAPortThatNobodyHasIsToldSo() throws Exception {
        assertThat(socat("anybody?", echo.port() + 1).err()).contains("Connection refused");
    }
}
