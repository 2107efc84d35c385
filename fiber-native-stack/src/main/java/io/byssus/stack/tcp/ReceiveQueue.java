package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import java.util.Objects;

/**
 * What has arrived in order and waits for the application.
 *
 * <p>A payload that fills less than a quarter of its frame is copied out of it, unless there is no
 * memory to copy it to; small payloads that wait are joined into one buffer, so that the
 * application gets few larger ones.
 *
 * <p><b>Ownership:</b> confined to its shard; owns the buffers it holds. How much may wait is the
 * {@link ReceiveWindow}'s to bound, by what is charged. What the application has taken is charged
 * to it no longer.
 */
final class ReceiveQueue {
    private static final int SLOTS_FIRST = 4;

    /**
     * Slots that are kept for the next payloads when the queue is empty: as many as arrive in a
     * turn, or a bulk transfer would make an array in each. An idle connection lets them go.
     */
    private static final int SLOTS_KEPT = 64;

    private final BufferPool pool;

    /** A ring; null until something arrives. */
    private Buffer[] buffers;

    /** Index of the oldest buffer; indices only grow (they wrap) and are masked for access. */
    private int first;

    /** Index behind the newest buffer. */
    private int next;

    private int length;
    private int charged;

    /** Bytes that the newest buffer still takes; 0 unless it is a chunk. */
    private int room;

    /** Bytes of the newest chunk; 0 if the newest buffer is none. */
    private int chunkCapacity;

    ReceiveQueue(BufferPool pool) {
        this.pool = pool;
    }

    /** Bytes that wait. */
    int length() {
        return length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Whether it has an array. */
    boolean isRoomy() {
        return buffers != null;
    }

    /** Bytes of memory that the queue keeps in use. */
    int charged() {
        return charged;
    }

    /** How much more would be charged for {@code count} bytes of a frame of {@code capacity}. */
    int cost(int count, int capacity) {
        if (!isCopied(count, capacity)) {
            return capacity;
        }
        int cost = 0;
        int chunk = chunkCapacity;
        for (int left = count - room; left > 0; left -= chunk) {
            chunk = ReceivedPayload.chunkCapacity(left, chunk);
            cost += chunk;
        }
        return cost;
    }

    /**
     * Adds {@code count} bytes of a frame from {@code offset} on. The frame stays the caller's.
     *
     * @throws IndexOutOfBoundsException if the frame has fewer
     */
    void append(Buffer frame, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, frame.length());
        int copied =
                isCopied(count, frame.capacity()) ? copyIn(frame.address() + offset, count) : 0;
        if (copied < count) {
            hold(frame.share(offset + copied, count - copied));
        }
    }

    /** Adds a whole buffer, which is the queue's from now on; it may be closed at the return. */
    void append(Buffer buffer) {
        int count = buffer.length();
        int copied = isCopied(count, buffer.capacity()) ? copyIn(buffer.address(), count) : 0;
        if (copied == count) {
            buffer.close();
        } else {
            buffer.trimFront(copied);
            hold(buffer);
        }
    }

    /** The oldest buffer, which is the caller's from now on, or null if nothing waits. */
    Buffer poll() {
        if (first == next) {
            return null;
        }
        Buffer buffer = buffers[first & mask()];
        buffers[first & mask()] = null;
        first++;
        charged -= buffer.capacity();
        if (first == next) {
            buffer.trim(buffer.length() - room);
            becomeEmpty();
        }
        length -= buffer.length();
        assert length >= 0 && charged >= 0;
        assert (length == 0) == (first == next);
        return buffer;
    }

    /**
     * Releases everything, the arrays of an empty queue too. The queue may be used again, so that
     * this also serves a connection that has become idle.
     */
    void close() {
        for (Buffer buffer = poll(); buffer != null; buffer = poll()) {
            buffer.close();
        }
        buffers = null;
        assert charged == 0;
    }

    private boolean isCopied(int count, int capacity) {
        return count == 0
                || ReceivedPayload.isSparse(count, capacity)
                || (count <= ReceivedPayload.JOINED_MAX && count <= room);
    }

    /** Copies as much as there is memory for; how much that was. */
    private int copyIn(long address, int count) {
        int copied = 0;
        while (copied < count) {
            if (room == 0 && !openChunk(count - copied)) {
                break;
            }
            Buffer chunk = buffers[(next - 1) & mask()];
            int part = Math.min(room, count - copied);
            RawMemory.copy(address + copied, chunk.address() + chunkCapacity - room, part);
            room -= part;
            copied += part;
        }
        length += copied;
        return copied;
    }

    private boolean openChunk(int count) {
        int capacity = ReceivedPayload.chunkCapacity(count, chunkCapacity);
        Buffer chunk = pool.allocateOrNull(capacity);
        if (chunk == null) {
            return false;
        }
        add(chunk);
        chunkCapacity = capacity;
        room = capacity;
        return true;
    }

    private void hold(Buffer buffer) {
        // The chunk before it is closed: what it does not hold is not the application's to see.
        if (room > 0) {
            Buffer chunk = buffers[(next - 1) & mask()];
            chunk.trim(chunk.length() - room);
        }
        room = 0;
        chunkCapacity = 0;
        add(buffer);
        length += buffer.length();
    }

    private void add(Buffer buffer) {
        if (buffers == null) {
            buffers = new Buffer[SLOTS_FIRST];
        } else if (next - first == buffers.length) {
            grow();
        }
        buffers[next & mask()] = buffer;
        next++;
        charged += buffer.capacity();
        assert charged >= 0;
    }

    private void grow() {
        Buffer[] more = new Buffer[2 * buffers.length];
        for (int index = first; index != next; index++) {
            more[index & (more.length - 1)] = buffers[index & mask()];
        }
        buffers = more;
    }

    private void becomeEmpty() {
        room = 0;
        chunkCapacity = 0;
        if (buffers.length > SLOTS_KEPT) {
            buffers = null;
        }
    }

    private int mask() {
        return buffers.length - 1;
    }

    @Override
    public String toString() {
        return "ReceiveQueue[length=" + length + " charged=" + charged + "]";
    }
}
