package io.byssus.net.posix;

import io.byssus.net.ConnectionClosedException;
import io.byssus.net.spi.StackRelay;
import io.byssus.net.spi.StackSocket;
import io.byssus.net.uring.OperationState;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/**
 * A connected socket on io_uring.
 *
 * <p><b>Receiving.</b> From the first wait on, a multishot operation brings what arrives, in the
 * shard's buffers. A connection may have only so much that its fiber has not read; at more, the
 * operation is cancelled, and when all of it has been read, the fiber reads <em>directly</em>, as
 * {@link PosixSocket} does, until the kernel has no more; then the operation begins anew. So it
 * does when the shard's buffers are used up: a connection that finds none is not hurt by those that
 * have them, and waits for memory in its turn, as without io_uring.
 *
 * <p><b>Sending.</b> A small answer is sent at the end of the turn, with those of all other
 * connections. What the kernel does not take then stays with an operation of its own, and the next
 * call waits for that. Larger ones are sent at once: they are worth a system call, and the caller
 * waits for the peer's window.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
final class UringSocket extends PosixSocket {
    /** Bytes that arrived and were not read before receiving stops. */
    private static final int UNREAD_BYTES_MAX = 32_768;

    /** Bytes up to which a send waits for the end of the turn. */
    private static final int QUEUED_BYTES_MAX = 16_384;

    private static final int INTEREST = Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    private final UringBackend uring;

    private OperationState receiving = OperationState.IDLE;
    private OperationState sending = OperationState.IDLE;

    /** Whether the kernel is asked by the fiber itself, as nothing is received meanwhile. */
    private boolean direct;

    /** Whether the last completion was the stream's end. */
    private boolean endReceived;

    /** The error that ended receiving; 0 if none did. */
    private int receiveError;

    /** The error that ended sending and was not told yet; 0 if none. */
    private int sendError;

    /** Received but not read; null if there is nothing. */
    private Buffer unread;

    /** What was received after {@link #unread}; null until there is such. */
    private ArrayDeque<Buffer> behind;

    /** In all of these. */
    private int unreadBytes;

    /** What the kernel has to send; null if there is nothing. */
    private Buffer sent;

    /** Made with the first large send. */
    private UncopiedSend uncopied;

    UringSocket(
            Reactor reactor,
            UringBackend backend,
            int fd,
            int readiness,
            InetSocketAddress peer,
            PosixListener listener) {
        super(reactor, backend, fd, readiness, peer, listener);
        this.uring = backend;
    }

    @Override
    int interest() {
        return INTEREST;
    }

    /** None: the kernel receives by itself, and what it has received is in buffers already. */
    @Override
    public StackRelay relayTo(StackSocket target) {
        return null;
    }

    @Override
    void arm(int bit) throws IOException {
        if (bit == READABLE) {
            if (receiving == OperationState.IDLE) {
                receiving = receiving.submitted();
                uring.receive(this);
            }
        } else if (bit == HANG_UP || !isSending()) {
            uring.register(this);
        }
    }

    @Override
    public Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException {
        if (endOfStream) {
            requireOpen();
            return Buffer.EMPTY;
        }
        boolean parked = false;
        while (true) {
            requireOpen();
            if (unread != null) {
                Buffer buffer = takeUnread();
                if (!parked) {
                    preemptionPoint();
                }
                return buffer;
            }
            if (receiving == OperationState.IDLE) {
                if (endReceived) {
                    return endOfStream();
                }
                if (receiveError != 0) {
                    failure = receiveError;
                    throw exception("read", receiveError);
                }
                if (direct) {
                    Buffer buffer = receiveDirectly(timeoutNanos, deadlineNanos);
                    if (buffer != null) {
                        return buffer;
                    }
                    continue;
                }
            }
            clear(READABLE);
            awaitReadable(timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "read");
            parked = true;
        }
    }

    private Buffer takeUnread() {
        Buffer buffer = unread;
        unread = behind == null ? null : behind.poll();
        int length = buffer.length();
        unreadBytes -= length;
        counters.bytesReceived += length;
        return buffer;
    }

    /** What the kernel has, in a buffer of the connection's own; null if that is nothing. */
    private Buffer receiveDirectly(long timeoutNanos, long deadlineNanos) throws IOException {
        Buffer buffer = reactor().buffers().allocateOrNull(readBytes);
        if (buffer == null) {
            buffer = awaitMemory(timeoutNanos, deadlineNanos);
        }
        wakeReader(); // READABLE as long as the kernel may have more
        long length = Sockets.receive(callState(), fd, buffer.address(), readBytes);
        if (length > 0) {
            buffer.trim((int) length);
            received((int) length);
            direct = has(READABLE);
            preemptionPoint();
            return buffer;
        }
        buffer.close();
        if (length == 0) {
            return endOfStream();
        }
        onReadError(callState().errno());
        direct = has(READABLE);
        return null;
    }

    @Override
    void onCompletion(int kind, int result, int flags) {
        boolean more = (flags & IoUring.IORING_CQE_F_MORE) != 0;
        if (kind == UringBackend.RECEIVE) {
            receiving = receiving.completed(more);
            onReceived(result, flags);
        } else if (kind == UringBackend.SEND) {
            sending = sending.completed(more);
            onSent(result);
        } else {
            uncopied.onCompletion(result, flags);
            wakeWriter();
        }
    }

    private void onReceived(int result, int flags) {
        if (result > 0) {
            Buffer buffer = uring.buffers().take(result, flags);
            if (isClosed()) {
                buffer.close();
                return;
            }
            append(buffer, result);
        } else if (result == 0) {
            endReceived = true;
        } else if (result == -Errno.ENOBUFS) {
            direct = true;
        } else if (result != -Errno.ECANCELED && result != -Errno.EINTR) {
            receiveError = -result;
        }
        wakeReader();
    }

    private void append(Buffer buffer, int length) {
        if (unread == null) {
            unread = buffer;
        } else {
            if (behind == null) {
                behind = new ArrayDeque<>();
            }
            behind.add(buffer);
        }
        unreadBytes += length;
        stopAtBound();
    }

    private void stopAtBound() {
        if (unreadBytes > UNREAD_BYTES_MAX
                && receiving == OperationState.IN_FLIGHT
                && slot != NOT_REGISTERED) {
            direct = true;
            receiving = receiving.cancelled();
            uring.cancel(slot, UringBackend.RECEIVE);
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
        if (sending != OperationState.IDLE) {
            awaitSent(timeoutNanos, deadlineNanos, cancellation);
        }
        requireOpen();
        throwSendError();
        if (count == 1 && buffers[0].length() >= UncopiedSend.BYTES_MIN) {
            sendUncopied(buffers, timeoutNanos, deadlineNanos, cancellation);
            if (buffers[0] == null) {
                return;
            }
        }
        if (count != 1 || buffers[0].length() > QUEUED_BYTES_MAX) {
            super.send(buffers, count, timeoutNanos, deadlineNanos, cancellation);
            return;
        }
        sent = buffers[0];
        buffers[0] = null;
        counters.bytesSent += sent.length();
        sending = sending.queued();
        uring.queueSend(this, IoUring.IORING_OP_SEND, sent.address(), sent.length());
        preemptionPoint();
    }

    /** Sends what it can without a copy; the rest is left. */
    private void sendUncopied(
            Buffer[] buffers,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation)
            throws IOException {
        if (uncopied == null) {
            uncopied = new UncopiedSend();
        }
        if (!uncopied.isOfUse()) {
            return;
        }
        Buffer memory = uncopied.begin(buffers[0]);
        uring.sendUncopied(this, memory.address(), memory.length());
        try {
            while (uncopied.isUndecided()) {
                clear(WRITABLE);
                awaitWritable(timeoutNanos, deadlineNanos, cancellation, "write");
            }
        } finally {
            for (int i = 0; uncopied.isUndecided() && i < UringBackend.CANCEL_ROUNDS_MAX; i++) {
                if (uncopied.cancel()) {
                    uring.cancel(slot, UringBackend.SEND_UNCOPIED);
                }
                uring.enter();
            }
            assert !uncopied.isUndecided() : "not to be cancelled";
            counters.bytesSent += uncopied.sent();
            release(buffers, 0, uncopied.sent());
        }
        int error = uncopied.error();
        if (error != 0) {
            failure = error;
            throw exception("write", error);
        }
    }

    private boolean isSending() {
        return sending != OperationState.IDLE || (uncopied != null && uncopied.isUndecided());
    }

    /** Waits until the kernel has taken what is to be sent, or the sending has failed. */
    private void awaitSent(
            long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        if (sending == OperationState.QUEUED) {
            uring.submit();
        }
        while (sending != OperationState.IDLE) {
            clear(WRITABLE);
            awaitWritable(timeoutNanos, deadlineNanos, cancellation, "write");
        }
    }

    private void throwSendError() throws IOException {
        if (sendError != 0) {
            int error = sendError;
            sendError = 0;
            throw exception("write", error);
        }
    }

    /** The kernel has taken the send from the queue; without a complaint, it has taken all. */
    void onTaken() {
        if (sending == OperationState.QUEUED) {
            sending = sending.taken();
            sent.close();
            sent = null;
            wakeWriter();
        }
    }

    private void onSent(int result) {
        if (result > 0) {
            sent.trimFront(result);
        }
        boolean goesOn = result >= 0 || result == -Errno.EAGAIN || result == -Errno.EINTR;
        if (!sent.isEmpty() && goesOn && !isClosed() && slot != NOT_REGISTERED) {
            sending = sending.submitted();
            uring.send(this, IoUring.IORING_OP_SEND, sent.address(), sent.length());
            return;
        }
        if (!goesOn) {
            failure = -result;
            sendError = -result;
        }
        counters.bytesSent -= sent.length(); // they were counted when they were queued
        sent.close();
        sent = null;
        wakeWriter();
    }

    @Override
    public void shutdownOutput(long deadlineNanos) throws IOException {
        if (!isClosed() && sending != OperationState.IDLE) {
            awaitSent(0, deadlineNanos, WaitPoint.Cancellation.DEFERRED);
            if (isClosed()) {
                throw new ConnectionClosedException();
            }
        }
        throwSendError();
        super.shutdownOutput();
    }

    @Override
    public void close() {
        if (!isClosed()) {
            endOperations();
            super.close();
        }
    }

    @Override
    void drain() {
        if (!endReceived) {
            super.drain();
        }
    }

    @Override
    public void reset() {
        if (!isClosed()) {
            endOperations();
            super.reset();
        }
    }

    private void endOperations() {
        uring.deregister(this);
        while (unread != null) {
            Buffer buffer = unread;
            unread = behind == null ? null : behind.poll();
            buffer.close();
        }
        unreadBytes = 0;
    }

    @Override
    void cancelOperations(int from) {
        if (receiving == OperationState.IN_FLIGHT) {
            receiving = receiving.cancelled();
            uring.cancel(from, UringBackend.RECEIVE);
        }
        if (sending == OperationState.IN_FLIGHT) {
            sending = sending.cancelled();
            uring.cancel(from, UringBackend.SEND);
        }
        if (uncopied != null && uncopied.cancel()) {
            uring.cancel(from, UringBackend.SEND_UNCOPIED);
        }
    }

    @Override
    void onCancelMissed(int kind) {
        if (kind == UringBackend.RECEIVE) {
            receiving = receiving.cancelMissed();
            stopAtBound();
        } else if (kind == UringBackend.SEND) {
            sending = sending.cancelMissed();
        } else {
            uncopied.onCancelMissed();
        }
    }

    @Override
    boolean hasOperations() {
        return receiving.isBusy() || sending.isBusy() || (uncopied != null && uncopied.isBusy());
    }
}
