package io.byssus.runtime.memory;

import io.byssus.runtime.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory under one buffer and all its shares, counted by reference.
 *
 * <p>A block that the pool does not keep is released at once, unless a view of it was handed out (a
 * byte buffer, a segment): then the garbage collector releases it when the last view has gone, so a
 * view that outlives its buffer does no harm to others' memory.
 *
 * <p><b>Ownership:</b> confined to the pool's shard.
 */
final class MemoryBlock {
    final BufferPool pool;

    /** log2 of the capacity for a pooled block, {@link BufferPool#UNPOOLED} for others. */
    final int sizeClass;

    final int capacity;
    final long address;

    /** The buffer that is handed out with this block; recycled with it. */
    final Buffer primary;

    /** Null until a view is asked for; then it decides how long the memory lives. */
    private MemorySegment segment;

    private ByteBuffer view;

    /** Buffers that hold this block; 0 while it is in the pool. */
    int references;

    /** Next in the pool's stack of free blocks. */
    MemoryBlock nextFree;

    /** Over {@code capacity} bytes at {@code address}, which it releases. */
    MemoryBlock(BufferPool pool, int sizeClass, int capacity, long address) {
        this.pool = pool;
        this.sizeClass = sizeClass;
        this.capacity = capacity;
        this.address = address;
        this.primary = new Buffer();
    }

    ByteBuffer view(long from, int length) {
        if (view == null) {
            view = segment().asByteBuffer();
        }
        int position = (int) (from - address);
        // The last holder may have changed the mark and the byte order too.
        return view.clear().order(ByteOrder.BIG_ENDIAN).limit(position + length).position(position);
    }

    ByteBuffer newView(long from, int length) {
        return segment(from, length).asByteBuffer();
    }

    MemorySegment segment(long from, int length) {
        return segment().asSlice(from - address, length);
    }

    /** Gives the memory back, now or when the last view has gone. The block is not used again. */
    void release() {
        if (segment == null) {
            NativeMemory.release(address);
        }
    }

    private MemorySegment segment() {
        if (segment == null) {
            segment = NativeMemory.collected(address, capacity);
        }
        return segment;
    }
}
