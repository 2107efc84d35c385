package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients at a server that listens on {@code ::}, on a network that has both families. */
@Tag("containers")
class Ipv6ContainerTest {
    private static final int BYTES = 1 << 20;

    private static ContainerNetwork network;
    private static ClientContainer client;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.createWithIpv6();
        client = network.client("client");
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void clientsOfBothFamiliesAreServed() throws Exception {
        ServerContainer http = network.server("http", "http", "--host", "::").start();
        assertThat(http.out()).startsWith("listening on [::]:1234 with ");
        for (String family : new String[] {"-6", "-4"}) {
            assertThat(client.output("curl -s " + family + " http://http:1234/"))
                    .isEqualTo("Hello, World!");
        }
    }

    @Test
    void everyBytePasses() throws Exception {
        network.server("echo", "echo", "--host", "::").start();
        client.makeFile("/tmp/sent", BYTES);
        client.output("nc -6 -N echo 1234 < /tmp/sent | cmp - /tmp/sent");
    }

    @Test
    void addressOfTheClientIsPrintedInBrackets() throws Exception {
        ServerContainer accept = network.server("accept", "accept", "--host", "::").start();
        client.output("nc -6 accept 1234 < /dev/null");
        String address = client.output("ip -6 -o addr show dev eth0 scope global").split(" +")[3];
        assertThat(accept.stop().out())
                .containsPattern(
                        "Accepted connection from \\["
                                + address.substring(0, address.indexOf('/'))
                                + "]:\\d+\n");
    }
}
