package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code docker network disconnect} in the middle of a transfer, and {@code connect} again. */
@Tag("containers")
class DisconnectContainerTest {
    private static final int BYTES = 4 << 20;
    private static final int BEFORE = 1 << 20;

    /** The kernel gives up after seconds instead of a quarter of an hour. */
    private static final Map<String, String> IMPATIENT = Map.of("net.ipv4.tcp_retries2", "4");

    private ContainerNetwork network;
    private ServerContainer echo;
    private ClientContainer client;
    private ClientContainer sidecar;
    private String address;

    @BeforeEach
    void start() throws Exception {
        network = ContainerNetwork.createWithChosenAddresses();
        echo = network.server("echo", "echo").with(DisconnectContainerTest::makeImpatient).start();
        client = network.client("client", DisconnectContainerTest::makeImpatient);
        sidecar = network.sidecar(echo);
        address = client.address();
    }

    private static void makeImpatient(CreateContainerCmd command) {
        command.getHostConfig().withSysctls(IMPATIENT);
    }

    @AfterEach
    void stop() {
        network.close();
    }

    @Test
    void transferOfAClientThatComesBackCompletes() throws Exception {
        client.makeFile("/tmp/sent", BYTES);
        client.start(
                """
                server=$(getent ahostsv4 echo | awk '{ print $1; exit }')
                {
                  head -c %1$d /tmp/sent
                  until [[ -e /tmp/on ]]; do sleep 0.05; done
                  tail -c +$((%1$d + 1)) /tmp/sent
                } | nc -N "$server" 1234 > /tmp/received
                cmp /tmp/sent /tmp/received && touch /tmp/same
                """
                        .formatted(BEFORE));
        client.await("(($(stat -c %s /tmp/received) == " + BEFORE + "))");

        network.disconnect(client);
        client.output("touch /tmp/on");
        client.await("[[ $(ss -Htn | awk '{ sum += $3 } END { print sum }') -gt 0 ]]"); // unsent
        network.connect(client, address);

        client.await("[[ -e /tmp/same ]]");
        assertServesAndEnds();
    }

    /** Neither side is told, and both have something to send; so both see it in the end. */
    @Test
    void transferOfAClientThatComesBackAsAnotherEndsInAnErrorOnBothSides() throws Exception {
        int descriptors = echo.descriptors();
        client.start(
                """
                exec 3<> /dev/tcp/echo/1234
                cat /dev/zero >&3 2> /tmp/error
                """);
        sidecar.await("[[ $(ss -Htn '( sport = :1234 )' | awk '{ print $2 && $3 }') == 1 ]]");

        network.disconnect(client);
        network.connect(client, address.substring(0, address.lastIndexOf('.') + 1) + "250");

        client.await("[[ -s /tmp/error ]]");
        assertThat(client.output("cat /tmp/error"))
                .containsAnyOf("Connection timed out", "No route to host");
        sidecar.await("[[ -z $(ss -Htn '( sport = :1234 )') ]]");
        echo.awaitDescriptors(descriptors);
        assertServesAndEnds();
    }

    private void assertServesAndEnds() throws Exception {
        assertThat(client.output("nc -N echo 1234 <<< after")).isEqualTo("after\n");
        assertThat(echo.stop().status()).isZero();
    }
}
