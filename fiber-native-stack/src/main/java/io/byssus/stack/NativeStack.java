package io.byssus.stack;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectOptions;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.SocketSettings;
import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.shard.Shard;
import io.byssus.stack.UdpBindings.Binding;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.Ipv4Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Our own TCP/IP, for one shard.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class NativeStack implements NetworkStack {
    private static final int KEEPALIVE_PROBES = 4;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Shard shard;
    private final SharedState shared;
    private final Steering steering;
    private final Host host;
    private final NativeBackend backend;

    NativeStack(
            Shard shard, SharedState shared, Steering steering, Host host, NativeBackend backend) {
        this.shard = shard;
        this.shared = shared;
        this.steering = steering;
        this.host = host;
        this.backend = backend;
    }

    Shard shard() {
        return shard;
    }

    Host host() {
        return host;
    }

    ListenPorts ports() {
        return shared.ports();
    }

    @Override
    public StackListener listen(InetSocketAddress address, ListenOptions options)
            throws IOException {
        requireSupported(options.settings());
        if (options.fastOpenQueue() > 0) {
            throw unsupported("fastOpen=" + options.fastOpenQueue());
        }
        return shared.groups()
                .listen(shard.id(), address, options, group -> open(group, address, options));
    }

    private NativeListener open(
            ListenGroup<NativeListener> group, InetSocketAddress address, ListenOptions options)
            throws IOException {
        if (group.bound() == null) {
            requireOurs(address);
            InetSocketAddress taken = shared.ports().take(address, group);
            if (taken == null) {
                throw Errno.exception("bind", Errno.EADDRINUSE, Addresses.format(address));
            }
            group.bound(taken);
        }
        NativeListener listener = new NativeListener(this, group, group.bound(), options);
        TcpListener tcp =
                host.tcp()
                        .listen(
                                IpAddress.of(group.bound().getAddress()),
                                group.bound().getPort(),
                                options.backlog(),
                                settings(options.settings()),
                                listener);
        assert tcp != null : "the port was free";
        listener.listener(tcp);
        return listener;
    }

    private void requireOurs(InetSocketAddress address) throws IOException {
        IpAddress ip = IpAddress.of(address.getAddress());
        if (!ip.isIpv4()) {
            throw Errno.exception("listen", Errno.EAFNOSUPPORT, Addresses.format(address));
        }
        if (!ip.isUnspecified() && !isOurs(ip.ipv4())) {
            throw Errno.exception("bind", Errno.EADDRNOTAVAIL, Addresses.format(address));
        }
    }

    private boolean isOurs(int address) {
        return host.configuration().isOwn(address) || Ipv4Address.isLoopback(address);
    }

    @Override
    public StackSocket connect(
            InetSocketAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        requireSupported(options.settings());
        if (options.fastOpen()) {
            throw unsupported("fastOpen=true");
        }
        IpAddress given = IpAddress.of(address.getAddress());
        if (!given.isIpv4()) {
            throw Errno.exception("connect", Errno.EAFNOSUPPORT, Addresses.format(address));
        }
        // As everywhere: to no address means to this host.
        IpAddress remote =
                given.isUnspecified() ? IpAddress.ofIpv4(Ipv4Configuration.LOOPBACK) : given;
        if (!isReachable(remote.ipv4())) {
            throw Errno.exception("connect", Errno.ENETUNREACH, Addresses.format(address));
        }
        InetSocketAddress from = options.localAddress().orElse(null);
        IpAddress local = localFor(from, remote);
        int localPort = from == null ? 0 : from.getPort();
        if (localPort != 0) {
            borrow(new Ends(local, remote, Flow.ports(localPort, address.getPort())), address);
        }
        TcpConnection connection =
                host.tcp()
                        .connect(
                                shard.reactor().clock().nanoTime(),
                                local,
                                localPort,
                                remote,
                                address.getPort(),
                                settings(options.settings()),
                                events -> {});
        if (connection == null) {
            throw Errno.exception("connect", Errno.EADDRNOTAVAIL, Addresses.format(address));
        }
        connection.differentiatedServices(options.settings().dscp());
        NativeSocket socket = newSocket(connection, address, null);
        socket.awaitConnected(deadlineNanos);
        return socket.established();
    }

    @Override
    public StackDatagrams openUdp(
            InetSocketAddress local, InetSocketAddress remote, DatagramOptions options)
            throws IOException {
        return remote == null ? bindUdp(local, options) : connectUdp(remote, options);
    }

    private NativeDatagrams bindUdp(InetSocketAddress address, DatagramOptions options)
            throws IOException {
        requireOurs(address);
        IpAddress ip = IpAddress.of(address.getAddress());
        int local = ip.isUnspecified() ? UdpBindings.ANY : ip.ipv4();
        Binding binding = host.udp().bind(local, address.getPort());
        if (binding == null) {
            throw Errno.exception("bind", Errno.EADDRINUSE, Addresses.format(address));
        }
        InetSocketAddress bound = new InetSocketAddress(address.getAddress(), binding.port);
        return new NativeDatagrams(this, binding, bound, null, options);
    }

    private NativeDatagrams connectUdp(InetSocketAddress address, DatagramOptions options)
            throws IOException {
        IpAddress remote = IpAddress.of(address.getAddress());
        if (!remote.isIpv4()) {
            throw Errno.exception("connect", Errno.EAFNOSUPPORT, Addresses.format(address));
        }
        if (!isReachable(remote.ipv4())) {
            throw Errno.exception("connect", Errno.ENETUNREACH, Addresses.format(address));
        }
        int local = host.configuration().sourceFor(remote.ipv4());
        Binding binding = host.udp().connect(local, remote.ipv4(), address.getPort());
        if (binding == null) {
            throw Errno.exception("connect", Errno.EADDRNOTAVAIL, Addresses.format(address));
        }
        InetSocketAddress from =
                new InetSocketAddress(IpAddress.ofIpv4(local).toInetAddress(), binding.port);
        return new NativeDatagrams(this, binding, from, address, options);
    }

    /** A flow from a port that the application has chosen may be at home on another shard. */
    private void borrow(Ends flow, InetSocketAddress address) throws IOException {
        int home = steering.home(flow);
        int borrower = shard.id();
        if (home != borrower
                && !shard.shards()
                        .submitTo(home, () -> shared.hosts().get(home).lend(flow, borrower))) {
            throw Errno.exception("connect", Errno.EADDRNOTAVAIL, Addresses.format(address));
        }
    }

    private boolean isReachable(int remote) {
        Ipv4Configuration configuration = host.configuration();
        // Neither broadcasts nor groups can be connected to (MUST-46).
        return Ipv4Address.isLoopback(remote)
                || (configuration.isUnicast(remote)
                        && configuration.nextHop(remote) != Ipv4Configuration.UNREACHABLE);
    }

    private IpAddress localFor(InetSocketAddress from, IpAddress remote) throws IOException {
        if (from == null || from.getAddress().isAnyLocalAddress()) {
            return IpAddress.ofIpv4(host.configuration().sourceFor(remote.ipv4()));
        }
        IpAddress local = IpAddress.of(from.getAddress());
        if (!local.isIpv4() || !isOurs(local.ipv4())) {
            throw Errno.exception("bind", Errno.EADDRNOTAVAIL, Addresses.format(from));
        }
        return local;
    }

    /** The socket of a connection that {@code listener} has accepted. */
    NativeSocket newSocket(TcpConnection connection, NativeListener listener) {
        InetSocketAddress remote =
                new InetSocketAddress(
                        connection.remoteAddress().toInetAddress(), connection.remotePort());
        return newSocket(connection, remote, listener).established();
    }

    private NativeSocket newSocket(
            TcpConnection connection, InetSocketAddress remote, NativeListener listener) {
        InetSocketAddress local =
                new InetSocketAddress(
                        connection.localAddress().toInetAddress(), connection.localPort());
        NativeSocket socket =
                new NativeSocket(shard.reactor(), connection, local, remote, listener);
        connection.user(socket);
        return socket;
    }

    private static void requireSupported(SocketSettings settings) {
        if (!settings.linger().isZero()) {
            throw unsupported("linger=" + settings.linger());
        }
    }

    private static UnsupportedOperationException unsupported(String option) {
        return new UnsupportedOperationException(
                option + ": --network-stack native does not have this option yet");
    }

    private static TcpSettings settings(SocketSettings settings) {
        TcpSettings defaults = TcpSettings.DEFAULTS;
        long keepalive = settings.keepalive().toNanos();
        return new TcpSettings(
                !settings.noDelay(),
                settings.sendBufferBytes() > 0
                        ? settings.sendBufferBytes()
                        : defaults.sendBytesMax(),
                settings.receiveBufferBytes() > 0
                        ? settings.receiveBufferBytes()
                        : defaults.receiveBytesMax(),
                keepalive,
                Math.max(keepalive / KEEPALIVE_PROBES, NANOS_PER_SECOND),
                KEEPALIVE_PROBES,
                settings.userTimeout().isZero()
                        ? defaults.userTimeoutNanos()
                        : Math.max(settings.userTimeout().toNanos(), NANOS_PER_MILLI),
                defaults.connectTimeoutNanos(),
                defaults.requestEcn());
    }

    @Override
    public String report() {
        return "shard " + shard.id() + "\n" + Report.of(host, steering);
    }

    @Override
    public boolean hasIpv6() {
        return false;
    }

    @Override
    public boolean sharesLoopback() {
        return false;
    }

    @Override
    public void disconnect() {
        steering.disconnect();
    }

    @Override
    public void close() {
        backend.detach();
        try {
            host.close();
        } catch (IOException e) {
            ShardLog.error("shard " + shard.id() + ": closing the device failed", e);
        }
    }
}
