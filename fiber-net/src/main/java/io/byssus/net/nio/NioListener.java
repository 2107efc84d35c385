package io.byssus.net.nio;

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
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * One shard's listener of a {@link ListenGroup}, on a channel of its own or on that of all.
 *
 * <p>When the runtime stops, it accepts until the kernel's queue is empty and only then closes:
 * closing resets what waits there.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #handOver}.
 */
final class NioListener implements StackListener, ListenGroup.Member {
    private enum State {
        LISTENING,
        /** The runtime stops: what has arrived is still accepted. */
        DRAINING,
        STOPPED,
        CLOSED
    }

    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;
    private static final Duration SHORTAGE_PAUSE = Duration.ofMillis(10);

    private final NioStack stack;
    private final ListenGroup<NioListener> group;
    private final Reactor reactor;
    private final int shard;
    private final AcceptPoint point;
    private final NioHandle handle;
    private final ListenOptions options;
    private final Runnable withdrawStopHook;

    /** Accepted by another shard for this one, in no selector yet. */
    private final ArrayDeque<NioSocket> handedOver = new ArrayDeque<>();

    private final LogLimit surplusLog = new LogLimit(LOG_INTERVAL_NANOS);
    private final LogLimit shortageLog = new LogLimit(LOG_INTERVAL_NANOS);
    private State state = State.LISTENING;

    NioListener(
            NioStack stack,
            ListenGroup<NioListener> group,
            AcceptPoint point,
            ListenOptions options) {
        this.stack = stack;
        this.group = group;
        this.reactor = stack.shard().reactor();
        this.shard = stack.shard().id();
        this.point = point;
        this.handle = new NioHandle(reactor, stack.backend(), point.channel(), 0, group.bound());
        this.options = options;
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
            if (socket == null && handle.has(NioHandle.READABLE)) {
                socket = acceptOne();
            }
            if (socket != null) {
                reactor.counters().connectionsAccepted++;
                if (!parked && reactor.countOperation()) {
                    Thread.yield();
                }
                return socket;
            }
            if (!handle.has(NioHandle.READABLE) && handedOver.isEmpty()) {
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
    void handOver(SocketChannel channel, InetSocketAddress client) {
        group.handOverBegins(shard);
        reactor.execute(() -> {
            group.handOverEnds(shard);
            if (handle.isClosed()) {
                reset(channel);
                group.connectionClosed(shard);
            } else {
                handedOver.add(newSocket(channel, client));
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
    private StackSocket acceptOne() {
        try {
            SocketChannel channel = point.accept();
            if (channel == null) {
                handle.clear(NioHandle.READABLE);
                return null;
            }
            return place(channel);
        } catch (IOException e) {
            // No descriptors, no memory, or a connection that has gone again: the JDK does not tell
            // which. Clients wait in the kernel's queue meanwhile.
            log(shortageLog, "accept: " + e.getMessage());
            Fiber.sleep(SHORTAGE_PAUSE);
            return null;
        }
    }

    /** Gives the new connection to its shard: null unless that is this one. */
    private StackSocket place(SocketChannel channel) throws IOException {
        InetSocketAddress client;
        try {
            channel.configureBlocking(false);
            client =
                    channel.getRemoteAddress() instanceof InetSocketAddress remote
                            ? remote
                            : localAddress(); // of a Unix socket
            if (!client.isUnresolved()) {
                NioOptions.apply(channel, options.settings());
            }
        } catch (IOException e) {
            NioHandle.closeQuietly(channel);
            throw e;
        }
        NioListener owner = state == State.LISTENING ? group.choose(this, client) : this;
        if (group.connections(owner.shard) >= options.maxConnections()) {
            turnAway(channel);
            return null;
        }
        group.connectionOpened(owner.shard);
        if (owner == this) {
            return newSocket(channel, client);
        }
        owner.handOver(channel, client);
        return null;
    }

    private NioSocket newSocket(SocketChannel channel, InetSocketAddress client) {
        return new NioSocket(reactor, stack.backend(), channel, NioHandle.WRITABLE, client, this)
                .established();
    }

    private void turnAway(SocketChannel channel) {
        reset(channel);
        log(
                surplusLog,
                "maxConnections="
                        + options.maxConnections()
                        + " reached: resetting new connections");
    }

    private static void reset(SocketChannel channel) {
        NioSocket.resetOnClose(channel);
        NioHandle.closeQuietly(channel);
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
        handle.leaveChannel();
        stack.ports().leave(group, point);
        for (NioSocket socket = handedOver.poll(); socket != null; socket = handedOver.poll()) {
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
