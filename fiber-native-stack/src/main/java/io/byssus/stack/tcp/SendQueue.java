package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import java.util.Objects;

/**
 * The bytes from SND.UNA to the end of what the application has written. Offsets count from
 * SND.UNA, so that an acknowledgment moves them.
 *
 * <p>Small writes are copied together into chunks, so that many of them cost neither a block nor a
 * search each, and so are those that are few of the bytes of their memory (without memory for a
 * chunk, they are held as they are); large ones are held as they are, and must not be written to,
 * until they are acknowledged. A byte is found through a cursor while segments are built in order,
 * and by binary search for a retransmission. While the queue is empty it keeps two small arrays,
 * and before the first write not even these.
 *
 * <p><b>Ownership:</b> confined to its shard; owns the buffers it holds. Bounds on what is written
 * are the caller's.
 */
final class SendQueue {
    /** Writes of fewer bytes are copied. */
    static final int COPIED_BELOW = 2048;

    static final int CHUNK_CAPACITY = 4096;

    /** What is held fills this part of its memory at least. */
    private static final int SPARSE_DIVISOR = 4;

    /** Slots that are kept for the next write when the queue is empty. */
    private static final int SLOTS_KEPT = 4;

    private final BufferPool pool;

    /** A ring, as is {@link #ends}; null until something is written. */
    private Buffer[] buffers;

    /** Position in the stream behind the last byte of each buffer. */
    private long[] ends;

    /** Index of the oldest buffer; indices only grow (they wrap) and are masked for access. */
    private int first;

    /** Index behind the newest buffer. */
    private int next;

    /** Index of the buffer that was read last; stale if it is not within first and next. */
    private int cursor;

    /** Position in the stream of the first byte of the oldest buffer; at most {@link #front}. */
    private long firstStart;

    /** Position of SND.UNA in the stream. */
    private long front;

    private long end;

    /** Bytes that the newest buffer still takes; 0 unless it is a chunk. */
    private int room;

    private int charged;

    SendQueue(BufferPool pool) {
        this.pool = pool;
    }

    /** How many bytes can be appended, in any way, with no more than {@code memory} charged. */
    static long lengthFor(long memory) {
        return (memory - CHUNK_CAPACITY) / SPARSE_DIVISOR;
    }

    /** Bytes that have been acknowledged since the beginning. */
    long acknowledged() {
        return front;
    }

    /** Bytes that are not acknowledged, sent or not. */
    int length() {
        return (int) (end - front);
    }

    boolean isEmpty() {
        return end == front;
    }

    /** Whether it has arrays. */
    boolean isRoomy() {
        return buffers != null;
    }

    /** Bytes of memory that the queue keeps in use. */
    int charged() {
        return charged;
    }

    /**
     * Adds what the application wrote. The buffer is the queue's from now on; it may be closed
     * already at the return.
     *
     * @throws ArithmeticException if the queue would hold 2 GiB; the buffer stays the caller's
     */
    void append(Buffer buffer) {
        int count = buffer.length();
        int lengthAfter = Math.addExact(length(), count);
        boolean isCopied = count < COPIED_BELOW || count < buffer.capacity() / SPARSE_DIVISOR;
        int copied = isCopied ? copyIn(buffer.address(), count) : 0;
        if (copied == count) {
            buffer.close();
        } else {
            buffer.trimFront(copied);
            add(buffer);
            end += count - copied;
            ends[(next - 1) & mask()] = end;
            room = 0;
        }
        assert lengthAfter == length();
    }

    /**
     * Releases the first {@code bytes}: SND.UNA has advanced.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    void acknowledge(int bytes) {
        Objects.checkIndex(bytes, length() + 1);
        front += bytes;
        while (first != next && ends[first & mask()] <= front) {
            firstStart = ends[first & mask()];
            release(first);
            first++;
        }
        if (first == next) {
            becomeEmpty();
        }
        assert firstStart <= front && front <= end;
    }

    /**
     * Copies {@code length} bytes from {@code offset} on to an address.
     *
     * @throws IndexOutOfBoundsException if the queue does not hold them
     */
    void copy(int offset, int length, long toAddress) {
        Objects.checkFromIndexSize(offset, length, length());
        int copied = 0;
        while (copied < length) {
            int count = Math.min(length - copied, sliceLength(offset + copied));
            RawMemory.copy(sliceAddress(offset + copied), toAddress + copied, count);
            copied += count;
        }
    }

    /**
     * Address of the byte at {@code offset}, for gathering without a copy; valid until it is
     * acknowledged. {@link #sliceLength} bytes are there.
     *
     * @throws IndexOutOfBoundsException if the queue does not hold it
     */
    long sliceAddress(int offset) {
        Objects.checkIndex(offset, length());
        int index = locate(front + offset);
        return buffers[index & mask()].address() + (front + offset - start(index));
    }

    /**
     * Bytes from {@code offset} on that lie in one piece, at least 1.
     *
     * @throws IndexOutOfBoundsException if the queue does not hold the first
     */
    int sliceLength(int offset) {
        Objects.checkIndex(offset, length());
        return (int) (ends[locate(front + offset) & mask()] - front - offset);
    }

    /**
     * Whether a segment that ends at {@code offset} carries PSH: if it is the last that is buffered
     * (MUST-61). Every write counts as pushed, so nothing waits for more (MUST-60), and the marks
     * of earlier writes merge into the last one (SHLD-27).
     */
    boolean endsPush(int offset) {
        return offset == length();
    }

    /**
     * Releases everything, the arrays of an empty queue too. The queue may be used again, so that
     * this also serves a connection that has become idle.
     */
    void close() {
        acknowledge(length());
        buffers = null;
        ends = null;
        assert charged == 0;
    }

    /** Copies as much as there is memory for; how much that was. */
    private int copyIn(long address, int count) {
        int copied = 0;
        while (copied < count) {
            if (room == 0) {
                Buffer chunk = pool.allocateOrNull(CHUNK_CAPACITY);
                if (chunk == null) {
                    break;
                }
                add(chunk);
                room = CHUNK_CAPACITY;
            }
            int part = Math.min(room, count - copied);
            long chunk = buffers[(next - 1) & mask()].address();
            RawMemory.copy(address + copied, chunk + CHUNK_CAPACITY - room, part);
            room -= part;
            copied += part;
            end += part;
            ends[(next - 1) & mask()] = end;
        }
        return copied;
    }

    private void add(Buffer buffer) {
        if (buffers == null) {
            buffers = new Buffer[SLOTS_KEPT];
            ends = new long[SLOTS_KEPT];
        } else if (next - first == buffers.length) {
            grow();
        }
        buffers[next & mask()] = buffer;
        next++;
        charged += buffer.capacity();
        assert charged >= 0;
    }

    private void grow() {
        int slots = 2 * buffers.length;
        Buffer[] moreBuffers = new Buffer[slots];
        long[] moreEnds = new long[slots];
        for (int index = first; index != next; index++) {
            moreBuffers[index & (slots - 1)] = buffers[index & mask()];
            moreEnds[index & (slots - 1)] = ends[index & mask()];
        }
        buffers = moreBuffers;
        ends = moreEnds;
    }

    private void release(int index) {
        Buffer buffer = buffers[index & mask()];
        buffers[index & mask()] = null;
        charged -= buffer.capacity();
        buffer.close();
    }

    private void becomeEmpty() {
        assert front == end && charged == 0;
        room = 0;
        firstStart = front;
        // Arrays that have grown had at least 10 KiB pass through: making them anew is no matter.
        if (buffers != null && buffers.length > SLOTS_KEPT) {
            buffers = null;
            ends = null;
        }
    }

    /** Index of the buffer with the byte at {@code position} of the stream. */
    private int locate(long position) {
        if (!holds(cursor, position)) {
            cursor = holds(cursor + 1, position) ? cursor + 1 : search(position);
        }
        assert holds(cursor, position);
        return cursor;
    }

    private boolean holds(int index, long position) {
        return Integer.compareUnsigned(index - first, next - first) < 0
                && start(index) <= position
                && position < ends[index & mask()];
    }

    private int search(long position) {
        int low = 0;
        int high = next - first - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[(first + middle) & mask()] <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return first + low;
    }

    private long start(int index) {
        return index == first ? firstStart : ends[(index - 1) & mask()];
    }

    private int mask() {
        return buffers.length - 1;
    }

    @Override
    public String toString() {
        return "SendQueue[length=" + length() + " charged=" + charged + "]";
    }
}
