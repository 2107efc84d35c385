package io.byssus.net.tls;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import java.nio.ByteBuffer;

/**
 * Received ciphertext, cut into records. The engine wants a record in one piece, and the stack's
 * buffers end where they like: the record across such an end is copied together, the others stay
 * where they are.
 *
 * <p><b>Ownership:</b> of its {@link TlsSocket}.
 */
final class RecordInput {
    /** What comes first; null if there is nothing. */
    private Buffer front;

    /** Valid bytes of {@code front}; fewer than its length while a record is put together. */
    private int filled;

    /** What follows it; null if there is nothing. */
    private Buffer next;

    /** Whether another buffer can be {@linkplain #add added}. */
    boolean hasRoom() {
        return next == null;
    }

    /** Takes {@code received}, which is not empty. */
    void add(Buffer received) {
        if (front == null) {
            front = received;
            filled = received.length();
        } else {
            next = received;
        }
    }

    /** Bytes of the first record; 0 if it is not all there or {@link #join} has work to do. */
    int recordLength() {
        return front == null ? 0 : Records.length(view());
    }

    /** Bytes at the front, in whole records and a part of one. */
    int frontLength() {
        return filled;
    }

    /** The bytes at the front; valid until the next call of anything here. */
    ByteBuffer view() {
        ByteBuffer bytes = front.asByteBuffer();
        bytes.limit(bytes.position() + filled);
        return bytes;
    }

    /** Drops {@code count} bytes from the front. */
    void consume(int count) {
        assert count <= filled : "count=" + count + " filled=" + filled;
        filled -= count;
        if (filled > 0) {
            front.trimFront(count);
            return;
        }
        front.close();
        front = next;
        filled = next == null ? 0 : next.length();
        next = null;
    }

    /**
     * Brings the first record together, when there are two pieces of it. May park for memory; if
     * that fails, everything is as before.
     */
    void join(BufferPool pool, long timeoutNanos, long deadlineNanos) {
        if (next == null || recordLength() > 0) {
            return;
        }
        if (filled == front.length()) { // not begun
            int total = neededLength();
            Buffer joined = pool.allocate(total, timeoutNanos, deadlineNanos);
            if (front == null) { // closed meanwhile
                joined.close();
                return;
            }
            joined.put(0, front);
            front.close();
            front = joined;
        }
        int count = Math.min(front.length() - filled, next.length());
        try (Buffer head = next.share(0, count)) {
            front.put(filled, head);
        }
        filled += count;
        next.trimFront(count);
        if (next.isEmpty()) {
            next.close();
            next = null;
        }
    }

    /** As long as the record is, or, as long as that is not known, both pieces. */
    private int neededLength() {
        if (filled >= Records.HEADER_BYTES) {
            return Records.lengthOf(front.get(0), front.get(1), front.get(3), front.get(4));
        }
        return filled + next.length();
    }

    /** Gives everything back. */
    void close() {
        if (front != null) {
            front.close();
            front = null;
            filled = 0;
        }
        if (next != null) {
            next.close();
            next = null;
        }
    }
}
