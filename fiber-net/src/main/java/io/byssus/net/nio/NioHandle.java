package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.spi.PeerWait;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;

/**
 * A channel and what is known of its readiness: an event sets a bit, a call that finds the channel
 * dry clears it, and the next call is made only while the bit is set.
 *
 * <p>To change what the selector looks for costs a system call. So the interest in input stays when
 * it has come, in the hope that its fiber takes it before the selector looks again; only when the
 * same is told twice, it is withdrawn. The interest in room for output is withdrawn at once, since
 * there is nearly always room.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber waits to read, one to write. It is itself
 * where the reader waits.
 */
class NioHandle extends PeerWait {
    static final int READABLE = 1;
    static final int WRITABLE = 2;

    private static final int READ_OPS = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    private static final int WRITE_OPS = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

    private final Reactor reactor;
    private final NioBackend backend;
    private final SelectableChannel channel;

    /** What of {@link #READ_OPS} this kind of channel has. */
    private final int readOp;

    /** Null until a fiber first waits. */
    private SelectionKey key;

    /** Of {@link #key}. */
    private int interest;

    /** {@link #READABLE}, {@link #WRITABLE}. */
    private int readiness;

    private boolean closed;

    /** Made when a writer first waits; most never do. */
    private PeerWait writer;

    /**
     * @param readiness what to believe before the first event
     * @param address for messages
     */
    NioHandle(
            Reactor reactor,
            NioBackend backend,
            SelectableChannel channel,
            int readiness,
            InetSocketAddress address) {
        super(address);
        this.reactor = reactor;
        this.backend = backend;
        this.channel = channel;
        this.readOp = channel.validOps() & READ_OPS;
        this.readiness = readiness;
    }

    Reactor reactor() {
        return reactor;
    }

    NioBackend backend() {
        return backend;
    }

    boolean has(int bit) {
        return (readiness & bit) != 0;
    }

    void clear(int bit) {
        readiness &= ~bit;
    }

    boolean isClosed() {
        return closed;
    }

    void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /** Called by the selector. */
    void onReady(int ops) {
        if (closed) {
            return; // the selector forgets it next time
        }
        int unwanted = ops & WRITE_OPS;
        if ((ops & READ_OPS) != 0) {
            if (has(READABLE)) {
                unwanted |= readOp;
            }
            wakeReader();
        }
        if (unwanted != 0) {
            interest &= ~unwanted;
            key.interestOps(interest);
        }
        if ((ops & WRITE_OPS) != 0) {
            readiness |= WRITABLE;
            if (writer != null) {
                writer.signal();
            }
        }
    }

    /** Makes a reader that waits look again. */
    void wakeReader() {
        readiness |= READABLE;
        signal();
    }

    /**
     * Parks until the channel may be readable.
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
        requireOpen();
        while (!has(READABLE)) {
            want(readOp);
            park(this, READABLE, timeoutNanos, deadlineNanos, cancellation, operation);
        }
    }

    /** As {@link #awaitReadable}, for writing. */
    void awaitWritable(
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        awaitWritable(SelectionKey.OP_WRITE, timeoutNanos, deadlineNanos, cancellation, operation);
    }

    /** As {@link #awaitReadable}, for the end of connecting. */
    void awaitConnected(long deadlineNanos) throws IOException {
        awaitWritable(
                SelectionKey.OP_CONNECT,
                0,
                deadlineNanos,
                WaitPoint.Cancellation.HEEDED,
                "connect");
    }

    private void awaitWritable(
            int op,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation,
            String operation)
            throws IOException {
        requireOpen();
        if (writer == null) {
            writer = new PeerWait(address());
        }
        while (!has(WRITABLE)) {
            want(op);
            park(writer, WRITABLE, timeoutNanos, deadlineNanos, cancellation, operation);
        }
    }

    /** Has the selector look for {@code op}. */
    final void want(int op) throws IOException {
        if (key == null) {
            key = backend.register(channel, op, this);
            interest = op;
        } else if ((interest & op) == 0) {
            interest |= op;
            key.interestOps(interest);
        }
    }

    /** Has the selector look for input. */
    final void wantInput() throws IOException {
        want(readOp);
    }

    /** Parks once; what woke the fiber may be a close, a time-out, or nothing. */
    final void park(
            PeerWait point,
            int bit,
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
        if (outcome == WaitPoint.Outcome.TIMED_OUT && !has(bit)) {
            throw new SocketTimeoutException(
                    operation + ": timed out: " + Addresses.format(address()));
        }
    }

    /**
     * Closes the channel; fibers that wait for it get an exception. Its descriptor goes with the
     * next turn of the loop, but the peer learns of the end now.
     */
    final void closeChannel() {
        if (markClosed()) {
            closeQuietly(channel);
        }
    }

    /** As {@link #closeChannel}, for one whose port is to be free at once. */
    final void closeChannelAtOnce() {
        if (!closed) {
            leaveSelector();
            closeChannel();
        }
    }

    /** As {@link #closeChannelAtOnce}, but the channel stays open, for others that share it. */
    final void leaveChannel() {
        if (!closed) {
            leaveSelector();
            boolean marked = markClosed();
            assert marked;
        }
    }

    private void leaveSelector() {
        if (key != null) {
            backend.forget(key);
            key = null;
        }
    }

    private boolean markClosed() {
        if (closed) {
            return false;
        }
        closed = true;
        signal();
        if (writer != null) {
            writer.signal();
        }
        return true;
    }

    /** What a close fails with is about output that is lost anyway. */
    static void closeQuietly(SelectableChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            ShardLog.debug("close", e); // nobody could do anything about it
        }
    }
}
