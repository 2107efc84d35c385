package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The echo server, and clients that read until it has ended too. */
@Tag("containers")
class EchoContainerTest {
    private static final int BULK_BYTES = 16 << 20;

    private static ContainerNetwork network;
    private static ClientContainer client;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.create();
        network.server("echo", "echo", "--port", "1234").start();
        client = network.client("client");
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void ncInAnotherContainerGetsItsLinesBack() throws Exception {
        assertThat(client.output("printf 'one\\ntwo\\n' | nc -N echo 1234"))
                .isEqualTo("one\ntwo\n");
    }

    @Test
    void ncGetsEveryByteBack() throws Exception {
        client.makeFile("/tmp/sent", BULK_BYTES);
        client.output("nc -N echo 1234 < /tmp/sent | cmp - /tmp/sent");
    }

    @Test
    void redisCliTakesTheEchoOfItsCommandForAnArray() throws Exception {
        assertThat(client.output("redis-cli -h echo -p 1234 PING")).isEqualTo("PING\n");
    }
}
