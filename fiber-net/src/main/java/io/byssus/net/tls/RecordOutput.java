package io.byssus.net.tls;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * Makes records of what is written, and sends them: several small buffers in one record, several
 * records in one call of the stack's.
 *
 * <p>The text of records that have not all been sent stays the caller's, who comes again with it:
 * so a write that was interrupted goes on where it stopped, and a writer holds a bounded amount.
 *
 * <p><b>Ownership:</b> of its {@link TlsSocket}; one fiber at a time {@linkplain #isBusy sends}.
 */
final class RecordOutput {
    private static final int TEXT_BYTES_MAX = 1 << 14;

    private static final ByteBuffer[] NO_TEXT = {ByteBuffer.allocate(0)};

    private final SSLEngine engine;
    private final StackSocket socket;
    private final BufferPool pool;

    /** Room that the engine wants for any record. */
    private final int packetBytes;

    /** Ciphertext that is to be sent; null if there is none. */
    private final Buffer[] records = new Buffer[1];

    /** Bytes of the caller's text in it. */
    private int coveredBytes;

    /** Whether the engine has something to say that its status does not tell of. */
    private boolean owes;

    /** Why the engine does not go on; null while it does. */
    private TlsException failure;

    private ByteBuffer[] sources = new ByteBuffer[1];
    private boolean busy;
    private boolean closed;

    RecordOutput(SSLEngine engine, StackSocket socket, BufferPool pool) {
        this.engine = engine;
        this.socket = socket;
        this.pool = pool;
        this.packetBytes = engine.getSession().getPacketBufferSize();
    }

    /** Whether a fiber is sending. */
    boolean isBusy() {
        return busy;
    }

    /** Whether some of a record has to be sent before anything else can be. */
    boolean hasUnsent() {
        return records[0] != null;
    }

    /** Why the engine does not go on; null while it does. */
    TlsException failure() {
        return failure;
    }

    /** As {@link StackSocket#send}. */
    void send(
            Buffer[] buffers,
            int count,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation)
            throws IOException {
        busy = true;
        try {
            int next = 0;
            while (records[0] != null || next < count || wantsToWrite()) {
                if (records[0] == null) {
                    Buffer room =
                            allocate(textBytes(buffers, next, count), timeoutNanos, deadlineNanos);
                    requireOpen(room);
                    encrypt(buffers, next, count, room);
                }
                if (records[0] != null) {
                    socket.send(records, 1, timeoutNanos, deadlineNanos, cancellation);
                    requireOpen(null); // it may have yielded
                    next = release(buffers, next);
                }
                if (failure != null) {
                    throw failure;
                }
            }
        } finally {
            busy = false;
            if (closed) {
                releaseRecords();
            }
        }
    }

    /**
     * The engine has said in a result that it wants to write. Some say so nowhere else, and why
     * only behind their last words.
     */
    void owe() {
        owes = true;
    }

    /**
     * The engine is to end its stream. Netty's does not say that it wants to write then, unless the
     * peer has ended, too.
     */
    void end() {
        engine.closeOutbound();
        owes = true;
    }

    /** Sends what the engine has to say, as far as the stack takes it at once. */
    void sendOwn(long nowNanos) throws IOException {
        if (busy || closed) {
            return; // who sends also sends this, at its end
        }
        try {
            send(new Buffer[0], 0, 0, nowNanos, WaitPoint.Cancellation.DEFERRED);
        } catch (SocketTimeoutException e) {
            assert records[0] != null; // the next to send begins with it
        }
    }

    /** No fiber sends from now on. */
    void close() {
        closed = true;
        if (!busy) {
            releaseRecords();
        }
    }

    private boolean wantsToWrite() {
        return owes
                || (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                        && !engine.isOutboundDone());
    }

    private void requireOpen(Buffer room) throws IOException {
        if (closed) {
            if (room != null) {
                room.close();
            }
            throw new ConnectionClosedException();
        }
    }

    /** Room for the records of so much text, or for the first of them. */
    private Buffer allocate(long textBytes, long timeoutNanos, long deadlineNanos) {
        long wanted = Math.max(1, (textBytes + TEXT_BYTES_MAX - 1) / TEXT_BYTES_MAX) * packetBytes;
        Buffer room = pool.allocateOrNull((int) Math.min(wanted, BufferPool.POOLED_CAPACITY_MAX));
        if (room == null) {
            room =
                    pool.allocateReserved(
                            packetBytes); // what gives memory back must not wait for it
        }
        return room != null ? room : pool.allocate(packetBytes, timeoutNanos, deadlineNanos);
    }

    /** Fills {@code room}, which is kept until it is sent, if there is something to be sent. */
    private void encrypt(Buffer[] buffers, int next, int count, Buffer room) throws IOException {
        boolean filled = false;
        try {
            ByteBuffer target = room.asByteBuffer();
            int start = target.position();
            int sourceCount = views(buffers, next, count);
            ByteBuffer[] texts = sourceCount == 0 ? NO_TEXT : sources;
            int textCount = Math.max(1, sourceCount);
            while (failure == null
                    && target.remaining() >= packetBytes
                    && (texts[textCount - 1].hasRemaining() || wantsToWrite())) {
                wrap(texts, textCount, target);
            }
            int length = target.position() - start;
            if (length > 0) {
                room.trim(length);
                records[0] = room;
                filled = true;
            }
        } finally {
            if (!filled) {
                room.close();
                coveredBytes = 0;
            }
        }
    }

    private void wrap(ByteBuffer[] texts, int textCount, ByteBuffer target) throws TlsException {
        SSLEngineResult result;
        try {
            result = engine.wrap(texts, 0, textCount, target);
        } catch (SSLException e) {
            failure = new TlsException("write: " + e.getMessage() + peer(), e);
            return;
        }
        coveredBytes += result.bytesConsumed();
        if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
            if (!owes) {
                throw refused(result);
            }
            owes = false;
        }
    }

    private TlsException refused(SSLEngineResult result) {
        return new TlsException(
                "write: "
                        + (result.getStatus() == SSLEngineResult.Status.CLOSED
                                ? "the peer has closed the connection, and TLS 1.2 knows no half"
                                : result.getStatus() + " " + result.getHandshakeStatus())
                        + peer());
    }

    private String peer() {
        return ": " + Addresses.format(socket.remoteAddress());
    }

    private int views(Buffer[] buffers, int next, int count) {
        int sourceCount = count - next;
        if (sourceCount > sources.length) {
            sources = new ByteBuffer[Math.max(sourceCount, 8)];
        }
        for (int i = 0; i < sourceCount; i++) {
            sources[i] = buffers[next + i].asByteBuffer();
        }
        return sourceCount;
    }

    private static long textBytes(Buffer[] buffers, int next, int count) {
        long bytes = 0;
        for (int i = next; i < count; i++) {
            bytes += buffers[i].length();
        }
        return bytes;
    }

    /** Releases the text whose records have been sent; the next buffer to send. */
    private int release(Buffer[] buffers, int first) {
        int next = first;
        int left = coveredBytes;
        coveredBytes = 0;
        while (left > 0) {
            Buffer buffer = buffers[next];
            if (left < buffer.length()) {
                buffer.trimFront(left);
                break;
            }
            left -= buffer.length();
            buffer.close();
            buffers[next++] = null;
        }
        return next;
    }

    private void releaseRecords() {
        if (records[0] != null) {
            records[0].close();
            records[0] = null;
        }
        Arrays.fill(sources, null);
    }
}
