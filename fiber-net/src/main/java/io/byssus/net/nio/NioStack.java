package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectOptions;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.UnixAddress;
import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The kernel's TCP, UDP and Unix sockets as the JDK offers them, for one shard.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class NioStack implements NetworkStack {
    /** How the shards that listen on one port share its connections. */
    enum Spreading {
        /** Each has a socket of its own, with SO_REUSEPORT. */
        BY_KERNEL,
        /**
         * All have one socket, and who accepts hands over. macOS and others have SO_REUSEPORT too,
         * but give all connections to one of the sockets.
         */
        IN_TURN;

        static Spreading best() {
            return HostSystem.isLinux() ? BY_KERNEL : IN_TURN;
        }
    }

    private final Shard shard;
    private final NioBackend backend;
    private final NioPorts ports;
    private final Spreading spreading;

    /** For {@code shard}, whose reactor has {@code backend}. */
    public NioStack(Shard shard, NioBackend backend) {
        this(shard, backend, Spreading.best());
    }

    NioStack(Shard shard, NioBackend backend, Spreading spreading) {
        this.spreading = spreading;
        this.shard = shard;
        this.backend = backend;
        this.ports =
                shard.shards().shared(NioPorts.class, () -> new NioPorts(shard.shards().count()));
        HotClasses.load();
    }

    @Override
    public StackListener listen(InetSocketAddress address, ListenOptions options)
            throws IOException {
        NioOptions.check(options.settings(), options.fastOpenQueue() > 0);
        return ports.groups()
                .listen(
                        shard.id(),
                        address,
                        options,
                        group -> openListener(group, address, options));
    }

    private NioListener openListener(
            ListenGroup<NioListener> group, InetSocketAddress address, ListenOptions options)
            throws IOException {
        AcceptPoint point;
        if (kernelSpreads()) {
            point = bind(group, address, options);
        } else {
            group.spreadInTurn();
            point = ports.join(group, () -> bind(group, address, options));
        }
        return new NioListener(this, group, point, options);
    }

    /**
     * The first channel of a group is bound without SO_REUSEPORT, so that a port which another
     * process holds is an error even if that process shares it, and gets the option after its bind,
     * so that those of the other shards may join.
     */
    private AcceptPoint bind(
            ListenGroup<NioListener> group, InetSocketAddress address, ListenOptions options)
            throws IOException {
        boolean joins = group.bound() != null;
        SocketAddress to = joins ? group.bound() : address;
        ServerSocketChannel channel = ServerSocketChannel.open(family(address));
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reusesAddress());
            NioOptions.applyBufferSizes(channel, 0, options.settings().receiveBufferBytes());
            if (joins) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.bind(to, options.backlog());
            if (kernelSpreads() && !joins) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            if (!joins) {
                group.bound((InetSocketAddress) channel.getLocalAddress());
            }
            return new AcceptPoint(channel, () -> {});
        } catch (IOException e) {
            NioHandle.closeQuietly(channel);
            throw NioFailures.of("bind", e, Addresses.format(address));
        }
    }

    @Override
    public StackSocket connect(
            InetSocketAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        NioOptions.check(options.settings(), options.fastOpen());
        SocketChannel channel = SocketChannel.open(family(address));
        NioSocket socket;
        boolean connected = false;
        try {
            channel.configureBlocking(false);
            NioOptions.apply(channel, options.settings());
            if (options.localAddress().isPresent()) {
                bind(channel, options.localAddress().get());
            }
            connected = channel.connect(address);
            socket =
                    new NioSocket(
                            shard.reactor(),
                            backend,
                            channel,
                            connected ? NioHandle.WRITABLE : 0,
                            address,
                            null);
        } catch (IOException e) {
            NioHandle.closeQuietly(channel);
            throw e instanceof BindException
                    ? e
                    : NioFailures.of("connect", e, Addresses.format(address));
        }
        if (!connected) {
            awaitConnected(socket, channel, deadlineNanos);
        }
        return socket.established();
    }

    private static void bind(SocketChannel channel, InetSocketAddress local) throws IOException {
        try {
            channel.bind(local);
        } catch (IOException e) {
            throw NioFailures.of("bind", e, Addresses.format(local));
        }
    }

    private static void awaitConnected(NioSocket socket, SocketChannel channel, long deadlineNanos)
            throws IOException {
        boolean connected = false;
        try {
            socket.awaitConnected(deadlineNanos);
            connected = channel.finishConnect();
            assert connected;
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw socket.isClosed()
                    ? e
                    : NioFailures.of("connect", e, Addresses.format(socket.address()));
        } finally {
            if (!connected) {
                socket.closeChannel();
            }
        }
    }

    @Override
    public StackListener listen(UnixAddress address, ListenOptions options) throws IOException {
        UnixChannels.check(address);
        return ports.groups()
                .listen(
                        shard.id(),
                        address.toInetSocketAddress(),
                        options,
                        group -> {
                            AcceptPoint point =
                                    ports.join(group, () -> UnixChannels.listen(address, options));
                            group.bound(address.toInetSocketAddress());
                            return new NioListener(this, group, point, options);
                        });
    }

    @Override
    public StackSocket connect(UnixAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        UnixChannels.check(address);
        SocketChannel channel =
                UnixChannels.connect(address, options, shard.reactor().clock(), deadlineNanos);
        return new NioSocket(
                        shard.reactor(),
                        backend,
                        channel,
                        NioHandle.WRITABLE,
                        address.toInetSocketAddress(),
                        null)
                .established();
    }

    @Override
    public StackDatagrams openUdp(
            InetSocketAddress local, InetSocketAddress remote, DatagramOptions options)
            throws IOException {
        return remote == null
                ? DatagramOpening.bound(this, local, options)
                : DatagramOpening.connected(this, remote, options);
    }

    @Override
    public StackDatagrams openUnixDatagrams(
            UnixAddress local, UnixAddress remote, DatagramOptions options) {
        throw new UnsupportedOperationException(
                "the JDK has no datagrams of Unix sockets: they need --reactor-backend epoll");
    }

    @Override
    public String report() {
        return "the kernel keeps these connections: `netstat -an` lists them\n";
    }

    @Override
    public void close() {}

    /** Dual-stack for IPv6, as the kernel's default is. */
    static ProtocolFamily family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    boolean kernelSpreads() {
        return spreading == Spreading.BY_KERNEL;
    }

    Shard shard() {
        return shard;
    }

    NioBackend backend() {
        return backend;
    }

    NioPorts ports() {
        return ports;
    }
}
