package io.byssus.net;

import io.byssus.net.spi.StackRelay;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.Shard;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

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
    /** The smallest buffer that pieces are gathered in. */
    private static final int GATHERED_BYTES_MIN = 512;

    private final StackSocket socket;
    private long timeoutNanos;
    private long deadlineNanos = Long.MAX_VALUE;

    /** Received but not read yet; null if there is nothing. */
    private Buffer held;

    /** Received after {@link #held}; null unless an operation on several buffers was broken off. */
    private Buffer behind;

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
            held = behind;
            behind = null;
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
        putBack(buffer);
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

    /**
     * The bytes up to and with the next {@code delimiter}; the caller owns them. Empty if the
     * stream had ended before the first of them. While it waits, it holds no more memory than twice
     * {@code maxBytes} and what came last.
     *
     * @param delimiter such as {@code "\r\n".getBytes(US_ASCII)}; not copied
     * @param maxBytes how many bytes that may be, the delimiter included
     * @throws MessageTooLongException if they are more; they stay with the input
     * @throws EOFException if the stream ends before the delimiter; what there was stays with the
     *     input, for {@link #read}
     * @throws IllegalArgumentException if {@code delimiter} is empty, or {@code maxBytes} smaller
     */
    public Buffer readUntil(byte[] delimiter, int maxBytes) throws IOException {
        if (delimiter.length == 0 || maxBytes < delimiter.length) {
            throw new IllegalArgumentException(
                    "delimiter.length=" + delimiter.length + " maxBytes=" + maxBytes);
        }
        Buffer first = read();
        if (first.isEmpty()) {
            return first;
        }
        int end = Delimiter.end(first, delimiter);
        if (end == Delimiter.NONE && first.length() < maxBytes) {
            return gatherUntil(first, delimiter, maxBytes);
        }
        if (end == Delimiter.NONE || end > maxBytes) {
            putBack(first);
            throw new MessageTooLongException(
                    "no delimiter within maxBytes=" + maxBytes + ": " + this);
        }
        if (end == first.length()) {
            return first;
        }
        Buffer front = first.share(0, end);
        first.trimFront(end);
        putBack(first);
        return front;
    }

    /** As {@link #readLine(int, Charset)}, in UTF-8. */
    public Optional<String> readLine(int maxBytes) throws IOException {
        return readLine(maxBytes, StandardCharsets.UTF_8);
    }

    /**
     * The next line, without the newline that ends it and a carriage return before that. What is
     * malformed in {@code charset} is replaced, as {@link String} does. Nothing at the end of the
     * stream.
     *
     * @param maxBytes how many bytes it may be, its end included
     * @throws MessageTooLongException if they are more; they stay with the input
     * @throws EOFException if the stream ends within a line, which may be half of one; what there
     *     was stays with the input, for {@link #read}
     * @throws IllegalArgumentException if {@code maxBytes} is not positive, or the lines of {@code
     *     charset} do not end with the byte 10 (UTF-16 is such a one)
     */
    public Optional<String> readLine(int maxBytes, Charset charset) throws IOException {
        Delimiter.requireNewline(charset);
        try (Buffer line = readUntil(Delimiter.NEWLINE, maxBytes)) {
            return line.isEmpty() ? Optional.empty() : Optional.of(Delimiter.line(line, charset));
        }
    }

    /**
     * Passes on to {@code output} whatever arrives, until the stream ends, and flushes it each
     * time. The buffers are handed over: no byte is copied here. Where much comes at a time, from
     * one of the kernel's connections to another, it stays with the kernel altogether (splice, of
     * at most 256 KiB at once). Nothing more is read while {@code output} cannot take what there
     * is, so that the peer waits too.
     *
     * <p>The output stays open. If this throws, what was read is with the output, which keeps it
     * after a time-out or a cancellation; so the next call goes on without a gap. (If there is no
     * memory to keep it in, the output has failed.)
     *
     * @param output of any connection of this shard
     * @return how many bytes that were
     */
    public long transferTo(ConnectionOutput output) throws IOException {
        return transferTo(output, Long.MAX_VALUE);
    }

    /**
     * As {@link #transferTo(ConnectionOutput)}, but {@code count} bytes at most.
     *
     * @return how many there were: fewer than {@code count} if the stream has ended
     * @throws IllegalArgumentException if {@code count} is negative
     */
    public long transferTo(ConnectionOutput output, long count) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count);
        }
        Objects.requireNonNull(output);
        return count - new Transfer(this, output, count).run();
    }

    /** This input for libraries that want a stream; it parks where they expect it to block. */
    public InputStream asInputStream() {
        return new InputStreamView(this);
    }

    /** Whether what comes next is with the stack, and nothing is held. */
    boolean isEmpty() {
        return held == null;
    }

    /** The stacks' own way to {@code output}; null if there is none. */
    StackRelay relayTo(ConnectionOutput output) {
        return output.relayFrom(socket);
    }

    /** Takes bytes in past this input, which {@link #isEmpty}. */
    long takeInto(StackRelay relay, long count) throws IOException {
        assert isEmpty() : this;
        return relay.take(count, timeoutNanos, deadlineNanos);
    }

    /** What was received but not read, in one piece; the caller owns it. */
    Buffer takeHeld() {
        if (held == null) {
            return Buffer.EMPTY;
        }
        Buffer all = held;
        if (behind != null) {
            int length = held.length() + behind.length();
            all = Shard.current().buffers().allocate(length, timeoutNanos, deadlineNanos);
            all.put(0, held);
            all.put(held.length(), behind);
            held.close();
            behind.close();
            behind = null;
        }
        held = null;
        return all;
    }

    /** Drops what was received but not read. The connection stays open. Idempotent. */
    @Override
    public void close() {
        if (held != null) {
            held.close();
            held = null;
        }
        if (behind != null) {
            behind.close();
            behind = null;
        }
    }

    @Override
    public String toString() {
        return "ConnectionInput[" + Addresses.format(socket.remoteAddress()) + "]";
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

    /**
     * Goes on where {@code first}, of fewer than {@code maxBytes}, has no delimiter: copies what
     * comes behind it into one buffer, which grows with what is there and never to more than {@code
     * maxBytes}. If this fails, all that was read is held again.
     */
    private Buffer gatherUntil(Buffer first, byte[] delimiter, int maxBytes) throws IOException {
        Buffer all = first;
        Buffer next = null;
        int filled = first.length();
        boolean complete = false;
        try {
            while (true) {
                next = read();
                if (next.isEmpty()) {
                    throw new EOFException("the stream ended before a delimiter: " + this);
                }
                int end = Delimiter.end(all, filled, next, delimiter);
                int taken = end == Delimiter.NONE ? next.length() : end;
                if (taken > maxBytes - filled || (end < 0 && taken == maxBytes - filled)) {
                    throw new MessageTooLongException(
                            "no delimiter within maxBytes=" + maxBytes + ": " + this);
                }
                all = withRoom(all, filled, filled + taken, maxBytes);
                try (Buffer part = next.share(0, taken)) {
                    all.put(filled, part);
                }
                filled += taken;
                next.trimFront(taken);
                if (next.isEmpty()) {
                    next.close();
                    next = null;
                }
                if (end != Delimiter.NONE) {
                    all.trim(filled);
                    complete = true;
                    return all;
                }
            }
        } finally {
            if (next != null && !next.isEmpty()) {
                putBack(next);
            }
            if (!complete) {
                putBack(all, filled);
            }
        }
    }

    /**
     * {@code all}, or a larger buffer in its place, so that it has {@code needed} bytes: twice as
     * many, that a peer which trickles makes us copy little, but at most {@code maxBytes}.
     */
    private Buffer withRoom(Buffer all, int filled, int needed, int maxBytes) {
        if (needed <= all.length()) {
            return all;
        }
        int length = (int) Math.min(Math.max(2L * needed, GATHERED_BYTES_MIN), maxBytes);
        Buffer larger = Shard.current().buffers().allocate(length, timeoutNanos, deadlineNanos);
        try (Buffer old = all) {
            old.trim(filled);
            larger.put(0, old);
        }
        return larger;
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
            putBack(buffer);
        }
    }

    /** What was read, and is to be read again before what is held. */
    private void putBack(Buffer buffer) {
        assert behind == null : "no operation leaves three buffers";
        behind = held;
        held = buffer;
    }
}
