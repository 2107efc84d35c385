package io.byssus.stack;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.TcpInfo;
import io.byssus.net.spi.Failures;
import io.byssus.net.spi.PeerWait;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.stack.tcp.PathState;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpEvents;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.tcp.TcpUser;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/**
 * A connection of the native stack as the network API wants it: what fibers call parks them until
 * the protocol has something to tell.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
final class NativeSocket implements StackSocket, TcpUser {
    /** What {@link #close} reads and drops at most, so that the connection need not be reset. */
    private static final int DRAINED_BYTES_MAX = 1 << 20;

    private final Reactor reactor;
    private final TcpConnection connection;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;

    /** The listener that accepted it; null for an outgoing connection. */
    private final NativeListener listener;

    private final PeerWait reader;

    /** Made when a writer first waits; most never do. */
    private PeerWait writer;

    /** Made when a fiber first waits for the peer's end; most never do. */
    private PeerWait endWaiter;

    private boolean endOfStream;
    private boolean closed;

    NativeSocket(
            Reactor reactor,
            TcpConnection connection,
            InetSocketAddress local,
            InetSocketAddress remote,
            NativeListener listener) {
        this.reactor = reactor;
        this.connection = connection;
        this.local = local;
        this.remote = remote;
        this.reader = new PeerWait(remote);
        this.listener = listener;
    }

    /** It counts as a connection from now on. */
    NativeSocket established() {
        reactor.counters().connectionsActive++;
        reactor.counters().connectionsOpened++;
        return this;
    }

    @Override
    public void onEvents(int events) {
        if ((events & TcpEvents.READABLE) != 0) {
            reader.signal();
            if (endWaiter != null) {
                endWaiter.signal();
            }
        }
        if ((events & (TcpEvents.WRITABLE | TcpEvents.CONNECTED)) != 0 && writer != null) {
            writer.signal();
        }
    }

    /** Parks until the handshake is done. */
    void awaitConnected(long deadlineNanos) throws IOException {
        boolean connected = false;
        try {
            writer = new PeerWait(remote);
            while (!connection.state().isSynchronized()) {
                requireAlive("connect");
                await(writer, 0, deadlineNanos, WaitPoint.Cancellation.HEEDED, "connect");
            }
            connected = true;
        } finally {
            if (!connected) {
                connection.abort();
                closed = true;
            }
        }
    }

    @Override
    public Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException {
        requireOpen();
        if (endOfStream) {
            return Buffer.EMPTY;
        }
        boolean parked = false;
        while (true) {
            Buffer text = connection.receive();
            if (text != null) {
                reactor.counters().bytesReceived += text.length();
                if (!parked) {
                    preemptionPoint();
                }
                return text;
            }
            if (connection.atEnd()) {
                endOfStream = true;
                return Buffer.EMPTY;
            }
            requireAlive("read");
            await(reader, timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "read");
            parked = true;
        }
    }

    @Override
    public void send(
            Buffer[] buffers,
            int count,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation)
            throws IOException {
        int next = 0;
        while (next < count) {
            requireOpen();
            requireAlive("write");
            if (!connection.canSend()) {
                throw Failures.of("write", Errno.EPIPE, remote);
            }
            int space = connection.sendSpace();
            if (space <= 0) {
                if (writer == null) {
                    writer = new PeerWait(remote);
                }
                await(writer, timeoutNanos, deadlineNanos, cancellation, "write");
            } else if (sendSome(buffers, next, space)) {
                next++;
            }
        }
        preemptionPoint();
    }

    /** Sends a buffer, or what there is room for; whether that was all of it. */
    private boolean sendSome(Buffer[] buffers, int index, int space) {
        Buffer buffer = buffers[index];
        int length = buffer.length();
        if (length <= space) {
            buffers[index] = null;
            connection.send(buffer);
            reactor.counters().bytesSent += length;
            return true;
        }
        connection.send(buffer.share(0, space));
        buffer.trimFront(space);
        reactor.counters().bytesSent += space;
        return false;
    }

    @Override
    public void awaitPeerShutdown(long deadlineNanos) throws IOException {
        requireOpen();
        if (endWaiter == null) {
            endWaiter = new PeerWait(remote);
        }
        while (!connection.peerHasEnded() && connection.state() != TcpState.CLOSED) {
            await(
                    endWaiter,
                    0,
                    deadlineNanos,
                    WaitPoint.Cancellation.HEEDED,
                    "await the peer's shutdown");
        }
    }

    @Override
    public void awaitAcknowledged(long deadlineNanos) {
        throw new AssertionError("linger was refused");
    }

    @Override
    public void shutdownOutput() {
        if (!closed) {
            connection.closeOutput();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        // With unread input the connection would be reset, and the peer might lose what we sent.
        int drained = 0;
        Buffer text = connection.receive();
        while (text != null) {
            drained += text.length();
            text.close();
            text = drained < DRAINED_BYTES_MAX ? connection.receive() : null;
        }
        connection.close();
        release();
    }

    @Override
    public void reset() {
        if (!closed) {
            connection.abort();
            release();
        }
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public InetSocketAddress localAddress() throws IOException {
        requireOpen();
        return local;
    }

    @Override
    public TcpInfo tcpInfo() throws IOException {
        requireOpen();
        PathState path = connection.pathState();
        return new TcpInfo(
                connection.state().name(),
                Duration.ofNanos(path.roundTripNanos()),
                Duration.ofNanos(path.roundTripVariationNanos()),
                Duration.ofNanos(path.minimumRoundTripNanos()),
                Duration.ofNanos(path.timeoutNanos()),
                path.segmentBytes(),
                path.congestionWindowBytes(),
                path.slowStartThresholdBytes() == Integer.MAX_VALUE
                        ? Long.MAX_VALUE
                        : path.slowStartThresholdBytes(),
                path.inFlightBytes(),
                path.retransmittedSegments(),
                connection.unsentBytes(),
                path.sendWindowBytes());
    }

    private void release() {
        closed = true;
        reader.signal();
        if (endWaiter != null) {
            endWaiter.signal();
        }
        if (writer != null) {
            writer.signal();
        }
        reactor.counters().connectionsActive--;
        if (listener != null) {
            listener.connectionClosed();
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /** Throws what ended the connection. */
    private void requireAlive(String operation) throws IOException {
        if (connection.failure() != TcpFailure.NONE) {
            throw Failures.of(operation, errno(connection.failure()), remote);
        }
        if (connection.state() == TcpState.CLOSED && !operation.equals("read")) {
            throw Failures.of(operation, Errno.EPIPE, remote);
        }
    }

    private static int errno(TcpFailure failure) {
        return switch (failure) {
            case NONE -> throw new AssertionError("no failure");
            case REFUSED -> Errno.ECONNREFUSED;
            case RESET -> Errno.ECONNRESET;
            case TIMED_OUT -> Errno.ETIMEDOUT;
            case HOST_UNREACHABLE -> Errno.EHOSTUNREACH;
            case NETWORK_UNREACHABLE -> Errno.ENETUNREACH;
            case ABORTED -> Errno.ECONNABORTED;
        };
    }

    private void await(
            PeerWait point,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        WaitPoint.Outcome outcome =
                point.awaitPeer(reactor, timeoutNanos, deadlineNanos, cancellation, operation);
        if (closed) {
            throw new ConnectionClosedException();
        }
        if (outcome == WaitPoint.Outcome.TIMED_OUT) {
            throw new SocketTimeoutException(
                    operation + ": timed out: " + Addresses.format(remote));
        }
    }

    /** An operation that did not park lets others run, if this fiber has used up its quota. */
    private void preemptionPoint() {
        if (reactor.countOperation()) {
            Thread.yield();
        }
    }
}
