package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.spi.PeerWait;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/**
 * A descriptor and what is known of its readiness. Edge-triggered, the kernel tells changes only,
 * so the state is kept here: an event sets a bit, a call that finds the descriptor dry clears it,
 * and the next call is made only while the bit is set.
 *
 * <p>It is itself where the reader waits, and a socket is a handle: with a thousand connections
 * most of what a message costs beyond the kernel's work is the fetching of cache lines, so what is
 * used together is one object.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber waits to read, one to write.
 */
class ReadinessHandle extends PeerWait {
    static final int NOT_REGISTERED = -1;
    static final int CLOSED = -1;

    static final int READABLE = 1;
    static final int WRITABLE = 2;

    /**
     * The peer has ended its stream, or the connection is gone: reading goes on to the very end.
     */
    static final int HANG_UP = 4;

    private static final int READ_EVENTS =
            Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR;
    private static final int WRITE_EVENTS = Epoll.EPOLLOUT | Epoll.EPOLLHUP | Epoll.EPOLLERR;
    private static final int HANG_UP_EVENTS = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR;

    private final Reactor reactor;
    private final ReadinessBackend backend;

    /** {@link #CLOSED} once closed. */
    int fd;

    /** Index in the backend's table. */
    int slot = NOT_REGISTERED;

    /** {@link #READABLE}, {@link #WRITABLE}, {@link #HANG_UP}. */
    private int readiness;

    /** Made when a writer first waits; most never do. */
    private PeerWait writer;

    /** Made when a fiber first waits for the peer's end; most never do. */
    private PeerWait endWaiter;

    /**
     * @param readiness what to believe before the first event
     * @param address for messages
     */
    ReadinessHandle(
            Reactor reactor,
            ReadinessBackend backend,
            int fd,
            int readiness,
            InetSocketAddress address) {
        super(address);
        this.reactor = reactor;
        this.backend = backend;
        this.fd = fd;
        this.readiness = readiness;
    }

    Reactor reactor() {
        return reactor;
    }

    CallState callState() {
        return backend.callState();
    }

    /** The shard's room for the header of a gathering send. */
    long messageHeader() {
        return backend.messageHeader();
    }

    /** Events that the descriptor is registered for. */
    int interest() {
        return ReadinessBackend.STREAM_INTEREST;
    }

    ReadinessBackend backend() {
        return backend;
    }

    boolean has(int bit) {
        return (readiness & bit) != 0;
    }

    void clear(int bit) {
        readiness &= ~bit;
    }

    boolean isClosed() {
        return fd == CLOSED;
    }

    void requireOpen() throws ClosedChannelException {
        if (fd == CLOSED) {
            throw new ClosedChannelException();
        }
    }

    /** Called by the backend with an event's bits. */
    void onReady(int events) {
        if ((events & READ_EVENTS) != 0) {
            readiness |= READABLE;
            signal();
        }
        if ((events & HANG_UP_EVENTS) != 0) {
            readiness |= HANG_UP;
            if (endWaiter != null) {
                endWaiter.signal();
            }
        }
        if ((events & WRITE_EVENTS) != 0) {
            wakeWriter();
        }
    }

    /**
     * Called when an operation on the descriptor has told something, where a backend has such.
     *
     * @param kind the backend's
     */
    void onCompletion(int kind, int result, int flags) {
        throw new AssertionError("kind=" + kind + " result=" + result + " flags=" + flags);
    }

    /** A request to cancel an operation has not found it. */
    void onCancelMissed(int kind) {
        throw new AssertionError("kind=" + kind);
    }

    /** Asks the kernel for an end of all operations on the descriptor, which has {@code from}. */
    void cancelOperations(int from) {}

    /** Whether the kernel still has operations on the descriptor. */
    boolean hasOperations() {
        return false;
    }

    /** Sees to it that what sets {@code bit} will be told. */
    void arm(int bit) throws IOException {
        if (slot == NOT_REGISTERED) {
            backend.register(this);
        }
    }

    /** Makes a writer that waits look again. */
    void wakeWriter() {
        readiness |= WRITABLE;
        if (writer != null) {
            writer.signal();
        }
    }

    /** Makes a reader that waits look again. */
    void wakeReader() {
        readiness |= READABLE;
        signal();
    }

    /**
     * Parks until the descriptor may be readable.
     *
     * @param timeoutNanos from now; 0 for no limit
     * @param operation for the exceptions' messages
     */
    void awaitReadable(
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        await(READABLE, this, timeoutNanos, deadlineNanos, cancellation, operation);
    }

    /** As {@link #awaitReadable}, for writing. */
    void awaitWritable(
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        if (writer == null) {
            writer = new PeerWait(address());
        }
        await(WRITABLE, writer, timeoutNanos, deadlineNanos, cancellation, operation);
    }

    /** As {@link #awaitReadable}, for the peer's end or the connection's. */
    void awaitHangUp(long deadlineNanos, String operation) throws IOException {
        if (endWaiter == null) {
            endWaiter = new PeerWait(address());
        }
        await(HANG_UP, endWaiter, 0, deadlineNanos, WaitPoint.Cancellation.HEEDED, operation);
    }

    /** Closes the descriptor; fibers that wait for it get an exception. */
    final void closeDescriptor() {
        if (fd == CLOSED) {
            return;
        }
        backend.deregister(this);
        Descriptors.close(backend.callState(), fd);
        fd = CLOSED;
        signal();
        if (writer != null) {
            writer.signal();
        }
        if (endWaiter != null) {
            endWaiter.signal();
        }
    }

    private void await(
            int bit,
            PeerWait point,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        requireOpen();
        arm(bit);
        while ((readiness & bit) == 0) {
            WaitPoint.Outcome outcome =
                    point.awaitPeer(reactor, timeoutNanos, deadlineNanos, cancellation, operation);
            if (fd == CLOSED) {
                throw new ConnectionClosedException();
            }
            if (outcome == WaitPoint.Outcome.TIMED_OUT && (readiness & bit) == 0) {
                throw new SocketTimeoutException(
                        operation + ": timed out: " + Addresses.format(address()));
            }
        }
    }
}
