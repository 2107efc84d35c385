package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.Shard;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * The bytes that a peer sends.
 *
 * <p>Every method parks the calling fiber until there is something; a method that finds something
 * at once may let other fibers run first, if this one has held the shard for its task quota. All
 * throw
 *
 * <ul>
 *   <li>{@link ConnectionResetException} if the peer gave the connection up;
 *   <li>{@link java.net.SocketTimeoutException} at the deadline or timeout, {@link
 *       io.byssus.runtime.fiber.FiberCancelledException} if the fiber is cancelled: nothing was
 *       read, and the connection stays usable;
 *   <li>{@link java.nio.channels.ClosedChannelException} if it was closed, {@link
 *       ConnectionClosedException} if another fiber closes it meanwhile;
 *   <li>{@link io.byssus.runtime.memory.BufferMemoryException} if the shard's buffer memory is used
 *       up, and none came back in time (the same limits count, and the runtime's): nothing was
 *       read, and the connection stays usable. Until then the bytes wait with the kernel, so that
 *       the peer is slowed down.
 * </ul>
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber at a time.
 */
public final class ConnectionInput implements AutoCloseable {
    private final StackSocket socket;
    private long timeoutNanos;
    private long deadlineNanos = Long.MAX_VALUE;

    /** Received but not read yet; null if there is nothing. */
    private Buffer held;

    ConnectionInput(StackSocket socket) {
        this.socket = socket;
    }

    /**
     * From now on, each wait for bytes may take this long; zero for no limit. It begins anew with
     * every byte that arrives, so that {@code readExactly(n)} or {@code skip(n)} from a peer that
     * trickles may take up to n times the limit; for a bound on that there is {@link #deadline}.
     *
     * @throws IllegalArgumentException if negative
     */
    public void timeout(Duration limit) {
        timeoutNanos = Timeouts.nanos(limit);
    }

    /**
     * From now on, operations may wait until {@code deadline}, however many waits there are; {@link
     * Deadline#NONE} ends that. With a timeout, what comes first counts. After the deadline what
     * has arrived is still read.
     */
    public void deadline(Deadline deadline) {
        deadlineNanos = deadline.nanos();
    }

    /**
     * What has arrived, at least one byte; the caller owns it. At the end of the stream it is empty
     * (and then need not be closed), again at every call.
     */
    public Buffer read() throws IOException {
        Buffer buffer = held;
        if (buffer != null) {
            held = null;
            Fiber.yieldIfNeeded();
            return buffer;
        }
        return socket.receive(timeoutNanos, deadlineNanos);
    }

    /**
     * Exactly {@code count} bytes; the caller owns them. Empty if the stream had ended before the
     * first of them.
     *
     * @throws EOFException if it ends in the middle; what there was is lost
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    public Buffer readExactly(int count) throws IOException {
        Buffer first = readUpTo(count);
        if (first.isEmpty() || first.length() == count) {
            return first;
        }
        return gather(first, count);
    }

    /**
     * Between 1 and {@code count} bytes; the caller owns them. Empty at the end of the stream.
     *
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    public Buffer readUpTo(int count) throws IOException {
        if (count < 1) {
            throw new IllegalArgumentException("count=" + count + ": must be positive");
        }
        Buffer buffer = read();
        if (buffer.length() <= count) {
            return buffer;
        }
        Buffer front = buffer.share(0, count);
        buffer.trimFront(count);
        held = buffer;
        return front;
    }

    /**
     * Drops {@code count} bytes.
     *
     * @return how many there were: fewer than {@code count} if the stream has ended
     * @throws IllegalArgumentException if {@code count} is negative
     */
    public long skip(long count) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count);
        }
        long left = count;
        while (left > 0) {
            try (Buffer buffer = readUpTo((int) Math.min(left, Integer.MAX_VALUE))) {
                if (buffer.isEmpty()) {
                    break;
                }
                left -= buffer.length();
            }
        }
        return count - left;
    }

    /** This input for libraries that want a stream; it parks where they expect it to block. */
    public InputStream asInputStream() {
        return new InputStreamView(this);
    }

    /** What was received but not read; the caller owns it. */
    Buffer takeHeld() {
        Buffer buffer = held == null ? Buffer.EMPTY : held;
        held = null;
        return buffer;
    }

    /** Drops what was received but not read. The connection stays open. Idempotent. */
    @Override
    public void close() {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    /**
     * Fills a buffer of {@code count} bytes, starting with {@code first}. If the wait for more
     * fails, what has been read is held for the next operation.
     */
    private Buffer gather(Buffer first, int count) throws IOException {
        Buffer all = allocate(count, first);
        int filled = first.length();
        all.put(0, first);
        first.close();
        boolean complete = false;
        try {
            while (filled < count) {
                try (Buffer next = readUpTo(count - filled)) {
                    if (next.isEmpty()) {
                        filled = 0;
                        throw new EOFException("the stream ended before " + count + " bytes");
                    }
                    all.put(filled, next);
                    filled += next.length();
                }
            }
            complete = true;
            return all;
        } finally {
            if (!complete) {
                putBack(all, filled);
            }
        }
    }

    /** A buffer of {@code count} bytes; if there is none, {@code first} is held. */
    private Buffer allocate(int count, Buffer first) {
        boolean allocated = false;
        try {
            BufferPool pool = Shard.current().buffers();
            Buffer all = pool.allocate(count, timeoutNanos, deadlineNanos);
            allocated = true;
            return all;
        } finally {
            if (!allocated) {
                putBack(first, first.length());
            }
        }
    }

    private void putBack(Buffer buffer, int length) {
        if (length == 0) {
            buffer.close();
        } else {
            buffer.trim(length);
            held = buffer;
        }
    }
}
