package io.byssus.integration.containers;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** One of the examples in a container. */
final class ServerContainer {
    private final GenericContainer<?> container;

    ServerContainer(GenericContainer<?> container) {
        this.container = container.waitingFor(Wait.forLogMessage("listening on .*\\n", 1));
    }

    ServerContainer start() {
        container.start();
        return this;
    }

    GenericContainer<?> container() {
        return container;
    }
}
