package io.byssus.stack;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.ListenOptions;
import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.PeerWait;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/**
 * One shard's listener of a {@link ListenGroup}.
 *
 * <p>When the runtime stops, handshakes that have begun are brought to their end and accepted; then
 * it closes.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #lookAgain} and {@link #shard}.
 */
final class NativeListener implements StackListener, ShardListener, TcpListener.User {
    private enum State {
        LISTENING,
        /** The runtime stops: what has begun is still accepted. */
        DRAINING,
        STOPPED,
        CLOSED
    }

    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;

    private final NativeStack stack;
    private final ListenGroup<NativeListener> group;
    private final Reactor reactor;
    private final int shard;
    private final InetSocketAddress bound;
    private final int maxConnections;
    private final int dscp;
    private final Runnable withdrawStopHook;
    private final PeerWait acceptor;
    private final LogLimit surplusLog = new LogLimit(LOG_INTERVAL_NANOS);
    private TcpListener tcp;

    /** Connections that were accepted and are open. */
    private int open;

    private State state = State.LISTENING;

    NativeListener(
            NativeStack stack,
            ListenGroup<NativeListener> group,
            InetSocketAddress bound,
            ListenOptions options) {
        this.stack = stack;
        this.group = group;
        this.reactor = stack.shard().reactor();
        this.shard = stack.shard().id();
        this.bound = bound;
        this.acceptor = new PeerWait(bound);
        this.maxConnections = options.maxConnections();
        this.dscp = options.settings().dscp();
        this.withdrawStopHook = stack.shard().onStop(this::beginDraining);
    }

    /** The protocol's side of it; once. */
    void listener(TcpListener listener) {
        tcp = listener;
    }

    @Override
    public int shard() {
        return shard;
    }

    @Override
    public InetSocketAddress localAddress() {
        return bound;
    }

    @Override
    public StackSocket accept(long deadlineNanos) throws IOException {
        boolean parked = false;
        while (true) {
            requireOpen();
            TcpConnection connection = stack.host().tcp().accept(tcp);
            if (connection == null) {
                awaitAcceptable(deadlineNanos);
                parked = true;
            } else if (open >= maxConnections) {
                turnAway(connection);
            } else {
                open++;
                reactor.counters().connectionsAccepted++;
                if (!parked && reactor.countOperation()) {
                    Thread.yield();
                }
                connection.differentiatedServices(dscp);
                return stack.newSocket(connection, this);
            }
        }
    }

    private void awaitAcceptable(long deadlineNanos) throws IOException {
        if (state == State.DRAINING && tcp.halfOpenCount() == 0) {
            stop();
            throw stopped();
        }
        WaitPoint.Outcome outcome =
                acceptor.awaitPeer(
                        reactor, 0, deadlineNanos, WaitPoint.Cancellation.HEEDED, "accept");
        if (state == State.CLOSED) {
            throw new ConnectionClosedException();
        }
        if (outcome == WaitPoint.Outcome.TIMED_OUT && !tcp.hasAcceptable()) {
            throw new SocketTimeoutException("accept: timed out: " + Addresses.format(bound));
        }
    }

    private void turnAway(TcpConnection connection) {
        connection.abort();
        group.connectionClosed(shard);
        long held = surplusLog.tryAcquire(reactor.clock().nanoTime());
        if (held >= 0) {
            ShardLog.warning(
                    "listener "
                            + Addresses.format(bound)
                            + " on shard "
                            + shard
                            + ": maxConnections="
                            + maxConnections
                            + " reached: resetting new connections"
                            + (held > 0 ? " (" + held + " times since the last message)" : ""));
        }
    }

    @Override
    public void onOpened() {
        group.connectionOpened(shard);
    }

    @Override
    public void onAcceptable() {
        acceptor.signal();
    }

    @Override
    public void onGone() {
        group.connectionClosed(shard);
        acceptor.signal(); // it may have been the last that a draining listener waited for
    }

    /** Called by a connection of this listener as it closes. */
    void connectionClosed() {
        open--;
        group.connectionClosed(shard);
    }

    @Override
    public void lookAgain() {
        reactor.execute(acceptor::signal);
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
        acceptor.signal();
    }

    /** The stop hook: from now on, an empty queue is the end. */
    private void beginDraining() {
        if (state == State.LISTENING) {
            state = State.DRAINING;
            tcp.drain();
            acceptor.signal();
        }
    }

    private void stop() {
        state = State.STOPPED;
        withdrawStopHook.run();
        for (int waiting = tcp.acceptableCount(); waiting > 0; waiting--) {
            group.connectionClosed(shard);
        }
        stack.host().tcp().close(tcp);
        group.stoppedListening();
        group.closed(shard);
        stack.ports().dropEmpty();
    }

    private void requireOpen() throws IOException {
        if (state == State.STOPPED) {
            throw stopped();
        }
        if (state == State.CLOSED) {
            throw new ClosedChannelException();
        }
    }

    private FiberCancelledException stopped() {
        return new FiberCancelledException(
                "listener " + Addresses.format(bound) + " closed: the runtime stops");
    }
}
