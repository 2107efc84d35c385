package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import io.byssus.testing.NetworkNamespace;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client behind a router: the kernel at 10.98.0.2 in a namespace of its own, and between it and
 * the native stack a namespace that forwards, and can lose packets both ways.
 */
@Tag("tun")
@Timeout(60)
class NativeRoutedTest {
    private static final String CLIENT = "10.98.0.2";
    private static final long BYTES = 8L << 20;
    private static final int LIMIT_MILLIS = 20_000;

    private TapNetwork router;
    private NetworkNamespace client;

    @BeforeEach
    void makeNetworks() throws Exception {
        router = TapNetwork.create();
        client = NetworkNamespace.create();
        // A namespace without a name is that of one of its processes.
        NetworkNamespace.Running sleep = client.start("sleep", "60");
        router.namespace.must("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        router.namespace.must("ip", "link", "set", "v1", "netns", Long.toString(sleep.pid()));
        router.namespace.must("ip", "addr", "add", "10.98.0.1/24", "dev", "v0");
        router.namespace.must("ip", "link", "set", "v0", "up");
        router.namespace.must("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        client.must("ip", "addr", "add", CLIENT + "/24", "dev", "v1");
        client.must("ip", "link", "set", "v1", "up");
        client.must("ip", "route", "add", "default", "via", "10.98.0.1");
    }

    @AfterEach
    void removeNetworks() throws Exception {
        if (client != null) {
            client.close();
        }
        if (router != null) {
            router.close();
        }
    }

    @Test
    void otherNetworksAreReachedThroughTheGateway() throws Exception {
        try (RunningExample echo = start("echo")) {
            client.must("ping", "-n", "-c3", "-i0.05", "-W5", TapNetwork.NATIVE);
            assertPasses(echo);
            echo.stopCleanly();
        }
        try (ServerSocket upstream =
                        client.run(() -> new ServerSocket(0, 1, InetAddress.getByName(CLIENT)));
                RunningExample proxy =
                        start("proxy", "--to", CLIENT + ":" + upstream.getLocalPort())) {
            upstream.setSoTimeout(LIMIT_MILLIS);
            try (Socket down = connect(proxy);
                    Socket up = upstream.accept()) {
                down.getOutputStream().write(1);
                assertThat(up.getInputStream().read()).isEqualTo(1);
            }
            proxy.stopCleanly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void everythingArrivesThoughAPercentIsLostBothWays(String tso) throws Exception {
        NetworkNamespace namespace = router.namespace;
        namespace.must("nft", "add table ip t");
        namespace.must("nft", "add chain ip t f { type filter hook forward priority 0; }");
        namespace.must("nft", "add rule ip t f numgen random mod 100 < 1 counter drop");
        try (RunningExample echo = start("echo", "--tso", tso)) {
            assertPasses(echo);
            echo.stopCleanly();
        }
        assertThat(namespace.must("nft", "list ruleset"))
                .containsPattern("counter packets [1-9]\\d* bytes");
    }

    /** The router says that it must not fragment, and how much it takes. */
    @Test
    void pathWithASmallerMtuIsLearnt() throws Exception {
        // On the route, not the interface: the client's SYN still says 1460.
        router.namespace.must(
                "ip", "route", "change", "10.98.0.0/24", "dev", "v0", "mtu", "lock", "1200");
        try (RunningExample echo = start("echo")) {
            assertPasses(echo);
            echo.stopCleanly();
        }
        assertThat(ipCounter("FragFails")).isPositive();
    }

    private long ipCounter(String name) throws Exception {
        List<String[]> rows =
                router.namespace
                        .must("cat", "/proc/net/snmp")
                        .lines()
                        .filter(line -> line.startsWith("Ip:"))
                        .map(line -> line.split(" "))
                        .toList();
        return Long.parseLong(rows.get(1)[List.of(rows.get(0)).indexOf(name)]);
    }

    private RunningExample start(String name, String... options) throws Exception {
        String[] all = new String[options.length + 2];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "--gw-ipv4-addr";
        all[options.length + 1] = TapNetwork.KERNEL;
        return router.start(Buffers.RECYCLING, name, all);
    }

    private Socket connect(RunningExample server) throws Exception {
        return client.run(() -> RunningExample.connect(TapNetwork.address(server)));
    }

    private void assertPasses(RunningExample echo) throws Exception {
        Payload payload = Payload.seeded(BYTES);
        try (Socket socket = connect(echo)) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
