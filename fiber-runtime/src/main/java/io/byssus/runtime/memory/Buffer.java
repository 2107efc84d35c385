package io.byssus.runtime.memory;

import io.byssus.runtime.os.RawMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Objects;

/**
 * A run of off-heap bytes with one owner.
 *
 * <p>Whoever holds a buffer closes it, once; passing it to an output stream passes the ownership.
 * The bytes then go back to the pool of the shard they came from, whichever thread closes them.
 * {@link #share} makes a second owner of the same bytes. The empty buffer that marks the end of a
 * stream needs no close.
 *
 * <p>A use after {@code close}, or a second close, throws {@link IllegalStateException} until the
 * memory is handed out again; with {@code -Dio.byssus.buffers=tracking} memory is never handed out
 * again, so that every such use is found, and a buffer that was never closed is named by the place
 * that allocated it. Views from {@link #asByteBuffer} and {@link #asMemorySegment} are outside
 * these checks; they must not be used after {@code close}.
 *
 * <p><b>Ownership:</b> one holder at a time; may be handed to another shard, but {@code share} is
 * for the shard that it came from.
 */
public final class Buffer implements AutoCloseable {
    /** A buffer of no bytes. Closing it does nothing. */
    public static final Buffer EMPTY = new Buffer();

    private static final int RELEASED = -1;

    /** Null for {@link #EMPTY} and for a view in the pool's stack of spare views. */
    private MemoryBlock block;

    /** Address of the first byte. */
    private long address;

    /** Bytes, or {@link #RELEASED}; every access checks against it. */
    private int length;

    /** Where it was allocated; null unless the pool tracks. */
    private Throwable site;

    Buffer() {}

    Buffer open(MemoryBlock block, long address, int length, Throwable site) {
        this.block = block;
        this.address = address;
        this.length = length;
        this.site = site;
        return this;
    }

    public int length() {
        if (length < 0) {
            throw released();
        }
        return length;
    }

    /** Bytes of memory that stay in use until the last share of this buffer is closed. */
    public int capacity() {
        if (length < 0) {
            throw released();
        }
        return block == null ? 0 : block.capacity;
    }

    public boolean isEmpty() {
        return length() == 0;
    }

    /** Address of the first byte, for native calls; valid until the buffer is closed. */
    public long address() {
        if (length < 0) {
            throw released();
        }
        return address;
    }

    /**
     * The byte at {@code index}.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public byte get(int index) {
        check(index, 1);
        return RawMemory.getByte(address + index);
    }

    /** Copies {@code count} bytes from {@code index} on into {@code target}. */
    public void get(int index, byte[] target, int offset, int count) {
        check(index, count);
        Objects.checkFromIndexSize(offset, count, target.length);
        RawMemory.copyOut(address + index, target, offset, count);
    }

    /** Sets the byte at {@code index}; shares see it too. */
    public void put(int index, byte value) {
        check(index, 1);
        RawMemory.putByte(address + index, value);
    }

    /** Copies {@code count} bytes of {@code source} to {@code index}; shares see them too. */
    public void put(int index, byte[] source, int offset, int count) {
        check(index, count);
        Objects.checkFromIndexSize(offset, count, source.length);
        RawMemory.copyIn(source, offset, address + index, count);
    }

    /** Copies all of {@code source} to {@code index}. */
    public void put(int index, Buffer source) {
        check(index, source.length());
        RawMemory.copy(source.address, address + index, source.length);
    }

    /** Index of the first {@code value} at or after {@code from}, or -1. */
    public int indexOf(byte value, int from) {
        Objects.checkIndex(from, length() + 1);
        for (int i = from; i < length; i++) {
            if (RawMemory.getByte(address + i) == value) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Keeps the first {@code newLength} bytes.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public void trim(int newLength) {
        check(0, newLength);
        if (block != null) {
            length = newLength;
        }
    }

    /**
     * Drops the first {@code count} bytes.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public void trimFront(int count) {
        check(0, count);
        if (block != null) {
            address += count;
            length -= count;
        }
    }

    /** A second buffer over the same bytes; both are to be closed. */
    public Buffer share() {
        return share(0, length());
    }

    /** A second buffer over {@code count} of these bytes from {@code index} on. */
    public Buffer share(int index, int count) {
        check(index, count);
        if (block == null) {
            return EMPTY;
        }
        return block.pool.share(block, address + index, count);
    }

    /**
     * A second buffer with bytes of its own. May park, as {@link BufferPool#allocate} may.
     *
     * @throws BufferMemoryException if there is no memory
     */
    public Buffer copy() {
        int count = length();
        if (block == null) {
            return EMPTY;
        }
        Buffer copy = block.pool.allocate(count);
        RawMemory.copy(address, copy.address, count);
        return copy;
    }

    /**
     * As {@link #copy}, of memory from the reserve, without parking; null if there is none. Not for
     * {@link #EMPTY}.
     */
    public Buffer copyReserved() {
        int count = length();
        Buffer copy = block.pool.allocateReserved(count);
        if (copy != null) {
            RawMemory.copy(address, copy.address, count);
        }
        return copy;
    }

    /**
     * These bytes as a byte buffer (position 0 is not promised; {@code remaining()} is {@link
     * #length}). It is the same object at every call for the same memory, so a call resets the
     * position and limit of the last one's; a share gets one of its own.
     */
    public ByteBuffer asByteBuffer() {
        int count = length();
        if (block == null) {
            return ByteBuffer.allocate(0);
        }
        return this == block.primary ? block.view(address, count) : block.newView(address, count);
    }

    /** These bytes as a memory segment. */
    public MemorySegment asMemorySegment() {
        int count = length();
        return block == null ? MemorySegment.NULL : block.segment(address, count);
    }

    public byte[] toByteArray() {
        byte[] bytes = new byte[length()];
        get(0, bytes, 0, bytes.length);
        return bytes;
    }

    public String toString(Charset charset) {
        return new String(toByteArray(), charset);
    }

    /**
     * Gives the bytes up.
     *
     * @throws IllegalStateException if that was done before
     */
    @Override
    public void close() {
        if (block == null && length == 0) {
            return; // EMPTY
        }
        if (length < 0) {
            throw released();
        }
        length = RELEASED;
        MemoryBlock block = this.block;
        if (block.pool.isHome()) {
            block.pool.release(this, block);
        } else {
            block.pool.releaseFromElsewhere(this, block);
        }
    }

    Throwable site() {
        return site;
    }

    /** Drops the block, for the pool's stack of spare views. */
    void forget() {
        block = null;
        site = null;
    }

    private void check(int index, int count) {
        // A released buffer's length is negative: no index passes.
        if ((index | count) < 0 || index > length - count) {
            throw outOfBounds(index, count);
        }
    }

    private RuntimeException outOfBounds(int index, int count) {
        return length < 0
                ? released()
                : new IndexOutOfBoundsException(
                        "index=" + index + " count=" + count + " length=" + length);
    }

    private IllegalStateException released() {
        return new IllegalStateException("the buffer was closed", site);
    }

    @Override
    public String toString() {
        return length < 0 ? "Buffer[closed]" : "Buffer[" + length + " bytes]";
    }
}
