package io.byssus.examples;

import io.byssus.net.Addresses;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.ProxyProtocol;
import io.byssus.net.UdpSocket;
import io.byssus.runtime.RuntimeArguments;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all the servers among the examples are told: where to listen, and how to run. */
@Command
final class ServerOptions {
    private static final int PORT_MAX = 65535;

    @Mixin private RuntimeArguments runtime;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "address to listen on (default: ${DEFAULT-VALUE})")
    private String host = "0.0.0.0";

    @Option(
            names = "--proxy-protocol",
            description =
                    "connections come from a load balancer on this host or in a private network,"
                            + " and begin with a header of the PROXY protocol")
    private boolean proxyProtocol;

    private int port = 1234;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private final AtomicInteger listening = new AtomicInteger();
    private final ReentrantLock udpLock = new ReentrantLock();

    /** What the first shard has bound; under the lock. */
    private InetSocketAddress udpAddress;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "1234",
            description = "port to listen on; 0 takes a free one (default: ${DEFAULT-VALUE})")
    private void port(int value) {
        if (value < 0 || value > PORT_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--port " + value + ": a port is between 0 and 65535");
        }
        port = value;
    }

    private ListenOptions proxied(ListenOptions options) {
        return proxyProtocol
                ? options.withProxyProtocol(ProxyProtocol.fromPrivateNetworks())
                : options;
    }

    RuntimeOptions runtime() {
        return runtime.toOptions();
    }

    /** This shard's listener; the last shard to get there says that the server is up. */
    Listener listen(ListenOptions options) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        Listener listener = Network.listen(address, proxied(options));
        announce(listener.localAddress());
        return listener;
    }

    /** This shard's socket, as {@link #listen}; with port 0 the first shard chooses for all. */
    UdpSocket bindUdp(DatagramOptions options) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        UdpSocket socket;
        udpLock.lock(); // parks this fiber while another shard takes the port
        try {
            socket = Network.bindUdp(udpAddress == null ? address : udpAddress, options);
            udpAddress = socket.localAddress();
        } finally {
            udpLock.unlock();
        }
        announce(socket.localAddress());
        return socket;
    }

    private void announce(InetSocketAddress address) {
        int shards = Shards.current().count();
        if (listening.incrementAndGet() == shards) {
            System.out.println(
                    "listening on "
                            + Addresses.format(address)
                            + " with "
                            + shards
                            + (shards == 1 ? " shard" : " shards"));
        }
    }
}
