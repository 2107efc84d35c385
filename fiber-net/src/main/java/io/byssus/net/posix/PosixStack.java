package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectOptions;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.SocketSettings;
import io.byssus.net.UnixAddress;
import io.byssus.net.spi.Failures;
import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.ListenGroups;
import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.net.spi.UdpPorts;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * The kernel's TCP, UDP and Unix sockets, for one shard.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class PosixStack implements NetworkStack {
    /** Room for a socket address and its length. */
    static final int ADDRESS_BYTES = SocketAddresses.BYTES_MAX + Integer.BYTES;

    private static final int KEEPALIVE_PROBES = 4;

    /** Below the codepoint in the type of service (RFC 3168). */
    private static final int ECN_BITS = 2;

    private final Shard shard;
    private final ReadinessBackend backend;
    private final ListenGroups<PosixListener> groups;
    private final UdpPorts udpPorts;
    private final UnixPorts unixPorts;
    private final ReserveDescriptor reserve;

    PosixStack(Shard shard, ReadinessBackend backend) {
        this.shard = shard;
        this.backend = backend;
        PosixPorts ports =
                shard.shards()
                        .shared(PosixPorts.class, () -> new PosixPorts(shard.shards().count()));
        this.groups = ports.groups();
        this.udpPorts = ports.udp();
        this.unixPorts = ports.unix();
        this.reserve = new ReserveDescriptor(backend.callState());
    }

    @Override
    public StackListener listen(InetSocketAddress address, ListenOptions options)
            throws IOException {
        return groups.listen(
                shard.id(), address, options, group -> openListener(group, address, options));
    }

    /**
     * The first socket of a group is bound without SO_REUSEPORT, so that a port which another
     * process holds is an error even if that process shares it, and gets the option after its bind,
     * so that the sockets of the other shards may join.
     */
    private PosixListener openListener(
            ListenGroup<PosixListener> group, InetSocketAddress address, ListenOptions options)
            throws IOException {
        int fd = open(address, "listen");
        try (Buffer scratch = scratch()) {
            bindListener(group, fd, address, options, scratch.address());
        } catch (IOException | RuntimeException e) {
            Descriptors.close(callState(), fd);
            throw e;
        }
        return new PosixListener(this, group, fd, group.bound(), options, () -> {});
    }

    private void bindListener(
            ListenGroup<PosixListener> group,
            int fd,
            InetSocketAddress address,
            ListenOptions options,
            long scratch)
            throws IOException {
        if (options.reusesAddress()) {
            set(fd, SocketOptions.REUSE_ADDRESS, 1);
        }
        apply(fd, address, options.settings());
        if (options.fastOpenQueue() > 0) {
            set(fd, SocketOptions.FAST_OPEN, options.fastOpenQueue());
        }
        boolean first = group.bound() == null;
        if (first) {
            bind(fd, address, scratch);
            set(fd, SocketOptions.REUSE_PORT, 1);
        } else {
            set(fd, SocketOptions.REUSE_PORT, 1);
            bind(fd, group.bound(), scratch);
        }
        if (Sockets.listen(callState(), fd, options.backlog()) < 0) {
            throw Errno.exception("listen", callState().errno(), Addresses.format(address));
        }
        if (first) {
            group.bound(localAddress(fd, scratch, address));
        }
    }

    /**
     * The address that a socket has got.
     *
     * @param requested for messages
     */
    InetSocketAddress localAddress(int fd, long scratch, InetSocketAddress requested)
            throws IOException {
        long lengthAddress = scratch + SocketAddresses.BYTES_MAX;
        if (Sockets.localAddress(callState(), fd, scratch, lengthAddress) < 0) {
            throw Errno.exception("getsockname", callState().errno(), Addresses.format(requested));
        }
        return SocketAddresses.read(scratch);
    }

    @Override
    public StackSocket connect(
            InetSocketAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        int fd = open(address, "socket");
        try (Buffer scratch = scratch()) {
            apply(fd, address, options.settings());
            if (options.fastOpen()) {
                set(fd, SocketOptions.FAST_OPEN_CONNECT, 1);
            }
            if (options.localAddress().isPresent()) {
                bind(fd, options.localAddress().get(), scratch.address());
            }
            int length = SocketAddresses.write(address, scratch.address());
            if (Sockets.connect(backend.callState(), fd, scratch.address(), length) < 0) {
                int errno = backend.callState().errno();
                if (errno != Errno.EINPROGRESS) {
                    throw Failures.of("connect", errno, address);
                }
            }
        } catch (IOException | RuntimeException e) {
            Descriptors.close(backend.callState(), fd);
            throw e;
        }
        PosixSocket socket = backend.newSocket(shard.reactor(), fd, 0, address, null);
        awaitConnected(socket, deadlineNanos);
        return socket.established();
    }

    @Override
    public StackListener listen(UnixAddress address, ListenOptions options) throws IOException {
        return groups.listen(
                shard.id(),
                address.toInetSocketAddress(),
                options,
                group -> UnixOpening.listener(this, unixPorts, group, address, options));
    }

    @Override
    public StackSocket connect(UnixAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        return UnixOpening.connect(this, address, options, deadlineNanos);
    }

    @Override
    public StackDatagrams openUdp(
            InetSocketAddress local, InetSocketAddress remote, DatagramOptions options)
            throws IOException {
        return remote == null
                ? UdpOpening.bound(this, udpPorts, local, options)
                : UdpOpening.connected(this, remote, options);
    }

    @Override
    public StackDatagrams openUnixDatagrams(
            UnixAddress local, UnixAddress remote, DatagramOptions options) throws IOException {
        return UnixOpening.datagrams(this, local, remote, options);
    }

    @Override
    public String report() {
        return "the kernel keeps these connections: `ss -tanip` lists them, `nstat -az` counts\n";
    }

    @Override
    public void close() {
        reserve.close();
        backend.retire();
    }

    /** For the arguments of a system call; to be closed before the fiber may park. */
    Buffer scratch() {
        return shard.buffers().allocateScratch(ADDRESS_BYTES);
    }

    Shard shard() {
        return shard;
    }

    ReadinessBackend backend() {
        return backend;
    }

    CallState callState() {
        return backend.callState();
    }

    ReserveDescriptor reserve() {
        return reserve;
    }

    /** A nonblocking socket of {@code address}'s family. */
    int open(InetSocketAddress address, String operation) throws IOException {
        int fd = Sockets.stream(callState(), SocketAddresses.family(address.getAddress()));
        if (fd < 0) {
            throw Errno.exception(operation, callState().errno(), "");
        }
        return fd;
    }

    void bind(int fd, InetSocketAddress address, long scratch) throws IOException {
        int length = SocketAddresses.write(address, scratch);
        if (Sockets.bind(callState(), fd, scratch, length) < 0) {
            throw Errno.exception("bind", callState().errno(), Addresses.format(address));
        }
    }

    /** Sets what {@code settings} say; accepted sockets inherit it from their listening socket. */
    void apply(int fd, InetSocketAddress address, SocketSettings settings) throws IOException {
        if (settings.noDelay()) {
            set(fd, SocketOptions.NO_DELAY, 1);
        }
        applyBufferSizes(fd, settings);
        Duration keepalive = settings.keepalive();
        if (!keepalive.isZero()) {
            int seconds = (int) Math.max(1, keepalive.toSeconds());
            set(fd, SocketOptions.KEEPALIVE, 1);
            set(fd, SocketOptions.KEEPALIVE_IDLE_SECONDS, seconds);
            set(
                    fd,
                    SocketOptions.KEEPALIVE_INTERVAL_SECONDS,
                    Math.max(1, seconds / KEEPALIVE_PROBES));
            set(fd, SocketOptions.KEEPALIVE_PROBES, KEEPALIVE_PROBES);
        }
        if (!settings.userTimeout().isZero()) {
            long millis = Math.clamp(settings.userTimeout().toMillis(), 1, Integer.MAX_VALUE);
            set(fd, SocketOptions.USER_TIMEOUT_MILLIS, (int) millis);
        }
        if (settings.dscp() != 0) {
            // An IPv6 socket may have IPv4 clients.
            set(fd, SocketOptions.TYPE_OF_SERVICE, settings.dscp() << ECN_BITS);
            if (address.getAddress() instanceof Inet6Address) {
                set(fd, SocketOptions.TRAFFIC_CLASS, settings.dscp() << ECN_BITS);
            }
        }
    }

    /** Sets those of {@code settings} that are not TCP's. */
    void applyBufferSizes(int fd, SocketSettings settings) throws IOException {
        if (settings.sendBufferBytes() > 0) {
            set(fd, SocketOptions.SEND_BUFFER, settings.sendBufferBytes());
        }
        if (settings.receiveBufferBytes() > 0) {
            set(fd, SocketOptions.RECEIVE_BUFFER, settings.receiveBufferBytes());
        }
    }

    void set(int fd, SocketOptions option, int value) throws IOException {
        if (option.set(callState(), fd, value) < 0) {
            throw Errno.exception("setsockopt " + option, callState().errno(), value);
        }
    }

    private void awaitConnected(ReadinessHandle handle, long deadlineNanos) throws IOException {
        boolean connected = false;
        try {
            handle.awaitWritable(0, deadlineNanos, WaitPoint.Cancellation.HEEDED, "connect");
            int error = SocketOptions.ERROR.get(callState(), handle.fd);
            if (error != 0) {
                throw Failures.of("connect", error, handle.address());
            }
            connected = true;
        } finally {
            if (!connected) {
                handle.closeDescriptor();
            }
        }
    }
}
