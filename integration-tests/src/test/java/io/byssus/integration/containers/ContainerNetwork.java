package io.byssus.integration.containers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.CreateNetworkCmd;
import com.github.dockerjava.api.model.Network.Ipam;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;

/**
 * A network that containers talk on, and that leads nowhere else; with all that was started on it.
 *
 * <p>Everything carries the label by which {@code ./byssus test} removes what a test that was
 * killed has left.
 */
final class ContainerNetwork implements AutoCloseable {
    /** The examples; another one when it is to be shown that a test fails. */
    static final String SERVER_IMAGE =
            Objects.requireNonNullElse(System.getenv("BYSSUS_TEST_IMAGE"), "byssus:test");

    private static final Map<String, String> LABELS = Map.of("io.byssus.tests", "container");
    private static final String CLIENT_IMAGE = "byssus-client:test";
    private static final int GROUP = 1 << 16;

    private final Network network;
    private final List<GenericContainer<?>> containers = new ArrayList<>();

    private ContainerNetwork(Network network) {
        this.network = network;
    }

    static ContainerNetwork create() {
        return create(command -> {});
    }

    /** With IPv6 beside IPv4: a unique local prefix (RFC 4193). */
    static ContainerNetwork createWithIpv6() {
        SecureRandom random = new SecureRandom();
        String prefix =
                String.format(
                        "fd%02x:%x:%x:%x::/64",
                        random.nextInt(1 << Byte.SIZE),
                        random.nextInt(GROUP),
                        random.nextInt(GROUP),
                        random.nextInt(GROUP));
        return create(command ->
                command.withEnableIpv6(true)
                        .withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(prefix))));
    }

    /**
     * On which containers can choose their IPv4 addresses. Docker allows that on networks whose
     * prefix was given; so it is asked for a prefix that is free.
     */
    static ContainerNetwork createWithChosenAddresses() {
        String free;
        try (ContainerNetwork first = create()) {
            free =
                    DockerClientFactory.instance()
                            .client()
                            .inspectNetworkCmd()
                            .withNetworkId(first.network.getId())
                            .exec()
                            .getIpam()
                            .getConfig()
                            .getFirst()
                            .getSubnet();
        }
        return create(command ->
                command.withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(free))));
    }

    private static ContainerNetwork create(Consumer<CreateNetworkCmd> change) {
        return new ContainerNetwork(
                Network.builder()
                        .createNetworkCmdModifier(
                                command -> command.withInternal(true).withLabels(LABELS))
                        .createNetworkCmdModifier(change)
                        .build());
    }

    /** A container of the examples' image that is not started yet. */
    ServerContainer server(String name, String... command) {
        return new ServerContainer(configure(new GenericContainer<>(SERVER_IMAGE), name, command));
    }

    /** A started container that does nothing until it is told what to run. */
    ClientContainer client(String name) {
        return client(name, command -> {});
    }

    ClientContainer client(String name, Consumer<CreateContainerCmd> change) {
        return start(configure(new GenericContainer<>(CLIENT_IMAGE), name), change);
    }

    /** A server with the network interfaces of a client; it is not started yet. */
    ServerContainer serverOn(ClientContainer client, String... command) {
        GenericContainer<?> container = new GenericContainer<>(SERVER_IMAGE).withLabels(LABELS);
        containers.add(container);
        return new ServerContainer(
                container.withNetworkMode("container:" + client.id()).withCommand(command));
    }

    /** A client with the network interfaces, and so the sockets, of a server that runs. */
    ClientContainer sidecar(ServerContainer server) {
        GenericContainer<?> container = new GenericContainer<>(CLIENT_IMAGE).withLabels(LABELS);
        containers.add(container);
        return start(container.withNetworkMode("container:" + server.id()), command -> {});
    }

    private static ClientContainer start(
            GenericContainer<?> container, Consumer<CreateContainerCmd> change) {
        container.withCreateContainerCmdModifier(change).start();
        return new ClientContainer(container);
    }

    private GenericContainer<?> configure(
            GenericContainer<?> container, String name, String... command) {
        containers.add(container);
        return container
                .withNetwork(network)
                .withNetworkAliases(name)
                .withLabels(LABELS)
                .withCommand(command);
    }

    /** Pulls a container's plug. Its programs run on, and their connections are not told. */
    void disconnect(ClientContainer client) {
        DockerClientFactory.instance()
                .client()
                .disconnectFromNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(client.id())
                .exec();
    }

    /** Puts the plug back, with an IPv4 address of this network. */
    void connect(ClientContainer client, String address) {
        DockerClientFactory.instance()
                .client()
                .connectToNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(client.id())
                .withContainerNetwork(
                        new com.github.dockerjava.api.model.ContainerNetwork()
                                .withIpamConfig(
                                        new com.github.dockerjava.api.model.ContainerNetwork.Ipam()
                                                .withIpv4Address(address)))
                .exec();
    }

    @Override
    public void close() {
        // Who uses another's interfaces came later, and goes first.
        containers.reversed().forEach(GenericContainer::close);
        network.close();
    }
}
