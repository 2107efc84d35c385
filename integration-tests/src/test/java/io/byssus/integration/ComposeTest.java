package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docker-compose.yml, with the images of the container tests and whichever compose there is. */
@Tag("containers")
class ComposeTest {
    private static final String PROJECT = "byssus-tests-" + ProcessHandle.current().pid();
    private static final List<String> SETTINGS =
            List.of(
                    "BYSSUS_IMAGE=byssus:test",
                    "BYSSUS_CLIENT_IMAGE=byssus-client:test",
                    "BYSSUS_PROMETHEUS_IMAGE=byssus-prometheus:test",
                    "BYSSUS_ECHO_PORT=0",
                    "BYSSUS_HTTP_PORT=0",
                    "BYSSUS_PROMETHEUS_PORT=0");

    @AfterEach
    void takeDown() {
        assertThat(compose("down", "--volumes").status()).isZero();
    }

    @Test
    void theClientTalksToBothServersAndSeesThatPrometheusDoes() {
        Child.Ended ended =
                compose(
                        "up",
                        "--no-build",
                        "--abort-on-container-exit",
                        "--exit-code-from",
                        "client");
        assertThat(ended.status()).describedAs("%s", ended).isZero();
        assertThat(ended.out())
                .contains("Hello, echo!")
                .contains("Hello, World!")
                .contains("Prometheus sees the server.");
    }

    private static Child.Ended compose(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add("env");
        command.addAll(SETTINGS);
        if (Child.run("", "docker", "compose", "version").status() == 0) {
            Collections.addAll(command, "docker", "compose");
        } else {
            command.add("docker-compose");
        }
        Collections.addAll(
                command,
                "--project-name",
                PROJECT,
                "--file",
                RunningExample.ROOT.resolve("docker-compose.yml").toString());
        Collections.addAll(command, arguments);
        return Child.run("", command.toArray(String[]::new));
    }
}
