package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The listeners of all shards on one port, each with a socket of its own.
 *
 * <p>The first socket is bound without SO_REUSEPORT, so that a port which another process holds is
 * an error even if that process shares it, and gets the option after its bind, so that the sockets
 * of the other shards may join.
 *
 * <p><b>Ownership:</b> {@link #open} under {@link ListenGroups}' lock; the arrays are atomic, since
 * hand-over policies look at all shards.
 */
final class ListenGroup {
    /** Entries per shard in {@code connections}, so that shards do not share a cache line. */
    private static final int STRIDE = 16;

    private final ListenGroups groups;
    private final InetSocketAddress requested;
    private final ListenOptions options;
    private final boolean[] joined;
    private final AtomicReferenceArray<PosixListener> listeners;

    /** Open connections per shard, those being handed over included. */
    private final AtomicIntegerArray connections;

    /** Connections on their way to a shard that has not taken them yet, per shard. */
    private final AtomicIntegerArray underWay;

    /** Listeners that may still hand over what they accept. */
    private final AtomicInteger listening = new AtomicInteger();

    private volatile InetSocketAddress bound;

    ListenGroup(
            ListenGroups groups, InetSocketAddress requested, ListenOptions options, int shards) {
        this.groups = groups;
        this.requested = requested;
        this.options = options;
        this.joined = new boolean[shards];
        this.listeners = new AtomicReferenceArray<>(shards);
        this.connections = new AtomicIntegerArray(shards * STRIDE);
        this.underWay = new AtomicIntegerArray(shards * STRIDE);
    }

    InetSocketAddress requested() {
        return requested;
    }

    boolean hasJoined(int shard) {
        return joined[shard];
    }

    boolean isEmpty() {
        for (int i = 0; i < listeners.length(); i++) {
            if (listeners.get(i) != null) {
                return false;
            }
        }
        return true;
    }

    /** The calling shard's listener. */
    PosixListener open(PosixStack stack, ListenOptions options) throws IOException {
        if (options.distribution().policy() != this.options.distribution().policy()
                || options.distribution().shard() != this.options.distribution().shard()) {
            throw new IllegalArgumentException(
                    "distribution="
                            + options.distribution()
                            + " on shard "
                            + stack.shard().id()
                            + ", but another shard listens on "
                            + Addresses.format(requested)
                            + " with "
                            + this.options.distribution());
        }
        int fd = stack.open(requested, "listen");
        try (Buffer scratch = stack.shard().allocate(PosixStack.ADDRESS_BYTES)) {
            bind(stack, fd, options, scratch.address());
        } catch (IOException | RuntimeException e) {
            Descriptors.close(stack.callState(), fd);
            throw e;
        }
        PosixListener listener = new PosixListener(stack, this, fd, bound, options);
        joined[stack.shard().id()] = true;
        listeners.set(stack.shard().id(), listener);
        listening.incrementAndGet();
        return listener;
    }

    private void bind(PosixStack stack, int fd, ListenOptions options, long scratch)
            throws IOException {
        if (options.reusesAddress()) {
            stack.set(fd, SocketOptions.REUSE_ADDRESS, 1);
        }
        stack.apply(fd, options.settings());
        if (bound == null) {
            stack.bind(fd, requested, scratch);
            stack.set(fd, SocketOptions.REUSE_PORT, 1);
        } else {
            stack.set(fd, SocketOptions.REUSE_PORT, 1);
            stack.bind(fd, bound, scratch);
        }
        if (Sockets.listen(stack.callState(), fd, options.backlog()) < 0) {
            throw Errno.exception("listen", stack.callState().errno(), Addresses.format(requested));
        }
        if (bound == null) {
            long lengthAddress = scratch + SocketAddresses.BYTES_MAX;
            if (Sockets.localAddress(stack.callState(), fd, scratch, lengthAddress) < 0) {
                throw Errno.exception(
                        "getsockname", stack.callState().errno(), Addresses.format(requested));
            }
            bound = SocketAddresses.read(scratch);
        }
    }

    /** The listener that a connection from {@code client} goes to; {@code acceptor} by default. */
    PosixListener choose(PosixListener acceptor, InetSocketAddress client) {
        Distribution distribution = options.distribution();
        PosixListener chosen =
                switch (distribution.policy()) {
                    case KERNEL -> acceptor;
                    case FIXED_SHARD -> listeners.get(distribution.shard());
                    case CLIENT_PORT -> listeners.get(client.getPort() % listeners.length());
                    case LEAST_CONNECTIONS -> leastConnections();
                };
        return chosen == null ? acceptor : chosen;
    }

    /** Counts a connection that is sent to {@code shard}. From any shard that is listening. */
    void handOverBegins(int shard) {
        underWay.incrementAndGet(shard * STRIDE);
    }

    /** The connection has arrived; on {@code shard}. */
    void handOverEnds(int shard) {
        underWay.decrementAndGet(shard * STRIDE);
    }

    /** Called by each listener once, when it has handed over its last; the others look again. */
    void stoppedListening() {
        listening.decrementAndGet();
        for (int i = 0; i < listeners.length(); i++) {
            PosixListener listener = listeners.get(i);
            if (listener != null) {
                listener.lookAgain();
            }
        }
    }

    /**
     * Whether a connection may still come to {@code shard} from another. In this order: a listener
     * counts what it sends before it stops listening.
     */
    boolean mayHandOver(int shard) {
        return options.distribution().policy() != Distribution.Policy.KERNEL
                && (listening.get() > 0 || underWay.get(shard * STRIDE) > 0);
    }

    /** Counts a connection in, when its shard has been chosen. From any shard. */
    void connectionOpened(int shard) {
        connections.incrementAndGet(shard * STRIDE);
    }

    /** Counts a connection out. From any shard. */
    void connectionClosed(int shard) {
        connections.decrementAndGet(shard * STRIDE);
    }

    /** Open connections of the shard's listener. */
    int connections(int shard) {
        return connections.get(shard * STRIDE);
    }

    void closed(int shard) {
        listeners.set(shard, null);
        if (isEmpty()) {
            groups.remove(this);
        }
    }

    private PosixListener leastConnections() {
        PosixListener least = null;
        int leastCount = Integer.MAX_VALUE;
        for (int i = 0; i < listeners.length(); i++) {
            PosixListener listener = listeners.get(i);
            int count = connections(i);
            if (listener != null && count < leastCount) {
                least = listener;
                leastCount = count;
            }
        }
        return least;
    }
}
