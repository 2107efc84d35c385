package io.byssus.net.posix;

import io.byssus.net.ConnectOptions;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.UnixAddress;
import io.byssus.net.posix.DatagramFeatures.Feature;
import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.ListenGroup;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.os.SocketFiles;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.UnixSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** How Unix sockets come to listen, to connect, and to exchange datagrams. Cold. */
final class UnixOpening {
    private static final Duration FULL_QUEUE_PAUSE = Duration.ofMillis(1);
    private static final int NAME_SCRATCH_BYTES = 128;
    private static final int FILE_TYPE = 0170000;
    private static final int FILE_TYPE_SOCKET = 0140000;

    private final PosixStack stack;
    private final CallState state;
    private final UnixAddress address;
    private final Type type;

    private enum Type {
        STREAM,
        DATAGRAM
    }

    private UnixOpening(PosixStack stack, UnixAddress address, Type type) {
        this.stack = stack;
        this.state = stack.callState();
        this.address = address;
        this.type = type;
    }

    /** A shard's listener. */
    static PosixListener listener(
            PosixStack stack,
            UnixPorts ports,
            ListenGroup<PosixListener> group,
            UnixAddress address,
            ListenOptions options)
            throws IOException {
        UnixOpening opening = new UnixOpening(stack, address, Type.STREAM);
        int fd = ports.take(stack.callState(), address, () -> opening.listen(options));
        group.bound(address.toInetSocketAddress());
        return new PosixListener(
                stack,
                group,
                fd,
                group.bound(),
                options,
                () -> ports.release(stack.callState(), address));
    }

    /** A connection; parks while the listener's queue is full. */
    static PosixSocket connect(
            PosixStack stack, UnixAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        UnixOpening opening = new UnixOpening(stack, address, Type.STREAM);
        int fd = opening.open();
        boolean connected = false;
        try {
            stack.applyBufferSizes(fd, options.settings());
            opening.awaitConnected(fd, deadlineNanos);
            connected = true;
        } finally {
            if (!connected) {
                Descriptors.close(stack.callState(), fd);
            }
        }
        return stack.backend()
                .newSocket(
                        stack.shard().reactor(),
                        fd,
                        ReadinessHandle.WRITABLE,
                        address.toInetSocketAddress(),
                        null)
                .established();
    }

    /**
     * A datagram socket.
     *
     * @param local null for an abstract name of the kernel's choice
     * @param remote null unless it is to be connected
     */
    static PosixDatagrams datagrams(
            PosixStack stack, UnixAddress local, UnixAddress remote, DatagramOptions options)
            throws IOException {
        UnixOpening opening = new UnixOpening(stack, local, Type.DATAGRAM);
        int fd = opening.open();
        boolean bound = false;
        try {
            Set<Feature> present = opening.applyOptions(fd, options);
            InetSocketAddress address = opening.bindDatagrams(fd, options);
            bound = local != null;
            if (remote != null) {
                new UnixOpening(stack, remote, Type.DATAGRAM).connectDatagrams(fd);
            }
            return new PosixDatagrams(
                    stack,
                    fd,
                    address,
                    remote == null ? null : remote.toInetSocketAddress(),
                    options,
                    new DatagramFeatures(UnixSocketAddress.AF_UNIX, present),
                    local == null ? DatagramName.NOBODYS : opening.name());
        } catch (IOException | RuntimeException e) {
            if (bound) {
                opening.removePath();
            }
            Descriptors.close(stack.callState(), fd);
            throw e;
        }
    }

    private Set<Feature> applyOptions(int fd, DatagramOptions options) throws IOException {
        if (options.sendBufferBytes() > 0) {
            stack.set(fd, SocketOptions.SEND_BUFFER, options.sendBufferBytes());
        }
        if (options.receiveBufferBytes() > 0) {
            stack.set(fd, SocketOptions.RECEIVE_BUFFER, options.receiveBufferBytes());
        }
        if (!options.credentials()) {
            return Set.of();
        }
        stack.set(fd, SocketOptions.PASS_CREDENTIALS, 1);
        return EnumSet.of(Feature.CREDENTIALS);
    }

    private InetSocketAddress bindDatagrams(int fd, DatagramOptions options) throws IOException {
        if (address != null) {
            bind(fd, options.pathPermissions());
            return address.toInetSocketAddress();
        }
        try (Buffer scratch = stack.shard().buffers().allocateScratch(NAME_SCRATCH_BYTES)) {
            long struct = scratch.address();
            int unnamed = UnixSocketAddress.writeUnnamed(struct);
            require("bind", Sockets.bind(state, fd, struct, unnamed));
            long length = struct + NAME_SCRATCH_BYTES - Integer.BYTES;
            require("getsockname", Sockets.localAddress(state, fd, struct, length));
            DatagramAddress chosen = new DatagramAddress();
            chosen.readUnix(struct, RawMemory.getInt(length));
            return chosen.decoded();
        }
    }

    private void connectDatagrams(int fd) throws IOException {
        require("connect", withAddress(fd, Call.CONNECT));
    }

    /** A path is removed before the socket is closed: after that, it may be another's. */
    private DatagramName name() {
        return new DatagramName() {
            @Override
            public void closing() {
                removePath();
            }
        };
    }

    /** The listening socket, on a path that it may have taken over. */
    private int listen(ListenOptions options) throws IOException {
        int fd = open();
        boolean bound = false;
        boolean listening = false;
        try {
            stack.applyBufferSizes(fd, options.settings());
            bind(fd, options.pathPermissions());
            bound = true;
            require("listen", Sockets.listen(state, fd, options.backlog()));
            listening = true;
            return fd;
        } finally {
            if (!listening) {
                if (bound) {
                    removePath();
                }
                Descriptors.close(state, fd);
            }
        }
    }

    /** Binds {@code fd}, on a path that it may take over; nothing is left if that fails. */
    private void bind(int fd, Optional<Set<PosixFilePermission>> permissions) throws IOException {
        int mode = permissions.map(UnixOpening::mode).orElse(-1);
        if (mode >= 0) {
            require("fchmod", SocketFiles.modeBeforeBind(state, fd, mode));
        }
        if (withAddress(fd, Call.BIND) < 0) {
            int errno = state.errno();
            if (errno != Errno.EADDRINUSE || !removeStalePath()) {
                throw bindFailure(errno);
            }
            if (withAddress(fd, Call.BIND) < 0) {
                throw bindFailure(state.errno());
            }
        }
        if (mode >= 0 && !address.isAbstract()) {
            // What the umask had taken away.
            if (SocketFiles.mode(state, address.name(), mode) < 0) {
                IOException failure = Errno.exception("chmod", state.errno(), address);
                removePath();
                throw failure;
            }
        }
    }

    private void removePath() {
        if (!address.isAbstract()) {
            SocketFiles.remove(state, address.name());
        }
    }

    /** Removes a socket that nobody listens on; whether it was one. */
    private boolean removeStalePath() throws IOException {
        if (address.isAbstract() || !isSocket()) {
            return false;
        }
        int probe = open();
        try {
            boolean isRefused =
                    withAddress(probe, Call.CONNECT) < 0 && state.errno() == Errno.ECONNREFUSED;
            return isRefused && SocketFiles.remove(state, address.name()) == 0;
        } finally {
            Descriptors.close(state, probe);
        }
    }

    private boolean isSocket() throws IOException {
        Object mode =
                Files.getAttribute(Path.of(address.name()), "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return ((Integer) mode & FILE_TYPE) == FILE_TYPE_SOCKET;
    }

    private void awaitConnected(int fd, long deadlineNanos) throws IOException {
        while (withAddress(fd, Call.CONNECT) < 0) {
            int errno = state.errno();
            if (errno != Errno.EAGAIN) {
                throw Errno.exception("connect", errno, address);
            }
            // The listener's queue is full, and the kernel does not tell when it no longer is.
            if (stack.shard().reactor().clock().nanoTime() >= deadlineNanos) {
                throw new SocketTimeoutException("connect: timed out: " + address);
            }
            Fiber.sleep(FULL_QUEUE_PAUSE);
        }
    }

    private enum Call {
        BIND,
        CONNECT
    }

    private int withAddress(int fd, Call call) {
        byte[] name = address.name().getBytes(StandardCharsets.UTF_8);
        try (Buffer scratch = stack.shard().buffers().allocateScratch(UnixSocketAddress.BYTES)) {
            long struct = scratch.address();
            int length =
                    address.isAbstract()
                            ? UnixSocketAddress.writeAbstract(name, struct)
                            : UnixSocketAddress.writePath(name, struct);
            return switch (call) {
                case BIND -> Sockets.bind(state, fd, struct, length);
                case CONNECT -> Sockets.connect(state, fd, struct, length);
            };
        }
    }

    private int open() throws IOException {
        int fd =
                type == Type.STREAM
                        ? Sockets.stream(state, UnixSocketAddress.AF_UNIX)
                        : Sockets.datagram(state, UnixSocketAddress.AF_UNIX);
        if (fd < 0) {
            throw Errno.exception("socket", state.errno(), "");
        }
        return fd;
    }

    private void require(String operation, int result) throws IOException {
        if (result < 0) {
            throw Errno.exception(operation, state.errno(), address);
        }
    }

    private IOException bindFailure(int errno) {
        return new BindException("bind: " + Errno.message(errno) + ": " + address);
    }

    private static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            // The constants are in the order of the bits, the owner's first.
            mode |= 0400 >> permission.ordinal();
        }
        return mode;
    }
}
