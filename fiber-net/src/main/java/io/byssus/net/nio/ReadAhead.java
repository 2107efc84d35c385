package io.byssus.net.nio;

import io.byssus.net.spi.PeerWait;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * A connection's bytes that were read before somebody asked for them, since the end of the stream
 * is behind them.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard; one fiber awaits the end.
 */
final class ReadAhead {
    /** What a connection may hold here. */
    static final int BYTES_MAX = 65_536;

    private static final int READ_BYTES = 4096;

    /** No bit of readiness: only the deadline ends such a wait by itself. */
    private static final int NOTHING = 0;

    /** What becomes of what is read on the way to the end. */
    enum Bytes {
        KEPT,
        DROPPED
    }

    private final NioSocket socket;
    private final PeerWait waiter;
    private final ArrayDeque<Buffer> buffers = new ArrayDeque<>();
    private int bytes;

    ReadAhead(NioSocket socket) {
        this.socket = socket;
        this.waiter = new PeerWait(socket.address());
    }

    boolean isEmpty() {
        return buffers.isEmpty();
    }

    /** The first; there is one. */
    Buffer take() {
        Buffer first = buffers.remove();
        bytes -= first.length();
        waiter.signal();
        return first;
    }

    /** Makes the fiber that awaits the end look again. */
    void wake() {
        waiter.signal();
    }

    /** Parks until the peer has ended its stream, or the connection is lost. */
    void awaitEnd(
            Bytes what, long deadlineNanos, WaitPoint.Cancellation cancellation, String operation)
            throws IOException {
        pull(what, deadlineNanos);
        while (!socket.isClosed() && !socket.hasEnded()) {
            if (bytes < BYTES_MAX) {
                socket.wantInput();
            }
            socket.park(waiter, NOTHING, 0, deadlineNanos, cancellation, operation);
            pull(what, deadlineNanos);
        }
    }

    /** Takes in what there is. */
    private void pull(Bytes what, long deadlineNanos) {
        int received = 1;
        while (received > 0 && bytes < BYTES_MAX && !socket.isClosed() && !socket.hasEnded()) {
            Buffer buffer = socket.reactor().buffers().allocate(READ_BYTES, 0, deadlineNanos);
            received = socket.isClosed() ? 0 : socket.readOrEnd(buffer);
            if (received > 0 && what == Bytes.KEPT) {
                buffer.trim(received);
                buffers.add(buffer);
                bytes += received;
            } else {
                buffer.close();
            }
            if (socket.reactor().countOperation()) {
                Thread.yield();
            }
        }
        if (!buffers.isEmpty() || socket.hasEnded()) {
            socket.wakeReader();
        }
    }

    void close() {
        waiter.signal();
        buffers.forEach(Buffer::close);
        buffers.clear();
        bytes = 0;
    }
}
