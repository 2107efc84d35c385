package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/** A container that clients run in. */
final class ClientContainer {
    /** For what waits for something that may never come. */
    private static final String SECONDS_MAX = "40";

    /** For what runs beside the test: longer than all that the test awaits meanwhile. */
    private static final String BESIDE_SECONDS_MAX = "120";

    private final GenericContainer<?> container;

    ClientContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** Runs lines of shell to their end, or for so many seconds. */
    ExecResult shell(String lines) throws IOException, InterruptedException {
        return container.execInContainer("timeout", SECONDS_MAX, "bash", "-c", lines);
    }

    /** What lines of shell print, which must end with 0. */
    String output(String lines) throws IOException, InterruptedException {
        ExecResult result = shell(lines);
        assertThat(result.getExitCode()).as("%s%n%s", lines, result).isZero();
        return result.getStdout();
    }

    /** Lets lines of shell run beside the test. */
    void start(String lines) throws IOException, InterruptedException {
        assertThat(
                        container
                                .execInContainer(
                                        "bash",
                                        "-c",
                                        "timeout "
                                                + BESIDE_SECONDS_MAX
                                                + " bash -c \"$0\" > /tmp/log 2>&1 < /dev/null &",
                                        lines)
                                .getExitCode())
                .isZero();
    }

    /** Waits until a shell's condition holds. */
    void await(String condition) throws IOException, InterruptedException {
        ExecResult result = shell("until " + condition + "; do sleep 0.05; done");
        assertThat(result.getExitCode())
                .as("%s%n%s%n%s", condition, result, shell("cat /tmp/log; ss -tn").getStdout())
                .isZero();
    }

    /** Bytes that nobody can guess, in a file. */
    void makeFile(String path, int bytes) throws IOException, InterruptedException {
        output("head -c " + bytes + " /dev/urandom > " + path);
    }

    String address() throws IOException, InterruptedException {
        return output("hostname -i").strip().split(" ")[0];
    }

    /** SIGKILL for all that runs in it. */
    void kill() {
        container.getDockerClient().killContainerCmd(id()).exec();
    }

    String id() {
        return container.getContainerId();
    }
}
