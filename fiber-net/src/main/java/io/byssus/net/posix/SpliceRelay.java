package io.byssus.net.posix;

import io.byssus.net.spi.StackRelay;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.Pipes;
import java.io.IOException;
import java.net.SocketException;

/**
 * Moves bytes from one socket to another by splice(2): the pages that the network filled are those
 * that are sent, where a read and a write copy them twice.
 *
 * <p>Its pipe is empty whenever it takes in, so what the kernel says then is about the socket
 * alone; and it has none while it waits for bytes.
 *
 * <p><b>Ownership:</b> confined to its shard; of one fiber.
 */
final class SpliceRelay implements StackRelay {
    private final PosixSocket from;
    private final PosixSocket to;
    private final PipePool pool;

    /** Null while there is nothing to relay. */
    private SplicePipe pipe;

    SpliceRelay(PosixSocket from, PosixSocket to, PipePool pool) {
        this.from = from;
        this.to = to;
        this.pool = pool;
    }

    @Override
    public long take(long count, long timeoutNanos, long deadlineNanos) throws IOException {
        assert pipe == null || pipe.bytes == 0 : "not passed on: " + pipe.bytes;
        while (true) {
            if (from.atEnd()) {
                close();
                return END;
            }
            if (!from.has(ReadinessHandle.READABLE)) {
                close(); // nobody knows how long it will be
                from.awaitReadable(
                        timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "read");
            }
            from.requireOpen();
            if (pipe == null) {
                pipe = pool.take(from.reactor().buffers());
                if (pipe == null) {
                    return UNAVAILABLE;
                }
            }
            long length = Math.min(count, pipe.capacity);
            long moved = Pipes.splice(state(), from.fd, pipe.writeEnd, length);
            if (moved > 0) {
                pipe.bytes = moved;
                from.countReceived(moved);
                return moved;
            }
            int errno = moved == 0 ? 0 : state().errno();
            if (isRefused(errno)) {
                close();
                return UNAVAILABLE;
            }
            from.onNothingReceived(errno);
        }
    }

    @Override
    public void pass(long timeoutNanos, long deadlineNanos) throws IOException {
        while (pipe.bytes > 0) {
            if (!to.has(ReadinessHandle.WRITABLE)) {
                to.awaitWritable(
                        timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "write");
            }
            to.requireOpen();
            long moved = Pipes.splice(state(), pipe.readEnd, to.fd, pipe.bytes);
            if (moved > 0) {
                pipe.bytes -= moved;
                to.countSent(moved);
            } else if (moved < 0) {
                to.onWriteError(state().errno());
            } else {
                throw new SocketException("splice: a pipe has ended with " + pipe.bytes);
            }
        }
        to.preemptionPoint();
    }

    @Override
    public Buffer rest() {
        if (pipe == null || pipe.bytes == 0) {
            return Buffer.EMPTY;
        }
        int length = (int) Math.min(pipe.bytes, BufferPool.POOLED_CAPACITY_MAX);
        Buffer buffer = from.reactor().buffers().allocateOrNull(length);
        if (buffer == null) {
            return null;
        }
        long read;
        do {
            read = Pipes.read(state(), pipe.readEnd, buffer.address(), length);
        } while (read < 0 && state().errno() == Errno.EINTR);
        if (read <= 0) {
            buffer.close();
            return null;
        }
        buffer.trim((int) read);
        pipe.bytes -= read;
        return buffer;
    }

    @Override
    public void close() {
        if (pipe != null) {
            pool.giveBack(pipe);
            pipe = null;
        }
    }

    /** Whether it is not the socket that has failed, but the call: a sandbox may not have it. */
    private static boolean isRefused(int errno) {
        return errno == Errno.EINVAL
                || errno == Errno.ENOSYS
                || errno == Errno.EPERM
                || errno == Errno.ENOMEM;
    }

    private CallState state() {
        return from.callState();
    }
}
