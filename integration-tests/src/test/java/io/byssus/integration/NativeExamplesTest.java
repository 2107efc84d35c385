package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The remaining examples on the native stack, their end, and an interface that comes late. */
@Tag("tun")
@Timeout(60)
class NativeExamplesTest {
    private TapNetwork network;

    @BeforeEach
    void start() throws Exception {
        network = TapNetwork.create();
    }

    @AfterEach
    void stop() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void acceptClosesEveryConnection() throws Exception {
        try (RunningExample accept = network.start("accept")) {
            try (Socket socket = network.connect(accept)) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            accept.child().awaitLine(Pattern.compile("(?m)10\\.99\\.0\\.1:\\d+$"));
            accept.stopCleanly();
        }
    }

    @Test
    void helloSaysItsLine() throws Exception {
        try (RunningExample hello = network.start("hello")) {
            String port = Integer.toString(hello.port());
            assertThat(network.run("", "nc", TapNetwork.NATIVE, port).out())
                    .isEqualTo("Byssus is the future!\n");
            hello.stopCleanly();
        }
    }

    @Test
    void fanoutNeedsNoNetworkAndHasOne() throws Exception {
        try (Child fanout = network.launch("fanout", TapNetwork.onNative("--count", "1000"))) {
            assertThat(fanout.awaitEnd())
                    .isEqualTo(new Child.Ended(0, "shard 0 counted to 1000\nsum 1000\n", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void signalEndsItWith0AndItsConnectionsEnd(String signal) throws Exception {
        try (RunningExample echo = network.start("echo", "--shutdown-grace", "0.2");
                Socket socket = network.connect(echo)) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            echo.child().signal(signal);
            assertThat(echo.child().awaitEnd().status()).isZero();
            assertThat(NativeClientTest.endsOrIsReset(socket)).isTrue();
        }
    }

    @Test
    void interfaceThatIsDownIsToldAndWorksWhenItIsUp() throws Exception {
        network.namespace.must("ip", "link", "set", "dev", TapNetwork.DEVICE, "down");
        try (RunningExample echo = network.start("echo")) {
            echo.child()
                    .awaitErrorLine(
                            Pattern.compile(
                                    "bys0 is down: nothing passes before"
                                            + " `ip link set dev bys0 up`"));
            network.namespace.must("ip", "link", "set", "dev", TapNetwork.DEVICE, "up");
            network.namespace.must("ping", "-n", "-c1", "-W5", TapNetwork.NATIVE);
            String port = Integer.toString(echo.port());
            assertThat(network.run("x\n", "nc", "-N", TapNetwork.NATIVE, port).out())
                    .isEqualTo("x\n");
            assertThat(echo.stop().status()).isZero();
        }
    }
}
