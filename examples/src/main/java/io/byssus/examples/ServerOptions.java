package io.byssus.examples;

import io.byssus.net.Addresses;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.ProxyProtocol;
import io.byssus.net.UdpSocket;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.runtime.RuntimeArguments;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "speak TLS, with this certificate chain (PEM)")
    private Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "the certificate's private key (PEM, PKCS #8)")
    private Path key;

    /** Null for the clear. */
    private TlsServer tls;

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

    private ListenOptions layered(ListenOptions options) {
        ListenOptions proxied =
                proxyProtocol
                        ? options.withProxyProtocol(ProxyProtocol.fromPrivateNetworks())
                        : options;
        return tls == null ? proxied : proxied.withLayer(tls);
    }

    int port() {
        return port;
    }

    boolean speaksTls() {
        return certificate != null || key != null;
    }

    /** As the options do that name the files. */
    void useTls(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
    }

    RuntimeOptions runtime() {
        if ((certificate == null) != (key == null)) {
            throw new ParameterException(
                    spec.commandLine(), "--tls-cert and --tls-key belong together");
        }
        if (certificate != null) {
            try {
                tls = TlsServer.of(TlsServerOptions.of(certificate, key));
            } catch (NoSuchFileException e) {
                throw new ParameterException(
                        spec.commandLine(), e.getMessage() + ": no such file", e);
            } catch (IOException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage(), e);
            }
        }
        return runtime.toOptions();
    }

    /** This shard's listener; the last shard to get there says that the server is up. */
    Listener listen(ListenOptions options) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        Listener listener = Network.listen(address, layered(options));
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
