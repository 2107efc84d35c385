package io.byssus.integration;

import io.byssus.integration.RunningExample.Buffers;
import io.byssus.testing.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace with a TAP interface in it: the kernel and its tools at 10.99.0.1 behind it,
 * an example on the native stack at 10.99.0.2 in front of it.
 */
final class TapNetwork implements AutoCloseable {
    static final String DEVICE = "bys0";
    static final String KERNEL = "10.99.0.1";
    static final String NATIVE = "10.99.0.2";

    private static final int BACKLOG = 1024;

    final NetworkNamespace namespace;

    private TapNetwork(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /** With an interface for one shard. */
    static TapNetwork create() throws Exception {
        return create("mode", "tap");
    }

    /** With an interface for several shards. */
    static TapNetwork createMultiQueue() throws Exception {
        return create("mode", "tap", "multi_queue");
    }

    private static TapNetwork create(String... kind) throws Exception {
        TapNetwork network = new TapNetwork(NetworkNamespace.create());
        boolean made = false;
        try {
            List<String> add = new ArrayList<>(List.of("ip", "tuntap", "add", "dev", DEVICE));
            add.addAll(List.of(kind));
            NetworkNamespace namespace = network.namespace;
            namespace.must(add.toArray(String[]::new));
            namespace.must("ip", "addr", "add", KERNEL + "/24", "dev", DEVICE);
            namespace.must("ip", "link", "set", "dev", DEVICE, "up");
            Witnesses.call(network::whatIsSeen);
            made = true;
            return network;
        } finally {
            if (!made) {
                network.close();
            }
        }
    }

    private String whatIsSeen() throws Exception {
        return namespace.must(
                "sh",
                "-c",
                "ip -s link show " + DEVICE + "; ip neigh; ss -tanoi; nstat -as | grep Tcp");
    }

    /** Starts a server with one shard on the native stack, and waits until it listens. */
    RunningExample start(String name, String... options) throws Exception {
        return start(Buffers.TRACKING, name, options);
    }

    RunningExample start(Buffers buffers, String name, String... options) throws Exception {
        return namespace.run(() -> RunningExample.start(buffers, name, onNative(options)));
    }

    /** Starts an example with exactly these options, and waits for nothing. */
    Child launch(String name, String... options) throws Exception {
        return namespace.run(() -> RunningExample.launch(name, options));
    }

    /** The options of a native stack on the interface, unless they say otherwise themselves. */
    static String[] onNative(String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--network-stack", "native", "--overprovisioned"));
        byDefault(all, "--smp", "1");
        byDefault(all, "--device", "tap:" + DEVICE);
        byDefault(all, "--host-ipv4-addr", NATIVE);
        return all.toArray(String[]::new);
    }

    private static void byDefault(List<String> options, String name, String value) {
        if (!options.contains(name)) {
            options.addAll(List.of(name, value));
        }
    }

    /** Runs one of the kernel's tools to its end with {@code input} on its standard input. */
    Child.Ended run(String input, String... command) throws Exception {
        try (Child child = namespace.run(() -> Child.start(command))) {
            child.send(input);
            child.endInput();
            return child.awaitEnd();
        }
    }

    /** A socket of the kernel's, connected to a server on the native stack. */
    Socket connect(RunningExample server) throws Exception {
        return namespace.run(() -> RunningExample.connect(address(server)));
    }

    SocketChannel open(RunningExample server) throws Exception {
        return namespace.run(() -> SocketChannel.open(address(server)));
    }

    /** A server of the kernel's. */
    ServerSocket listen() throws Exception {
        return namespace.run(() -> new ServerSocket(0, BACKLOG, InetAddress.getByName(KERNEL)));
    }

    static InetSocketAddress address(RunningExample server) {
        return new InetSocketAddress(NATIVE, server.port());
    }

    /** {@code http://10.99.0.2:PORT} and {@code path}. */
    static String url(RunningExample server, String path) {
        return "http://" + NATIVE + ":" + server.port() + path;
    }

    @Override
    public void close() throws IOException {
        namespace.close();
    }
}
