package io.byssus.integration.containers;

import java.io.IOException;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/** A container that clients run in. */
final class ClientContainer {
    private final GenericContainer<?> container;

    ClientContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** Runs a line of shell to its end. */
    ExecResult shell(String line) throws IOException, InterruptedException {
        return container.execInContainer("bash", "-c", line);
    }

    GenericContainer<?> container() {
        return container;
    }
}
