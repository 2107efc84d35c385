package io.byssus.integration.containers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;

/**
 * A network that containers talk on, and that leads nowhere else; with all that was started on it.
 *
 * <p>Everything carries the label by which {@code ./byssus test} removes what a test that was
 * killed has left.
 */
final class ContainerNetwork implements AutoCloseable {
    private static final Map<String, String> LABELS = Map.of("io.byssus.tests", "container");
    private static final String SERVER_IMAGE = "byssus:test";
    private static final String CLIENT_IMAGE = "byssus-client:test";

    private final Network network;
    private final List<GenericContainer<?>> started = new ArrayList<>();

    private ContainerNetwork(Network network) {
        this.network = network;
    }

    static ContainerNetwork create() {
        return new ContainerNetwork(
                Network.builder()
                        .createNetworkCmdModifier(
                                command -> command.withInternal(true).withLabels(LABELS))
                        .build());
    }

    /** A container of the examples' image that is not started yet. */
    ServerContainer server(String name, String... command) {
        return new ServerContainer(configure(new GenericContainer<>(SERVER_IMAGE), name, command));
    }

    /** A started container that does nothing until it is told what to run. */
    ClientContainer client(String name) {
        GenericContainer<?> container = configure(new GenericContainer<>(CLIENT_IMAGE), name);
        container.start();
        return new ClientContainer(container);
    }

    private GenericContainer<?> configure(
            GenericContainer<?> container, String name, String... command) {
        started.add(container);
        return container
                .withNetwork(network)
                .withNetworkAliases(name)
                .withLabels(LABELS)
                .withCommand(command);
    }

    @Override
    public void close() {
        started.forEach(GenericContainer::close);
        network.close();
    }
}
