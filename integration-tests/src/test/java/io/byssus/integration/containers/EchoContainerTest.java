package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containers")
class EchoContainerTest {
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
        assertThat(client.shell("printf 'one\\ntwo\\n' | nc -N echo 1234").getStdout())
                .isEqualTo("one\ntwo\n");
    }

    @Test
    void redisCliTakesTheEchoOfItsCommandForAnArray() throws Exception {
        assertThat(client.shell("timeout 10 redis-cli -h echo -p 1234 PING").getStdout())
                .isEqualTo("PING\n");
    }
}
