package io.byssus.runtime.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory under one buffer and all its shares, counted by reference.
 *
 * <p>Its arena is an automatic one: the memory goes when nothing refers to it any more, a byte
 * buffer that an application kept included, so a view outlives its buffer without harm.
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

    private final MemorySegment segment;
    private ByteBuffer view;

    /** Buffers that hold this block; 0 while it is in the pool. */
    int references;

    /** Next in the pool's stack of free blocks. */
    MemoryBlock nextFree;

    MemoryBlock(BufferPool pool, int sizeClass, int capacity) {
        this.pool = pool;
        this.sizeClass = sizeClass;
        this.capacity = capacity;
        this.segment = Arena.ofAuto().allocate(capacity, Long.BYTES);
        this.address = segment.address();
        this.primary = new Buffer();
    }

    ByteBuffer view(long from, int length) {
        if (view == null) {
            view = segment.asByteBuffer();
        }
        int position = (int) (from - address);
        // The last holder may have changed the mark and the byte order too.
        return view.clear().order(ByteOrder.BIG_ENDIAN).limit(position + length).position(position);
    }

    ByteBuffer newView(long from, int length) {
        return segment.asSlice(from - address, length).asByteBuffer();
    }

    MemorySegment segment(long from, int length) {
        return segment.asSlice(from - address, length);
    }
}
