package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names that dnsmasq serves in the kernel, asked for over the native stack's own UDP and TCP. */
@Tag("tun")
@Timeout(60)
class NativeNamesTest {
    private static final int PORT = 53;
    private static final int LABEL_BYTES = 63;

    /** Its address is a long way, which no datagram of 512 bytes holds. */
    private static final String FAR = longName("a");

    private TapNetwork network;
    private Dnsmasq dnsmasq;

    @BeforeEach
    void start() throws Exception {
        network = TapNetwork.create();
        dnsmasq = network.namespace.run(() -> Dnsmasq.start(TapNetwork.KERNEL, PORT, records()));
    }

    /** The stack has no IPv6: it must not wait for that address. */
    private static List<String> records() {
        return List.of(
                "--edns-packet-max=512",
                "--host-record=near.example.test," + TapNetwork.KERNEL + ",2001:db8::1",
                "--cname=" + FAR + "," + longName("b"),
                "--cname=" + longName("b") + "," + longName("c"),
                "--cname=" + longName("c") + ",near.example.test");
    }

    private static String longName(String letter) {
        return (letter.repeat(LABEL_BYTES) + ".").repeat(3) + "example.test";
    }

    @AfterEach
    void stop() throws Exception {
        try {
            if (dnsmasq != null) {
                dnsmasq.close();
            }
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    @Test
    void theProxyConnectsByName() throws Exception {
        assertThat(dnsmasq.address()).isEqualTo("10.99.0.1:53");
        assertRelaysTo("near.example.test");
        assertThat(connectionsToTheKernel()).as("the relay's").isEqualTo(1);
    }

    @Test
    void whatDoesNotFitADatagramComesOverTcp() throws Exception {
        assertRelaysTo(FAR);
        assertThat(connectionsToTheKernel()).as("the resolver's and the relay's").isEqualTo(2);
    }

    private void assertRelaysTo(String host) throws Exception {
        try (ServerSocket upstream = network.listen();
                RunningExample proxy =
                        network.start(
                                "proxy",
                                "--dns-server",
                                TapNetwork.KERNEL,
                                "--to",
                                host + ":" + upstream.getLocalPort())) {
            upstream.setSoTimeout((int) Child.LIMIT.toMillis());
            try (Socket client = network.connect(proxy);
                    Socket server = upstream.accept()) {
                client.getOutputStream().write('x');
                assertThat(server.getInputStream().read()).isEqualTo('x');
            }
            proxy.stopCleanly();
        }
    }

    private int connectionsToTheKernel() throws Exception {
        String counter = "TcpPassiveOpens";
        String text = network.namespace.must("nstat", "-asz", counter);
        return Integer.parseInt(text.split(counter + "\\s+")[1].split("\\s")[0]);
    }
}
