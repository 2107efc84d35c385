package io.byssus.integration.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame.OutputType;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerStatus;

/** One of the examples in a container. */
final class ServerContainer {
    private static final Duration START_LIMIT = Duration.ofSeconds(40);

    private final GenericContainer<?> container;

    ServerContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** How it ended, and all that it said. */
    record Ended(int status, String out, String err) {}

    /** Has something else than a plain {@code docker run}. */
    ServerContainer with(Consumer<CreateContainerCmd> change) {
        container.withCreateContainerCmdModifier(change);
        return this;
    }

    /** Starts it, and waits until it listens. */
    ServerContainer start() {
        container
                .waitingFor(
                        Wait.forLogMessage("listening on .*\\n", 1).withStartupTimeout(START_LIMIT))
                .start();
        return this;
    }

    /** Starts it, and waits for nothing. */
    ServerContainer launch() {
        container.start();
        return this;
    }

    /** Starts it, and waits for its end. */
    Ended run() {
        container.withStartupCheckStrategy(new AtItsEnd()).start();
        return ended();
    }

    /** {@code docker stop}: after ten seconds it would be killed, and its status 137. */
    Ended stop() {
        client().stopContainerCmd(id()).exec();
        return ended();
    }

    private Ended ended() {
        int status = Math.toIntExact(state().getExitCodeLong());
        return new Ended(status, out(), err());
    }

    String out() {
        return container.getLogs(OutputType.STDOUT);
    }

    String err() {
        return container.getLogs(OutputType.STDERR);
    }

    ContainerState state() {
        return client().inspectContainerCmd(id()).exec().getState();
    }

    /** What a line of Bash prints beside the server. */
    String output(String line) throws IOException, InterruptedException {
        ExecResult result = container.execInContainer("bash", "-c", line);
        if (result.getExitCode() != 0) {
            throw new AssertionError(line + ": " + result);
        }
        return result.getStdout();
    }

    /** How many files and sockets it has open. */
    int descriptors() throws IOException, InterruptedException {
        return Integer.parseInt(output("ls /proc/1/fd | wc -l").strip());
    }

    /** Waits until it has as many open as that. */
    void awaitDescriptors(int count) throws IOException, InterruptedException {
        output(
                """
                for ((i = 0; i < 400; i++)); do
                  (($(ls /proc/1/fd | wc -l) == %d)) && exit
                  sleep 0.05
                done
                ls /proc/1/fd | wc -l
                exit 1
                """
                        .formatted(count));
    }

    String id() {
        return container.getContainerId();
    }

    private DockerClient client() {
        return container.getDockerClient();
    }

    private static final class AtItsEnd extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient client, String id) {
            return DockerStatus.isContainerStopped(getCurrentState(client, id))
                    ? StartupStatus.SUCCESSFUL
                    : StartupStatus.NOT_YET_KNOWN;
        }
    }
}
