package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two servers behind proxies that know them by name: echo behind two of them, http behind one. */
@Tag("containers")
class ProxyContainerTest {
    private static final int BYTES = 16 << 20;
    private static final int BYTES_OF_MANY = 1 << 20;

    private static ContainerNetwork network;
    private static ClientContainer client;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.create();
        network.server("echo", "echo").start();
        network.server("http", "http").start();
        network.server("middle", "proxy", "--to", "echo:1234").start();
        network.server("front", "proxy", "--to", "middle:1234").start();
        network.server("web", "proxy", "--to", "http:1234").start();
        client = network.client("client");
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    /** nc ends its direction, and waits for the other one's end: both must come through. */
    @Test
    void everyBytePassesTwoProxiesBothWaysAndSoDoTheEnds() throws Exception {
        client.makeFile("/tmp/sent", BYTES);
        client.output("nc -N front 1234 < /tmp/sent | cmp - /tmp/sent");
    }

    @Test
    void connectionsAtOnceAreNotMixedUp() throws Exception {
        client.output(
                """
                for ((i = 0; i < 8; i++)); do
                  head -c %d /dev/urandom > /tmp/sent.$i
                  (nc -N front 1234 < /tmp/sent.$i | cmp - /tmp/sent.$i) &
                  clients+=($!)
                done
                for pid in "${clients[@]}"; do wait "$pid" || exit; done
                """
                        .formatted(BYTES_OF_MANY));
    }

    @Test
    void curlAndWrkReachTheHttpServerThroughItsProxy() throws Exception {
        assertThat(client.output("curl -s http://web:1234/plaintext")).isEqualTo("Hello, World!");
        assertThat(client.output("wrk -t1 -c20 -d1s --timeout 10s http://web:1234/"))
                .containsPattern("[1-9]\\d* requests in ")
                .doesNotContain("Socket errors", "Non-2xx");
    }
}
