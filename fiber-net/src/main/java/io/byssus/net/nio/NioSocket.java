package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.PeerCredentials;
import io.byssus.net.TcpInfo;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * A connected channel. While the last call gave all that was asked for, the next is made without
 * asking the selector; after a short one the fiber waits at once. A connection that waits for bytes
 * holds no buffer.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
final class NioSocket extends NioHandle implements StackSocket {
    private static final int READ_BYTES_MIN = 4096;
    private static final int READ_BYTES_INITIAL = 16384;
    private static final int READ_BYTES_MAX = BufferPool.POOLED_CAPACITY_MAX;

    /** Reads of under a quarter of the buffer before it is halved. */
    private static final int SMALL_READS_MAX = 64;

    /** What {@link #close} reads and drops at most, so that the kernel need not reset. */
    private static final int DRAINED_BYTES_MAX = 1 << 20;

    private final SocketChannel channel;

    /** The listener that accepted it; null for an outgoing connection. */
    private final NioListener listener;

    private final ReactorCounters counters;

    /** What was read to see the peer's end; null as long as nobody has asked for that. */
    private ReadAhead ahead;

    /** Capacity of the next read's buffer. */
    private int readBytes = READ_BYTES_INITIAL;

    private int smallReads;

    /** The kernel has said that the peer's stream has ended. */
    private boolean inputEnded;

    /** What ended the connection, null while nothing has. */
    private IOException failure;

    private boolean outputEnded;

    /**
     * As {@link NioHandle}'s.
     *
     * @param listener that accepted it, or null
     */
    NioSocket(
            Reactor reactor,
            NioBackend backend,
            SocketChannel channel,
            int readiness,
            InetSocketAddress peer,
            NioListener listener) {
        super(reactor, backend, channel, readiness, peer);
        this.channel = channel;
        this.listener = listener;
        this.counters = reactor.counters();
    }

    /** It counts as a connection from now on. */
    NioSocket established() {
        counters.connectionsActive++;
        counters.connectionsOpened++;
        return this;
    }

    @Override
    public Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException {
        boolean parked = false;
        while (true) {
            requireOpen();
            if (ahead != null && !ahead.isEmpty()) {
                return ahead.take();
            }
            if (inputEnded) {
                return endOfStream();
            }
            if (!has(READABLE)) {
                awaitReadable(timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "read");
                parked = true;
                continue;
            }
            Buffer buffer = reactor().buffers().allocateOrNull(readBytes);
            if (buffer == null) {
                buffer = awaitMemory(timeoutNanos, deadlineNanos);
                parked = true;
                if (ahead != null && !ahead.isEmpty()) {
                    buffer.close();
                    continue;
                }
            }
            int received;
            try {
                received = read(buffer);
            } catch (IOException e) {
                buffer.close();
                throw e;
            }
            if (received > 0) {
                buffer.trim(received);
                adapt(received);
                if (!parked) {
                    preemptionPoint();
                }
                return buffer;
            }
            buffer.close();
        }
    }

    /**
     * Reads what there is; 0 or less, with what it means noted, if there is nothing.
     *
     * @throws IOException if the connection is lost
     */
    private int read(Buffer into) throws IOException {
        try {
            int received = channel.read(backend().view(into));
            if (received > 0) {
                counters.bytesReceived += received;
            } else if (received == 0) {
                clear(READABLE);
            } else {
                inputEnded();
            }
            return received;
        } catch (IOException e) {
            failure = e;
            inputEnded();
            throw failure("read");
        }
    }

    private void inputEnded() {
        inputEnded = true;
        if (ahead != null) {
            ahead.wake();
        }
    }

    /**
     * Memory is short: a small buffer must do, and this fiber waits for its turn. Meanwhile the
     * kernel's window closes, and the peer waits too.
     */
    private Buffer awaitMemory(long timeoutNanos, long deadlineNanos) throws IOException {
        readBytes = READ_BYTES_MIN;
        smallReads = 0;
        Buffer buffer = reactor().buffers().allocate(readBytes, timeoutNanos, deadlineNanos);
        if (isClosed()) {
            buffer.close();
            throw new ConnectionClosedException();
        }
        return buffer;
    }

    /** After an error that was told to someone else, this is no clean end. */
    private Buffer endOfStream() throws IOException {
        if (failure != null) {
            throw failure("read");
        }
        return Buffer.EMPTY;
    }

    private void adapt(int length) {
        if (length == readBytes) {
            readBytes = Math.min(readBytes * 2, READ_BYTES_MAX);
            smallReads = 0;
            return;
        }
        clear(READABLE); // short: the kernel has no more
        if (length >= readBytes / 4) {
            smallReads = 0;
        } else if (++smallReads == SMALL_READS_MAX) {
            smallReads = 0;
            readBytes = Math.max(readBytes / 2, READ_BYTES_MIN);
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
            if (!has(WRITABLE)) {
                awaitWritable(timeoutNanos, deadlineNanos, cancellation, "write");
            }
            requireOpen();
            int slices = Math.min(count - next, NioBackend.SLICES_MAX);
            next = release(buffers, next, write(buffers, next, slices));
        }
        preemptionPoint();
    }

    /** One call; the bytes sent. */
    private long write(Buffer[] buffers, int next, int slices) throws IOException {
        long total = 0;
        for (int i = 0; i < slices; i++) {
            total += buffers[next + i].length();
        }
        try {
            long sent =
                    slices == 1
                            ? channel.write(backend().view(buffers[next]))
                            : channel.write(backend().views(buffers, next, slices), 0, slices);
            counters.bytesSent += sent;
            if (sent < total) {
                clear(WRITABLE);
            }
            return sent;
        } catch (IOException e) {
            failure = e;
            throw failure("write");
        }
    }

    /** Releases what was sent completely and trims what was sent in part; the next to send. */
    private static int release(Buffer[] buffers, int first, long sent) {
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

    @Override
    public void shutdownOutput() throws IOException {
        if (outputEnded || isClosed()) {
            return;
        }
        outputEnded = true;
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            throw NioFailures.of("shutdown", e, Addresses.format(remoteAddress()));
        }
    }

    /**
     * No call of {@code java.nio} tells what was acknowledged. What can be seen is that the peer
     * ends its stream, which it does after it has read ours; what it sends until then is dropped. A
     * peer that goes on sending, or does not close, makes the deadline pass although all has
     * arrived.
     */
    @Override
    public void awaitAcknowledged(long deadlineNanos) throws IOException {
        if (!isClosed()) {
            readAhead()
                    .awaitEnd(
                            ReadAhead.Bytes.DROPPED,
                            deadlineNanos,
                            WaitPoint.Cancellation.DEFERRED,
                            "close");
        }
        if (!isClosed() && failure != null) {
            throw failure("close");
        }
    }

    /**
     * The end comes after all bytes before it, so these are read first, into the shard's memory, up
     * to {@link ReadAhead#BYTES_MAX}; behind more than that, the end is not seen before some of it
     * is received.
     */
    @Override
    public void awaitPeerShutdown(long deadlineNanos) throws IOException {
        requireOpen();
        readAhead()
                .awaitEnd(
                        ReadAhead.Bytes.KEPT,
                        deadlineNanos,
                        WaitPoint.Cancellation.HEEDED,
                        "await the peer's shutdown");
    }

    private ReadAhead readAhead() {
        if (ahead == null) {
            ahead = new ReadAhead(this);
        }
        return ahead;
    }

    /** Whether the end of the peer's stream, or of the connection, has been seen. */
    boolean hasEnded() {
        return inputEnded || failure != null;
    }

    /** As {@link #read}, for {@link ReadAhead}: a lost connection is an end like another. */
    int readOrEnd(Buffer into) {
        try {
            return read(into);
        } catch (IOException e) {
            return -1; // kept, for who reads
        }
    }

    @Override
    void onReady(int ops) {
        super.onReady(ops);
        if (ahead != null) {
            ahead.wake();
        }
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        if (!inputEnded) {
            drain();
        }
        release();
    }

    @Override
    public void reset() {
        if (isClosed()) {
            return;
        }
        resetOnClose(channel);
        release();
    }

    /** Makes the close of {@code channel} tell the peer that it was not in order. */
    static void resetOnClose(SocketChannel channel) {
        try {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            ShardLog.debug("SO_LINGER", e); // the connection is gone already
        }
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return address();
    }

    @Override
    public InetSocketAddress localAddress() throws IOException {
        requireOpen();
        return channel.getLocalAddress() instanceof InetSocketAddress local
                ? local
                : remoteAddress(); // of a Unix socket
    }

    @Override
    public PeerCredentials peerCredentials() throws IOException {
        requireOpen();
        if (!remoteAddress().isUnresolved()) {
            return StackSocket.super.peerCredentials();
        }
        throw new UnsupportedOperationException(
                "the JDK tells a peer's names and not its numbers, so credentials need"
                        + " --reactor-backend epoll");
    }

    @Override
    public TcpInfo tcpInfo() throws IOException {
        requireOpen();
        throw new UnsupportedOperationException(
                "the JDK does not tell TCP_INFO: it needs --reactor-backend epoll");
    }

    private IOException failure(String operation) {
        return NioFailures.of(operation, failure, Addresses.format(remoteAddress()));
    }

    /**
     * Reads and drops what has arrived: closing a socket with unread bytes makes the kernel reset
     * the connection, and the peer might lose the end of what we sent.
     */
    private void drain() {
        try (Buffer scratch = reactor().buffers().allocateScratch(READ_BYTES_MIN)) {
            long drained = 0;
            int received;
            do {
                received = readOrEnd(scratch);
                drained += received;
            } while (received == scratch.length() && drained < DRAINED_BYTES_MAX);
        }
    }

    private void release() {
        closeChannel();
        if (ahead != null) {
            ahead.close();
        }
        counters.connectionsActive--;
        if (listener != null) {
            listener.connectionClosed();
        }
    }

    /** An operation that did not park lets others run, if this fiber has used up its quota. */
    private void preemptionPoint() {
        if (reactor().countOperation()) {
            Thread.yield();
        }
    }
}
