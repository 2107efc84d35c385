package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.ListenOptions;
import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.UnixSocketAddress;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * One shard's listening socket of a {@link ListenGroup}.
 *
 * <p>When the runtime stops, it accepts until the kernel's queue is empty and only then closes:
 * closing resets what waits there.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #handOver}.
 */
final class PosixListener implements StackListener, ListenGroup.Member {
    private enum State {
        LISTENING,
        /** The runtime stops: what has arrived is still accepted. */
        DRAINING,
        STOPPED,
        CLOSED
    }

    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;
    private static final Duration SHORTAGE_PAUSE = Duration.ofMillis(10);

    private final PosixStack stack;
    private final ListenGroup<PosixListener> group;
    private final Reactor reactor;
    private final int shard;
    private final AcceptHandle handle;
    private final int maxConnections;
    private final Runnable withdrawStopHook;

    /** Called when the descriptor has been closed. */
    private final Runnable release;

    /** Accepted by another shard for this one, registered with no backend yet. */
    private final ArrayDeque<PosixSocket> handedOver = new ArrayDeque<>();

    private final LogLimit surplusLog = new LogLimit(LOG_INTERVAL_NANOS);
    private final LogLimit shortageLog = new LogLimit(LOG_INTERVAL_NANOS);
    private State state = State.LISTENING;

    PosixListener(
            PosixStack stack,
            ListenGroup<PosixListener> group,
            int fd,
            InetSocketAddress bound,
            ListenOptions options,
            Runnable release) {
        this.release = release;
        this.stack = stack;
        this.group = group;
        this.reactor = stack.shard().reactor();
        this.shard = stack.shard().id();
        this.handle = stack.backend().newAcceptHandle(reactor, fd, bound);
        this.maxConnections = options.maxConnections();
        this.withdrawStopHook = stack.shard().onStop(this::beginDraining);
    }

    @Override
    public InetSocketAddress localAddress() {
        return handle.address();
    }

    @Override
    public StackSocket accept(long deadlineNanos) throws IOException {
        boolean parked = false;
        while (true) {
            requireOpen();
            StackSocket socket = handedOver.poll();
            if (socket == null && handle.has(ReadinessHandle.READABLE)) {
                socket = acceptOne();
            }
            if (socket != null) {
                reactor.counters().connectionsAccepted++;
                if (!parked && reactor.countOperation()) {
                    Thread.yield();
                }
                return socket;
            }
            if (!handle.has(ReadinessHandle.READABLE) && handedOver.isEmpty()) {
                if (state == State.DRAINING && !group.mayHandOver(shard)) {
                    stop();
                    throw stopped();
                }
                handle.awaitReadable(0, deadlineNanos, WaitPoint.Cancellation.HEEDED, "accept");
                parked = true;
            }
        }
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        if (state != State.STOPPED) {
            stop();
        }
        state = State.CLOSED;
    }

    /**
     * Takes a connection that another shard has accepted and counted for this one. From any shard.
     */
    void handOver(int fd, InetSocketAddress client) {
        group.handOverBegins(shard);
        reactor.execute(() -> {
            group.handOverEnds(shard);
            if (handle.isClosed()) {
                SocketOptions.resetOnClose(stack.callState(), fd);
                Descriptors.close(stack.callState(), fd);
                group.connectionClosed(shard);
            } else {
                handedOver.add(newSocket(fd, client));
                handle.wakeReader();
            }
        });
    }

    @Override
    public void lookAgain() {
        reactor.execute(() -> {
            if (!handle.isClosed()) {
                handle.wakeReader();
            }
        });
    }

    /** Called by a connection of this listener as it closes. */
    void connectionClosed() {
        group.connectionClosed(shard);
    }

    /** The next connection for this shard, or null; clears READABLE when the queue is empty. */
    private StackSocket acceptOne() throws IOException {
        try (Buffer scratch = stack.scratch()) {
            long address = scratch.address();
            int fd = handle.accept(address);
            if (fd < 0) {
                onAcceptError(-fd);
                return null;
            }
            return place(fd, clientAt(address));
        }
    }

    /** Clients of a Unix socket rarely have an address of their own. */
    private InetSocketAddress clientAt(long address) {
        return SocketAddresses.familyAt(address) == UnixSocketAddress.AF_UNIX
                ? localAddress()
                : SocketAddresses.read(address);
    }

    /** Gives the new connection to its shard: null unless that is this one. */
    private StackSocket place(int fd, InetSocketAddress client) {
        PosixListener owner = state == State.LISTENING ? group.choose(this, client) : this;
        if (group.connections(owner.shard) >= maxConnections) {
            turnAway(fd);
            return null;
        }
        group.connectionOpened(owner.shard);
        if (owner == this) {
            return newSocket(fd, client);
        }
        owner.handOver(fd, client);
        return null;
    }

    private PosixSocket newSocket(int fd, InetSocketAddress client) {
        return stack.backend()
                .newSocket(reactor, fd, ReadinessHandle.WRITABLE, client, this)
                .established();
    }

    private void turnAway(int fd) {
        SocketOptions.resetOnClose(stack.callState(), fd);
        Descriptors.close(stack.callState(), fd);
        log(surplusLog, "maxConnections=" + maxConnections + " reached: resetting new connections");
    }

    private void onAcceptError(int errno) throws IOException {
        switch (errno) {
            case Errno.EAGAIN -> handle.clear(ReadinessHandle.READABLE);
            case Errno.EMFILE, Errno.ENFILE -> onNoDescriptors(errno);
            case Errno.ENOBUFS, Errno.ENOMEM -> {
                log(shortageLog, "accept: " + Errno.message(errno));
                Fiber.sleep(SHORTAGE_PAUSE);
            }
            case Errno.EBADF, Errno.EINVAL ->
                    throw Errno.exception("accept", errno, Addresses.format(localAddress()));
            default -> {
                // Interrupted, or an error of a connection that has gone again (accept(2)).
            }
        }
    }

    /** Accepts one client with the reserve descriptor, only to turn it away. */
    private void onNoDescriptors(int errno) {
        log(shortageLog, "accept: " + Errno.message(errno) + ": resetting new connections");
        ReserveDescriptor reserve = stack.reserve();
        if (!reserve.giveUp()) {
            Fiber.sleep(SHORTAGE_PAUSE);
            reserve.takeBack();
            return;
        }
        try (Buffer scratch = stack.scratch()) {
            int fd = handle.accept(scratch.address());
            if (fd >= 0) {
                SocketOptions.resetOnClose(stack.callState(), fd);
                Descriptors.close(stack.callState(), fd);
            } else if (fd == -Errno.EAGAIN) {
                handle.clear(ReadinessHandle.READABLE);
            }
        }
        reserve.takeBack();
    }

    private void log(LogLimit limit, String message) {
        long held = limit.tryAcquire(reactor.clock().nanoTime());
        if (held >= 0) {
            ShardLog.warning(
                    "listener "
                            + Addresses.format(localAddress())
                            + " on shard "
                            + shard
                            + ": "
                            + message
                            + (held > 0 ? " (" + held + " times since the last message)" : ""));
        }
    }

    /** The stop hook: from now on, an empty queue is the end. */
    private void beginDraining() {
        if (state == State.LISTENING) {
            state = State.DRAINING;
            group.stoppedListening();
            handle.drain();
            handle.wakeReader();
        }
    }

    private void stop() {
        if (state == State.LISTENING) {
            group.stoppedListening();
        }
        state = State.STOPPED;
        withdrawStopHook.run();
        group.closed(shard);
        handle.closeDescriptor();
        handle.turnAway();
        release.run();
        for (PosixSocket socket = handedOver.poll(); socket != null; socket = handedOver.poll()) {
            socket.reset();
        }
    }

    private void requireOpen() throws IOException {
        if (state == State.STOPPED) {
            throw stopped();
        }
        handle.requireOpen();
    }

    private FiberCancelledException stopped() {
        return new FiberCancelledException(
                "listener " + Addresses.format(localAddress()) + " closed: the runtime stops");
    }
}
