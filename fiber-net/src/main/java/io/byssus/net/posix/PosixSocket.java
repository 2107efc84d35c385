package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.PeerCredentials;
import io.byssus.net.TcpInfo;
import io.byssus.net.spi.Failures;
import io.byssus.net.spi.StackRelay;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.os.PeerCredentialsStruct;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.TcpInfoStruct;
import io.byssus.runtime.os.UnixSocketAddress;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorCounters;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A connected socket of the kernel. It guesses as Seastar does: while the last call gave all that
 * was asked for, the next is made without asking epoll; after a short one the fiber waits at once.
 *
 * <p>A connection that waits for bytes holds no buffer: one is taken when the descriptor is ready.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
class PosixSocket extends ReadinessHandle implements StackSocket {
    private static final int READ_BYTES_MIN = 4096;
    private static final int READ_BYTES_INITIAL = 16384;
    private static final int READ_BYTES_MAX = BufferPool.POOLED_CAPACITY_MAX;

    /** Reads of under a quarter of the buffer before it is halved. */
    private static final int SMALL_READS_MAX = 64;

    /** What {@link #close} reads and drops at most, so that the kernel need not reset. */
    private static final int DRAINED_BYTES_MAX = 1 << 20;

    /** The listener that accepted it; null for an outgoing connection. */
    private final PosixListener listener;

    final ReactorCounters counters;

    /** Capacity of the next read's buffer. */
    int readBytes = READ_BYTES_INITIAL;

    private int smallReads;
    boolean endOfStream;

    /** What ended the connection, 0 while nothing has. The kernel tells it only once. */
    int failure;

    private boolean outputEnded;

    /**
     * As {@link ReadinessHandle}'s.
     *
     * @param listener that accepted it, or null
     */
    PosixSocket(
            Reactor reactor,
            ReadinessBackend backend,
            int fd,
            int readiness,
            InetSocketAddress peer,
            PosixListener listener) {
        super(reactor, backend, fd, readiness, peer);
        this.listener = listener;
        this.counters = reactor.counters();
    }

    /** It counts as a connection from now on. */
    PosixSocket established() {
        counters.connectionsActive++;
        counters.connectionsOpened++;
        return this;
    }

    @Override
    public Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException {
        if (endOfStream) {
            requireOpen();
            return Buffer.EMPTY;
        }
        boolean parked = false;
        while (true) {
            if (!has(READABLE)) {
                awaitReadable(timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "read");
                parked = true;
            }
            requireOpen();
            Buffer buffer = reactor().buffers().allocateOrNull(readBytes);
            if (buffer == null) {
                buffer = awaitMemory(timeoutNanos, deadlineNanos);
                parked = true;
            }
            long received = Sockets.receive(callState(), fd, buffer.address(), readBytes);
            if (received > 0) {
                buffer.trim((int) received);
                received((int) received);
                if (!parked) {
                    preemptionPoint();
                }
                return buffer;
            }
            buffer.close();
            if (received == 0) {
                return endOfStream();
            }
            onReadError(callState().errno());
        }
    }

    /**
     * Memory is short: a small buffer must do, and this fiber waits for its turn. Meanwhile the
     * kernel's window closes, and the peer waits too.
     */
    final Buffer awaitMemory(long timeoutNanos, long deadlineNanos) throws IOException {
        readBytes = READ_BYTES_MIN;
        smallReads = 0;
        Buffer buffer = reactor().buffers().allocate(readBytes, timeoutNanos, deadlineNanos);
        if (isClosed()) {
            buffer.close();
            throw new ConnectionClosedException();
        }
        return buffer;
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
            if (!has(WRITABLE)) {
                awaitWritable(timeoutNanos, deadlineNanos, cancellation, "write");
            }
            requireOpen();
            next = next == count - 1 ? sendLast(buffers, next) : sendSome(buffers, next, count);
        }
        preemptionPoint();
    }

    /** One call for one buffer; the next to send. */
    private int sendLast(Buffer[] buffers, int last) throws IOException {
        Buffer buffer = buffers[last];
        int length = buffer.length();
        long sent = Sockets.send(callState(), fd, buffer.address(), length);
        if (sent < 0) {
            onWriteError(callState().errno());
            return last;
        }
        counters.bytesSent += sent;
        if (sent < length) {
            buffer.trimFront((int) sent);
            clear(WRITABLE);
            return last;
        }
        buffer.close();
        buffers[last] = null;
        return last + 1;
    }

    /** One call for several buffers; the next to send. */
    private int sendSome(Buffer[] buffers, int next, int count) throws IOException {
        long total = gather(buffers, next, count);
        long sent = Sockets.sendGathering(callState(), fd, messageHeader());
        if (sent < 0) {
            onWriteError(callState().errno());
            return next;
        }
        counters.bytesSent += sent;
        if (sent < total) {
            clear(WRITABLE);
        }
        return release(buffers, next, sent);
    }

    @Override
    public StackRelay relayTo(StackSocket target) {
        return target instanceof PosixSocket to
                ? new SpliceRelay(this, to, backend().pipes())
                : null;
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (outputEnded || isClosed()) {
            return;
        }
        outputEnded = true;
        if (Sockets.shutdown(callState(), fd, Sockets.SHUT_WR) < 0) {
            int errno = callState().errno();
            if (errno != Errno.ENOTCONN) { // the peer has reset it: nothing is left to end
                throw Errno.exception("shutdown", errno, Addresses.format(remoteAddress()));
            }
        }
    }

    /** The kernel wakes whom it took for a lingering close when the last byte is acknowledged. */
    @Override
    public void awaitAcknowledged(long deadlineNanos) throws IOException {
        while (!isClosed() && !isAcknowledged()) {
            clear(WRITABLE);
            awaitWritable(0, deadlineNanos, WaitPoint.Cancellation.DEFERRED, "close");
        }
    }

    private boolean isAcknowledged() throws IOException {
        return switch (tcpInfo().state()) {
            case "FIN_WAIT_2", "TIME_WAIT" -> true;
            case "CLOSED" -> {
                int error = SocketOptions.ERROR.get(callState(), fd);
                if (error != 0) {
                    failure = error;
                    throw exception("close", error);
                }
                yield true;
            }
            default -> false;
        };
    }

    @Override
    public void awaitPeerShutdown(long deadlineNanos) throws IOException {
        awaitHangUp(deadlineNanos, "await the peer's shutdown");
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        if (!endOfStream) {
            drain();
        }
        release();
    }

    @Override
    public void reset() {
        if (isClosed()) {
            return;
        }
        SocketOptions.resetOnClose(callState(), fd);
        release();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return address();
    }

    @Override
    public InetSocketAddress localAddress() throws IOException {
        requireOpen();
        try (Buffer scratch = reactor().buffers().allocateScratch(PosixStack.ADDRESS_BYTES)) {
            long address = scratch.address();
            if (Sockets.localAddress(callState(), fd, address, address + SocketAddresses.BYTES_MAX)
                    < 0) {
                throw Errno.exception(
                        "getsockname", callState().errno(), Addresses.format(remoteAddress()));
            }
            return SocketAddresses.familyAt(address) == UnixSocketAddress.AF_UNIX
                    ? remoteAddress()
                    : SocketAddresses.read(address);
        }
    }

    @Override
    public PeerCredentials peerCredentials() throws IOException {
        requireOpen();
        if (!remoteAddress().isUnresolved()) {
            return StackSocket.super.peerCredentials();
        }
        int bytes = PeerCredentialsStruct.BYTES;
        try (Buffer struct = reactor().buffers().allocateScratch(bytes)) {
            long address = struct.address();
            if (SocketOptions.PEER_CREDENTIALS.read(callState(), fd, address, bytes) < bytes) {
                throw Errno.exception(
                        "getsockopt SO_PEERCRED",
                        callState().errno(),
                        Addresses.format(remoteAddress()));
            }
            return new PeerCredentials(
                    PeerCredentialsStruct.process(address),
                    PeerCredentialsStruct.user(address),
                    PeerCredentialsStruct.group(address));
        }
    }

    @Override
    public TcpInfo tcpInfo() throws IOException {
        requireOpen();
        try (Buffer struct = reactor().buffers().allocateScratch(TcpInfoStruct.BYTES)) {
            int length =
                    SocketOptions.INFO.read(callState(), fd, struct.address(), TcpInfoStruct.BYTES);
            if (length < TcpInfoStruct.BYTES) {
                throw Errno.exception(
                        "getsockopt TCP_INFO",
                        callState().errno(),
                        Addresses.format(remoteAddress()));
            }
            return KernelTcpInfo.of(struct.address());
        }
    }

    /** Whether a receive has seen the end of the stream. */
    boolean atEnd() throws IOException {
        if (endOfStream) {
            requireOpen();
        }
        return endOfStream;
    }

    void countReceived(long bytes) {
        counters.bytesReceived += bytes;
    }

    void countSent(long bytes) {
        counters.bytesSent += bytes;
    }

    /** A receive gave nothing: because of {@code errno}, or the stream has ended if that is 0. */
    void onNothingReceived(int errno) throws IOException {
        if (errno == 0) {
            Buffer none = endOfStream();
            assert none.isEmpty();
        } else {
            onReadError(errno);
        }
    }

    /** After an error that was told to someone else, this is no clean end. */
    final Buffer endOfStream() throws IOException {
        if (failure != 0) {
            throw exception("read", failure);
        }
        endOfStream = true;
        return Buffer.EMPTY;
    }

    final void received(int length) {
        counters.bytesReceived += length;
        if (length == readBytes) {
            readBytes = Math.min(readBytes * 2, READ_BYTES_MAX);
            smallReads = 0;
            return;
        }
        // Short: the kernel has no more. But after a hang-up there will be no further event, so
        // read on until it says that the stream has ended.
        if (!has(HANG_UP)) {
            clear(READABLE);
        }
        if (length >= readBytes / 4) {
            smallReads = 0;
        } else if (++smallReads == SMALL_READS_MAX) {
            smallReads = 0;
            readBytes = Math.max(readBytes / 2, READ_BYTES_MIN);
        }
    }

    /** Points the shard's message header at the buffers from {@code next} on; their bytes. */
    private long gather(Buffer[] buffers, int next, int count) {
        long header = messageHeader();
        MessageHeader.begin(header);
        long total = 0;
        int slices = Math.min(count - next, ReadinessBackend.SLICES_MAX);
        for (int i = 0; i < slices; i++) {
            Buffer buffer = buffers[next + i];
            MessageHeader.slice(header, i, buffer.address(), buffer.length());
            total += buffer.length();
        }
        MessageHeader.sliceCount(header, slices);
        return total;
    }

    /** Releases what was sent completely and trims what was sent in part; the next to send. */
    static int release(Buffer[] buffers, int first, long sent) {
        int next = first;
        long left = sent;
        while (left > 0) {
            Buffer buffer = buffers[next];
            if (left < buffer.length()) {
                buffer.trimFront((int) left);
                break;
            }
            left -= buffer.length();
            buffer.close();
            buffers[next++] = null;
        }
        return next;
    }

    final void onReadError(int errno) throws IOException {
        if (errno == Errno.EAGAIN) {
            clear(READABLE);
        } else if (errno != Errno.EINTR) {
            failure = errno;
            throw exception("read", errno);
        }
    }

    void onWriteError(int errno) throws IOException {
        if (errno == Errno.EAGAIN) {
            clear(WRITABLE);
        } else if (errno != Errno.EINTR) {
            failure = errno;
            throw exception("write", errno);
        }
    }

    final IOException exception(String operation, int errno) {
        return Failures.of(operation, errno, remoteAddress());
    }

    /**
     * Reads and drops what has arrived: closing a socket with unread bytes makes the kernel reset
     * the connection, and the peer might lose the end of what we sent.
     */
    void drain() {
        Reactor reactor = reactor();
        try (Buffer scratch = reactor.buffers().allocateScratch(READ_BYTES_MIN)) {
            long length = scratch.length();
            long drained = 0;
            long received;
            do {
                received = Sockets.receive(callState(), fd, scratch.address(), length);
                drained += received;
            } while (received == length && drained < DRAINED_BYTES_MAX);
        }
    }

    private void release() {
        closeDescriptor();
        counters.connectionsActive--;
        if (listener != null) {
            listener.connectionClosed();
        }
    }

    /** An operation that did not park lets others run, if this fiber has used up its quota. */
    final void preemptionPoint() {
        if (reactor().countOperation()) {
            Thread.yield();
        }
    }
}
