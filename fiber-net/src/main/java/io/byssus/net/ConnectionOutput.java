package io.byssus.net;

import io.byssus.net.spi.StackRelay;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferMemoryException;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * The bytes that go to a peer. Writes are batched: they reach the kernel at {@link #flush}, at
 * {@link #close}, or when 8 KiB have come together. A write that finds the kernel's buffer full
 * parks the calling fiber until the peer has taken some.
 *
 * <p>An error is reported by the call that hits it. At the deadline or timeout ({@link
 * java.net.SocketTimeoutException}), or if the fiber is cancelled ({@link
 * io.byssus.runtime.fiber.FiberCancelledException}), all bytes written so far stay with the stream,
 * and the next flush goes on where this one stopped. Any other error, such as {@link
 * ConnectionResetException}, is final: what was not sent is dropped and later writes throw {@link
 * ClosedChannelException}, as they do after {@link #close}.
 *
 * <p>A write that copies needs memory for it. While the shard's is used up, it parks, with the same
 * limits as for the peer and the runtime's own; then it throws {@link BufferMemoryException}. If
 * none of its bytes had been taken, it is as if it had not been called; if some had, or if what a
 * time-out or a cancellation has left cannot be kept, the stream has failed.
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
    private final Duration closeTimeout;
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

    /** How many {@link #corked} sections there are around each other. */
    private int corks;

    /** Whether a fiber is in {@link #send}; a second one must not touch what it sends. */
    private boolean sending;

    /** Whether the peer has not got all that was written. */
    private boolean lost;

    ConnectionOutput(StackSocket socket, Duration closeTimeout) {
        this.socket = socket;
        this.closeTimeout = closeTimeout;
    }

    /**
     * From now on, each wait for the peer may take this long; zero for no limit. It begins anew
     * whenever the peer has taken something, so that a write to a peer that reads slowly may take
     * many times the limit in all; for a bound on that there is {@link #deadline}. The limit of
     * {@link #close} is the options' close timeout.
     *
     * @throws IllegalArgumentException if negative
     */
    public void timeout(Duration limit) {
        timeoutNanos = Timeouts.nanos(limit);
    }

    /**
     * From now on, operations may wait until {@code deadline}, however many waits there are; {@link
     * Deadline#NONE} ends that. With a timeout, what comes first counts. After the deadline what
     * the kernel takes at once is still sent.
     */
    public void deadline(Deadline deadline) {
        deadlineNanos = deadline.nanos();
    }

    /** Writes {@code buffer}; it belongs to the stream from now on, even if this throws. */
    public void write(Buffer buffer) throws IOException {
        int length = buffer.length();
        if (length == 0 || sending || state != State.OPEN) {
            buffer.close();
            requireUsable();
            return;
        }
        take(buffer);
        pushIfMuch();
    }

    /**
     * Writes {@code buffers} one after the other, as if they were one, in one system call where
     * that is possible. They belong to the stream from now on, even if this throws: then either all
     * were taken, and stay with the stream after a time-out or a cancellation, or none.
     */
    public void write(Buffer... buffers) throws IOException {
        boolean usable = !sending && state == State.OPEN;
        for (Buffer buffer : buffers) {
            if (usable) {
                take(buffer);
            } else {
                buffer.close();
            }
        }
        requireUsable();
        pushIfMuch();
    }

    /** Writes all of {@code bytes}, which are copied. */
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    /** Writes {@code length} of {@code bytes}, which are copied. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireUsable();
        int from = offset;
        int end = offset + length;
        boolean refused = false;
        try {
            while (from < end) {
                requireUsable(); // a flush may yield, and another fiber close the connection
                from += copyIntoBatch(bytes, from, end - from);
                if (pendingBytes >= BATCH_BYTES) {
                    push();
                }
            }
        } catch (BufferMemoryException e) {
            refused = from == offset; // the caller may try again
            throw e;
        } finally {
            if (from < end && state == State.OPEN && !refused) {
                // The flush timed out or was cancelled: keep the rest, so that no byte is lost.
                keep(bytes, from, end - from);
            }
        }
    }

    /** Keeps what was written and not sent; without memory the stream has come to its end. */
    private void keep(byte[] bytes, int from, int length) {
        Buffer rest = Shard.current().buffers().allocateOrNull(length);
        if (rest == null) {
            lost = true;
            discard();
            return;
        }
        rest.put(0, bytes, from, length);
        sealBatch();
        append(rest);
        pendingBytes += length;
    }

    /** Writes {@code text} in UTF-8. */
    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Passes everything written so far to the kernel, parking while it cannot take more. In a
     * {@link #corked} section it does nothing.
     */
    public void flush() throws IOException {
        requireUsable();
        if (corks == 0) {
            push();
        }
    }

    /**
     * Runs {@code section}, in which {@link #flush} does nothing, and flushes at its end: what
     * several layers write and flush for themselves leaves together. It holds no more than without
     * a section, since 8 KiB leave at once, as always. Sections may be nested; the outermost
     * flushes. If {@code section} throws, nothing is flushed, and what it wrote stays with the
     * stream.
     *
     * <p>This is TCP_CORK without its two system calls, and without its 200 ms: the kernel sees
     * nothing of what is held back.
     *
     * @param <X> what {@code section} throws
     */
    public <X extends Exception> void corked(FiberAction<X> section) throws X, IOException {
        requireUsable();
        corks++;
        try {
            section.run();
        } finally {
            corks--;
        }
        if (state == State.OPEN) { // else the section has closed it
            flush();
        }
    }

    /**
     * Writes a frame: {@code prefixBytes} bytes of {@code prefix}, the lowest first, and {@code
     * body}, which belongs to the stream even if this throws. No fiber sees half of it: what fails
     * has taken nothing, or all, and then keeps it.
     */
    void writeFrame(int prefix, int prefixBytes, Buffer body) throws IOException {
        boolean begun = false;
        try {
            requireUsable();
            if (batch != null && batch.length() - batchBytes < prefixBytes) {
                sealBatch();
            }
            openBatch();
            begun = true;
        } finally {
            if (!begun) {
                body.close();
            }
        }
        for (int i = 0; i < prefixBytes; i++) {
            batch.put(batchBytes++, (byte) (prefix >>> (i * Byte.SIZE)));
        }
        pendingBytes += prefixBytes;
        take(body);
        pushIfMuch();
    }

    /** This output for libraries that want a stream; it parks where they expect it to block. */
    public OutputStream asOutputStream() {
        return new OutputStreamView(this);
    }

    /**
     * Flushes and ends the outgoing stream: the peer reads on to its end, and can still send.
     * Returns once all bytes are with the kernel; waits for that even in a cancelled fiber, for at
     * most the close timeout in all. Idempotent; does nothing after a failure.
     *
     * @throws IOException if output was lost
     */
    @Override
    public void close() throws IOException {
        if (state != State.OPEN) {
            state = State.CLOSED;
            return;
        }
        if (sending) {
            // Another fiber is in a write; it finds the connection closed under it.
            lost = true;
            state = State.CLOSED;
            return;
        }
        try {
            // A deadline: a peer that takes a little now and then must not hold the closer.
            long deadlineNanos = Deadline.after(closeTimeout).nanos();
            if (pendingBytes > 0) {
                send(0, deadlineNanos, WaitPoint.Cancellation.DEFERRED);
            }
            socket.shutdownOutput(deadlineNanos);
        } finally {
            discard();
            state = State.CLOSED;
        }
    }

    /** Drops what was not sent; nothing more can be written. */
    void discard() {
        if (state == State.OPEN) {
            state = State.FAILED;
        }
        sealBatch();
        for (int i = 0; i < pendingCount; i++) {
            if (pending[i] != null) { // another fiber may be half through sending them
                pending[i].close();
                pending[i] = null;
                lost = true;
            }
        }
        pendingCount = 0;
        pendingBytes = 0;
    }

    /** Whether there is output that a flush would send, or a fiber that sends. */
    boolean isInUse() {
        return sending || pendingBytes > 0;
    }

    /** Whether it could send at once: it is open, nothing is held back, and nobody sends. */
    boolean isEmpty() {
        return state == State.OPEN && pendingBytes == 0 && corks == 0 && !sending;
    }

    /** {@code source}'s own way to this output's socket; null if there is none. */
    StackRelay relayFrom(StackSocket source) {
        return source.relayTo(socket);
    }

    /**
     * Sends what {@code relay} has taken in, and keeps what a time-out or a cancellation leaves of
     * it, as if it had been written.
     */
    void pass(StackRelay relay) throws IOException {
        requireUsable();
        assert pendingBytes == 0 : pendingBytes;
        sending = true;
        try {
            relay.pass(timeoutNanos, deadlineNanos);
        } catch (SocketTimeoutException | FiberCancelledException e) {
            keep(relay);
            throw e;
        } catch (IOException | RuntimeException e) {
            lost = true;
            discard();
            throw e;
        } finally {
            sending = false;
        }
    }

    private void keep(StackRelay relay) {
        Buffer rest = relay.rest();
        while (rest != null && !rest.isEmpty()) {
            append(rest);
            pendingBytes += rest.length();
            rest = relay.rest();
        }
        if (rest == null || state != State.OPEN) { // no memory, or closed by another fiber
            lost = true;
            discard();
        }
    }

    /** Whether the peer has not got all that was written, so that it must not see a clean end. */
    boolean hasLostOutput() {
        return lost;
    }

    private void send(long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        sealBatch();
        sending = true;
        try {
            socket.send(pending, pendingCount, timeoutNanos, deadlineNanos, cancellation);
            pendingCount = 0;
            pendingBytes = 0;
        } catch (SocketTimeoutException | FiberCancelledException | BufferMemoryException e) {
            keepUnsent();
            throw e;
        } catch (IOException | RuntimeException e) {
            keepUnsent();
            lost = true;
            discard();
            throw e;
        } finally {
            sending = false;
        }
    }

    /** The socket has set to null what it sent. */
    private void keepUnsent() {
        int kept = 0;
        pendingBytes = 0;
        for (int i = 0; i < pendingCount; i++) {
            Buffer buffer = pending[i];
            pending[i] = null;
            if (buffer != null) {
                pending[kept++] = buffer;
                pendingBytes += buffer.length();
            }
        }
        pendingCount = kept;
    }

    /** Passes on what was written, whether it is corked or not. */
    private void push() throws IOException {
        requireUsable();
        if (pendingBytes > 0) {
            send(timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED);
        }
    }

    /**
     * A buffer for what is to be written; parks while memory is short, with this stream's limits.
     */
    Buffer allocate(int length) throws IOException {
        requireUsable();
        return Shard.current().buffers().allocate(length, timeoutNanos, deadlineNanos);
    }

    private void pushIfMuch() throws IOException {
        if (pendingBytes >= BATCH_BYTES || pendingCount >= GATHER_MAX) {
            push();
        }
    }

    /** Puts {@code buffer} behind what was written; it belongs to the stream. */
    private void take(Buffer buffer) {
        int length = buffer.length();
        if (length == 0) {
            buffer.close();
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
    }

    /** Makes room for at least a byte; parks while memory is short. */
    private void openBatch() throws IOException {
        if (batch == null) {
            Buffer opened = Shard.current().buffers().allocateOrNull(BATCH_BYTES);
            batch = opened != null ? opened : awaitBatch();
            batchBytes = 0;
        }
    }

    private int copyIntoBatch(byte[] bytes, int from, int length) throws IOException {
        openBatch();
        int count = Math.min(length, batch.length() - batchBytes);
        batch.put(batchBytes, bytes, from, count);
        batchBytes += count;
        pendingBytes += count;
        if (batchBytes == batch.length()) {
            sealBatch();
        }
        return count;
    }

    /** Memory is short: gives back what can be sent, then waits for its turn. */
    private Buffer awaitBatch() throws IOException {
        if (pendingBytes > 0) {
            push();
            requireUsable();
        }
        BufferPool pool = Shard.current().buffers();
        sending = true;
        Buffer opened = null;
        try {
            opened = pool.allocate(BATCH_BYTES, timeoutNanos, deadlineNanos);
        } finally {
            sending = false;
            if (state != State.OPEN) { // another fiber has closed it, and left this to us
                discard();
                if (opened != null) {
                    opened.close();
                }
            }
        }
        requireUsable();
        return opened;
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
        } else if (pendingCount == pending.length) {
            pending = Arrays.copyOf(pending, pendingCount * 2);
        }
        pending[pendingCount++] = buffer;
    }

    private void requireUsable() throws IOException {
        if (state != State.OPEN) {
            throw new ClosedChannelException();
        }
        if (sending) {
            throw new IllegalStateException(
                    "two fibers write to "
                            + Addresses.format(socket.remoteAddress())
                            + " at the same time");
        }
    }
}
