package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/**
 * The bytes that go to a peer. Writes are batched: they reach the kernel at {@link #flush}, at
 * {@link #close}, or when 8 KiB have come together. A write that finds the kernel's buffer full
 * parks the calling fiber until the peer has taken some.
 *
 * <p>An error is reported by the call that hits it: {@link ConnectionResetException} if the peer
 * gave the connection up, {@link java.net.SocketTimeoutException} at the deadline or timeout,
 * {@link io.byssus.runtime.fiber.FiberCancelledException} if the fiber is cancelled, {@link
 * ClosedChannelException} after {@link #close}. After a failure, how much of what was batched has
 * reached the peer is unknown, so the rest is dropped and later writes fail.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber at a time.
 */
public final class ConnectionOutput implements AutoCloseable {
    private static final int BATCH_BYTES = 8192;

    /** Buffers up to this size are copied into a batch that is open; larger ones are gathered. */
    private static final int COPY_BYTES_MAX = 1024;

    private static final int GATHER_MAX = 8;

    private enum State {
        OPEN,
        FAILED,
        CLOSED
    }

    private final StackSocket socket;
    private final long closeTimeoutNanos;
    private long timeoutNanos;
    private long deadlineNanos = Long.MAX_VALUE;
    private State state = State.OPEN;

    // What waits to be sent, in this order: pending[0 .. pendingCount), then the open batch.
    private Buffer[] pending;
    private int pendingCount;
    private Buffer batch;
    private int batchBytes;

    /** Bytes in all of these. */
    private int pendingBytes;

    ConnectionOutput(StackSocket socket, Duration closeTimeout) {
        this.socket = socket;
        this.closeTimeoutNanos = closeTimeout.toNanos();
    }

    /**
     * From now on, an operation may wait this long for the peer; zero for no limit.
     *
     * @throws IllegalArgumentException if negative
     */
    public void timeout(Duration limit) {
        timeoutNanos = Timeouts.nanos(limit);
    }

    /** From now on, operations may wait until {@code deadline}. */
    public void deadline(Deadline deadline) {
        deadlineNanos = deadline.nanos();
    }

    /** Writes {@code buffer}; it belongs to the stream from now on, even if this throws. */
    public void write(Buffer buffer) throws IOException {
        int length = buffer.length();
        if (length == 0 || state != State.OPEN) {
            buffer.close();
            requireOpen();
            return;
        }
        if (batch != null && length <= COPY_BYTES_MAX && length <= batch.length() - batchBytes) {
            batch.put(batchBytes, buffer);
            batchBytes += length;
            buffer.close();
        } else {
            sealBatch();
            append(buffer);
        }
        pendingBytes += length;
        if (pendingBytes >= BATCH_BYTES || pendingCount >= GATHER_MAX - 1) {
            flush();
        }
    }

    /** Writes all of {@code bytes}, which are copied. */
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    /** Writes {@code length} of {@code bytes}, which are copied. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireOpen();
        int from = offset;
        int left = length;
        while (left > 0) {
            if (batch == null) {
                batch = Shard.current().allocate(BATCH_BYTES);
                batchBytes = 0;
            }
            int count = Math.min(left, batch.length() - batchBytes);
            batch.put(batchBytes, bytes, from, count);
            batchBytes += count;
            pendingBytes += count;
            from += count;
            left -= count;
            if (pendingBytes >= BATCH_BYTES) {
                flush();
            }
        }
    }

    /** Writes {@code text} in UTF-8. */
    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Passes everything written so far to the kernel, parking while it cannot take more. */
    public void flush() throws IOException {
        requireOpen();
        if (pendingBytes > 0) {
            send(timeoutNanos, deadlineNanos);
        }
    }

    /** This output for libraries that want a stream; it parks where they expect it to block. */
    public OutputStream asOutputStream() {
        return new OutputStreamView(this);
    }

    /**
     * Flushes and ends the outgoing stream: the peer reads on to its end, and can still send.
     * Returns once all bytes are with the kernel; waits for that even in a cancelled fiber, for at
     * most the close timeout. Idempotent; does nothing after a failure.
     *
     * @throws IOException if output was lost
     */
    @Override
    public void close() throws IOException {
        if (state != State.OPEN) {
            state = State.CLOSED;
            return;
        }
        socket.shield();
        try {
            if (pendingBytes > 0) {
                send(closeTimeoutNanos, Long.MAX_VALUE);
            }
            socket.shutdownOutput();
        } finally {
            state = State.CLOSED;
        }
    }

    /** Drops what was not sent. */
    void discard() {
        if (state == State.OPEN) {
            state = State.FAILED;
        }
        sealBatch();
        for (int i = 0; i < pendingCount; i++) {
            pending[i].close();
            pending[i] = null;
        }
        pendingCount = 0;
        pendingBytes = 0;
    }

    private void send(long timeoutNanos, long deadlineNanos) throws IOException {
        sealBatch();
        int count = pendingCount;
        pendingCount = 0;
        pendingBytes = 0;
        boolean sent = false;
        try {
            if (count == 1) {
                Buffer only = pending[0];
                pending[0] = null;
                socket.send(only, timeoutNanos, deadlineNanos);
            } else {
                socket.send(pending, count, timeoutNanos, deadlineNanos);
            }
            sent = true;
        } finally {
            if (!sent) {
                discard();
            }
        }
    }

    private void sealBatch() {
        if (batch != null) {
            Buffer sealed = batch;
            batch = null;
            sealed.trim(batchBytes);
            append(sealed);
        }
    }

    private void append(Buffer buffer) {
        if (pending == null) {
            pending = new Buffer[GATHER_MAX];
        }
        pending[pendingCount++] = buffer;
    }

    private void requireOpen() throws IOException {
        if (state != State.OPEN) {
            throw new ClosedChannelException();
        }
    }
}
