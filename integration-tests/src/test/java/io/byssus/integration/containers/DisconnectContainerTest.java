package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import io.byssus.integration.Witnesses;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docker network disconnect} in the middle of a transfer, and {@code connect} again. */
@Tag("containers")
@Timeout(120) // with the start of three containers, and the seconds in which the kernel gives up
class DisconnectContainerTest {
    private static final int BYTES = 4 << 20;
    private static final int BEFORE = 1 << 20;

    private static final Map<String, String> PATIENT = Map.of();

    /**
     * The kernel gives up after seconds instead of a quarter of an hour: after three probes that
     * nobody answers, and the longest time between two is eight times the first.
     */
    private static final Map<String, String> IMPATIENT = Map.of("net.ipv4.tcp_retries2", "3");

    /** The server's side of it, with its timer. */
    private static final String CONNECTION = "ss -Htno '( sport = :1234 )'";

    private ContainerNetwork network;
    private ServerContainer echo;
    private ClientContainer client;
    private ClientContainer sidecar;
    private String address;

    private void start(Map<String, String> sysctls) throws Exception {
        Consumer<CreateContainerCmd> patience =
                command -> command.getHostConfig().withSysctls(sysctls);
        network = ContainerNetwork.createWithChosenAddresses();
        echo = network.server("echo", "echo").with(patience).start();
        client = network.client("client", patience);
        sidecar = network.sidecar(echo);
        address = client.address();
        Witnesses.call(this::whatIsSeen);
    }

    @AfterEach
    void stop() {
        network.close();
    }

    @Test
    void transferOfAClientThatComesBackCompletes() throws Exception {
        start(PATIENT);
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

    /**
     * Neither side is told, and both have something to send; so both see it in the end. The client
     * reads nothing, so the transfer is at a stand by then: with both windows closed, each side
     * probes the other's until it gives up.
     */
    @Test
    void transferOfAClientThatComesBackAsAnotherEndsInAnErrorOnBothSides() throws Exception {
        start(IMPATIENT);
        int descriptors = echo.descriptors();
        client.start(
                """
                exec 3<> /dev/tcp/echo/1234
                cat /dev/zero >&3 2> /tmp/error
                touch /tmp/ended
                """);
        sidecar.await("[[ $(" + CONNECTION + ") == *timer:\\(persist* ]]");
        client.await("[[ $(ss -Htno) == *timer:\\(persist* ]]");

        network.disconnect(client);
        network.connect(client, address.substring(0, address.lastIndexOf('.') + 1) + "250");

        client.await("[[ -e /tmp/ended ]]");
        // Unreachable if the server has read once more before the plug was pulled. What was under
        // way then is retransmitted, for which the kernel looks up a route, and remembers that
        // there was none from an address that it no longer has.
        assertThat(client.output("cat /tmp/error"))
                .containsAnyOf(
                        "Connection timed out", "Network is unreachable", "No route to host");
        sidecar.await("[[ -z $(" + CONNECTION + ") ]]");
        echo.awaitDescriptors(descriptors);
        assertThat(assertServesAndEnds().err())
                .containsAnyOf("Connection timed out", "No route to host");
    }

    private ServerContainer.Ended assertServesAndEnds() throws Exception {
        assertThat(client.output("nc -N echo 1234 <<< after")).isEqualTo("after\n");
        ServerContainer.Ended ended = echo.stop();
        assertThat(ended.status()).as("%s", ended).isZero();
        return ended;
    }

    private String whatIsSeen() throws Exception {
        String look =
                "date +%T; ip -br address; ip neigh; ss -tanoi; tail -n +1 /tmp/log /tmp/error";
        return "---- client%n%s---- server%n%s%s"
                .formatted(
                        client.shell(look).getStdout(),
                        sidecar.shell(look).getStdout(),
                        echo.err());
    }
}
