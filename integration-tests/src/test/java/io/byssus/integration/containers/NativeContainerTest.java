package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The native stack in a container without any capability, on the interfaces of another one that has
 * bridged a TAP interface to the containers' network (docs/guide-docker.md).
 */
@Tag("containers")
class NativeContainerTest {
    private static final String TUN = "/dev/net/tun";
    private static final int BYTES = 8 << 20;

    /** $0: who may open the interface. */
    private static final String BRIDGE =
            """
            set -e
            ip tuntap add dev tap0 mode tap multi_queue vnet_hdr user %s
            ip link add br0 type bridge
            address=$(ip -4 -o addr show dev eth0 | awk '{ print $4 }')
            ip addr flush dev eth0
            ip link set eth0 master br0
            ip link set tap0 master br0
            ip addr add "$address" dev br0
            ip link set tap0 up
            ip link set br0 up
            echo "$address"
            """;

    private static ContainerNetwork network;
    private static ClientContainer bridge;
    private static ClientContainer client;
    private static String user;
    private static String prefix;

    @BeforeAll
    static void start() throws Exception {
        network = ContainerNetwork.create();
        bridge =
                network.client(
                        "bridge",
                        command -> {
                            giveTun(command);
                            command.getHostConfig().withCapAdd(Capability.NET_ADMIN);
                        });
        client = network.client("client");
        // Where only root may open the device, the server is root, and still without any power.
        user =
                bridge.output("[[ $(stat -c %a " + TUN + ") == *6 ]] && echo 65534 || echo 0")
                        .strip();
        String[] address = bridge.output(BRIDGE.formatted(user)).strip().split("/");
        prefix = address[0].substring(0, address[0].lastIndexOf('.') + 1);
    }

    private static void giveTun(CreateContainerCmd command) {
        command.getHostConfig().withDevices(new Device("rwm", TUN, TUN));
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void ncGetsEveryByteBack() throws Exception {
        ServerContainer echo = start("echo");
        client.output("ping -n -q -c 3 -i 0.2 -W 5 " + prefix + "250");
        client.makeFile("/tmp/sent", BYTES);
        client.output("nc -N " + prefix + "250 1234 < /tmp/sent | cmp - /tmp/sent");
        assertThat(echo.output("grep CapEff /proc/1/status")).endsWith("\t0000000000000000\n");
        assertThat(echo.stop().status()).isZero();
    }

    @Test
    void curlAndWrkAreAnswered() throws Exception {
        ServerContainer http = start("http");
        String url = "http://" + prefix + "250:1234/plaintext";
        assertThat(client.output("curl -s " + url)).isEqualTo("Hello, World!");
        assertThat(client.output("wrk -t1 -c50 -d1s --timeout 10s " + url))
                .containsPattern("[1-9]\\d* requests in ")
                .doesNotContain("Socket errors", "Non-2xx");
        assertThat(http.stop().status()).isZero();
    }

    private static ServerContainer start(String name) {
        return network.serverOn(
                        bridge,
                        name,
                        "--network-stack",
                        "native",
                        "--device",
                        "tap:tap0",
                        "--host-ipv4-addr",
                        prefix + "250")
                .with(command -> {
                    giveTun(command);
                    command.withUser(user).getHostConfig().withCapDrop(Capability.ALL);
                })
                .start();
    }
}
