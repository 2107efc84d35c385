package io.byssus.net.posix;

import io.byssus.net.ConnectOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.UnixAddress;
import io.byssus.net.spi.ListenGroup;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketFiles;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.UnixSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Set;

/** How Unix sockets come to listen and to connect. Cold. */
final class UnixOpening {
    private static final Duration FULL_QUEUE_PAUSE = Duration.ofMillis(1);
    private static final int FILE_TYPE = 0170000;
    private static final int FILE_TYPE_SOCKET = 0140000;

    private final PosixStack stack;
    private final CallState state;
    private final UnixAddress address;

    private UnixOpening(PosixStack stack, UnixAddress address) {
        this.stack = stack;
        this.state = stack.callState();
        this.address = address;
    }

    /** A shard's listener. */
    static PosixListener listener(
            PosixStack stack,
            UnixPorts ports,
            ListenGroup<PosixListener> group,
            UnixAddress address,
            ListenOptions options)
            throws IOException {
        UnixOpening opening = new UnixOpening(stack, address);
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
        UnixOpening opening = new UnixOpening(stack, address);
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

    /** The listening socket, on a path that it may have taken over. */
    private int listen(ListenOptions options) throws IOException {
        int fd = open();
        boolean bound = false;
        boolean listening = false;
        try {
            stack.applyBufferSizes(fd, options.settings());
            int mode = options.pathPermissions().map(UnixOpening::mode).orElse(-1);
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
            bound = true;
            if (mode >= 0 && !address.isAbstract()) {
                // What the umask had taken away.
                require("chmod", SocketFiles.mode(state, address.name(), mode));
            }
            require("listen", Sockets.listen(state, fd, options.backlog()));
            listening = true;
            return fd;
        } finally {
            if (!listening) {
                if (bound && !address.isAbstract()) {
                    SocketFiles.remove(state, address.name());
                }
                Descriptors.close(state, fd);
            }
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
        int fd = Sockets.stream(state, UnixSocketAddress.AF_UNIX);
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
