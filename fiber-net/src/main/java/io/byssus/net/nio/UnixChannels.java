package io.byssus.net.nio;

import io.byssus.net.ConnectOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.UnixAddress;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.time.Clock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/** How Unix sockets come to listen and to connect. Cold. */
final class UnixChannels {
    private static final Duration FULL_QUEUE_PAUSE = Duration.ofMillis(1);

    /** Linux; where it is not told apart from nobody listening, connecting fails. */
    private static final String QUEUE_FULL = "Resource temporarily unavailable";

    private UnixChannels() {}

    /**
     * Before anything is opened.
     *
     * @throws UnsupportedOperationException for an abstract name
     */
    static void check(UnixAddress address) {
        if (address.isAbstract()) {
            throw new UnsupportedOperationException(
                    address + ": the JDK has no abstract names: they need --reactor-backend epoll");
        }
    }

    /** The listening channel, on a path that it may have taken over. */
    static AcceptPoint listen(UnixAddress address, ListenOptions options) throws IOException {
        Path path = Path.of(address.name());
        boolean hasPermissions =
                path.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (options.pathPermissions().isPresent() && !hasPermissions) {
            throw new UnsupportedOperationException(
                    "pathPermissions: the file system of " + path + " has none");
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        boolean listening = false;
        try {
            channel.configureBlocking(false);
            NioOptions.applyBufferSizes(channel, 0, options.settings().receiveBufferBytes());
            bind(channel, path, address, options);
            bound = true;
            if (options.pathPermissions().isPresent()) {
                Files.setPosixFilePermissions(path, options.pathPermissions().get());
            }
            listening = true;
        } finally {
            if (!listening) {
                NioHandle.closeQuietly(channel);
                if (bound) {
                    Files.deleteIfExists(path);
                }
            }
        }
        return new AcceptPoint(channel, () -> remove(path));
    }

    private static void bind(
            ServerSocketChannel channel, Path path, UnixAddress address, ListenOptions options)
            throws IOException {
        try {
            bind(channel, path, options);
        } catch (IOException e) {
            if (!removeStalePath(path)) {
                throw NioFailures.of("bind", e, address.toString());
            }
            try {
                bind(channel, path, options);
            } catch (IOException again) {
                throw NioFailures.of("bind", again, address.toString());
            }
        }
    }

    private static void bind(ServerSocketChannel channel, Path path, ListenOptions options)
            throws IOException {
        channel.bind(UnixDomainSocketAddress.of(path), options.backlog());
    }

    /** Removes a socket that nobody listens on; whether it was one. */
    private static boolean removeStalePath(Path path) throws IOException {
        if (!isSocket(path)) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (ConnectException e) {
            return Files.deleteIfExists(path);
        } catch (IOException e) {
            return false; // a full queue: somebody listens
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            ShardLog.debug("remove " + path, e); // the next to listen there takes it over
        }
    }

    /** A connected channel; parks while the listener's queue is full. */
    static SocketChannel connect(
            UnixAddress address, ConnectOptions options, Clock clock, long deadlineNanos)
            throws IOException {
        SocketChannel channel = tryConnect(address, options);
        while (channel == null) {
            // The queue is full, and the kernel does not tell when it no longer is.
            if (clock.nanoTime() >= deadlineNanos) {
                throw new SocketTimeoutException("connect: timed out: " + address);
            }
            Fiber.sleep(FULL_QUEUE_PAUSE);
            channel = tryConnect(address, options);
        }
        return channel;
    }

    /** Null if the queue is full. */
    private static SocketChannel tryConnect(UnixAddress address, ConnectOptions options)
            throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        try {
            channel.configureBlocking(false);
            NioOptions.applyBufferSizes(
                    channel,
                    options.settings().sendBufferBytes(),
                    options.settings().receiveBufferBytes());
            connected = channel.connect(UnixDomainSocketAddress.of(Path.of(address.name())));
            return connected ? channel : null;
        } catch (IOException e) {
            if (e.getMessage() != null && e.getMessage().contains(QUEUE_FULL)) {
                return null;
            }
            throw NioFailures.of("connect", e, address.toString());
        } finally {
            if (!connected) {
                NioHandle.closeQuietly(channel);
            }
        }
    }
}
