package io.byssus.runtime.memory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A shard's buffers: last-in first-out stacks of free blocks in power-of-two sizes, so that the
 * block used next is the one whose cache lines are warm.
 *
 * <p><b>Ownership:</b> confined to its shard, so no operation is atomic; a buffer that is closed
 * elsewhere is sent home first.
 */
public final class BufferPool {
    /** What becomes of released memory. */
    public enum Mode {
        /** It is used again. */
        RECYCLING,
        /** It never is; every live buffer is known by its allocation site. For tests. */
        TRACKING;

        /** As the system property {@code io.byssus.buffers} says; recycling without it. */
        public static Mode ofProperty() {
            String value = System.getProperty("io.byssus.buffers", "recycling");
            return switch (value) {
                case "recycling" -> RECYCLING;
                case "tracking" -> TRACKING;
                default ->
                        throw new IllegalArgumentException(
                                "io.byssus.buffers=" + value + ": expected recycling or tracking");
            };
        }
    }

    static final int UNPOOLED = -1;

    private static final int CLASS_MIN = 9;
    private static final int CLASS_MAX = 17;

    /** The largest capacity that is kept for reuse. */
    public static final int POOLED_CAPACITY_MAX = 1 << CLASS_MAX;

    /** Free bytes kept per size class; what comes back beyond that is released. */
    private static final int FREE_BYTES_MAX = 8 << 20;

    private final Home home;
    private final boolean tracking;
    private final MemoryBlock[] free = new MemoryBlock[CLASS_MAX + 1];
    private final int[] freeCount = new int[CLASS_MAX + 1];
    private final Set<Buffer> live = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Spare {@link Buffer} objects for shares. */
    private final ArrayList<Buffer> spareViews = new ArrayList<>();

    private long liveBytes;
    private int liveBlocks;

    public BufferPool(Home home, Mode mode) {
        this.home = home;
        this.tracking = mode == Mode.TRACKING;
    }

    /**
     * A buffer of {@code length} bytes of undefined content, owned by the caller.
     *
     * @throws IllegalArgumentException if {@code length} is negative
     */
    public Buffer allocate(int length) {
        assert home.isCurrent() : "another shard's pool";
        if (length < 0) {
            throw new IllegalArgumentException("length=" + length);
        }
        MemoryBlock block = takeBlock(sizeClassOf(length), length);
        block.references = 1;
        liveBytes += block.capacity;
        liveBlocks++;
        if (tracking) {
            return track(block.primary, block, block.address, length);
        }
        return block.primary.open(block, block.address, length, null);
    }

    /** Bytes of the blocks that somebody holds. */
    public long liveBytes() {
        return liveBytes;
    }

    /** Blocks that somebody holds. */
    public int liveBlocks() {
        return liveBlocks;
    }

    /** Where each buffer that nobody has closed was allocated; empty unless the pool tracks. */
    public List<Throwable> liveSites() {
        return live.stream().map(Buffer::site).toList();
    }

    /** Releases the free blocks, after the shard's last turn. What somebody holds stays valid. */
    public void close() {
        for (int sizeClass = 0; sizeClass < free.length; sizeClass++) {
            for (MemoryBlock block = free[sizeClass]; block != null; block = block.nextFree) {
                block.release();
            }
            free[sizeClass] = null;
            freeCount[sizeClass] = 0;
        }
    }

    /** Whether the caller runs on the pool's shard. */
    public boolean isHome() {
        return home.isCurrent();
    }

    Buffer share(MemoryBlock block, long address, int length) {
        assert home.isCurrent() : "share() on another shard";
        block.references++;
        if (tracking) {
            return track(new Buffer(), block, address, length);
        }
        Buffer view = spareViews.isEmpty() ? new Buffer() : spareViews.removeLast();
        return view.open(block, address, length, null);
    }

    void release(Buffer buffer, MemoryBlock block) {
        if (tracking) {
            boolean wasLive = live.remove(buffer);
            assert wasLive;
        } else if (buffer != block.primary) {
            buffer.forget();
            spareViews.add(buffer);
        }
        block.references--;
        assert block.references >= 0;
        if (block.references == 0) {
            liveBytes -= block.capacity;
            liveBlocks--;
            keep(block);
        }
    }

    void releaseFromElsewhere(Buffer buffer, MemoryBlock block) {
        home.execute(() -> release(buffer, block));
    }

    private Buffer track(Buffer buffer, MemoryBlock block, long address, int length) {
        buffer.open(block, address, length, new Throwable("buffer allocated here"));
        live.add(buffer);
        return buffer;
    }

    private MemoryBlock takeBlock(int sizeClass, int length) {
        if (sizeClass == UNPOOLED) {
            return new MemoryBlock(this, UNPOOLED, length);
        }
        MemoryBlock block = free[sizeClass];
        if (block == null) {
            return new MemoryBlock(this, sizeClass, 1 << sizeClass);
        }
        free[sizeClass] = block.nextFree;
        freeCount[sizeClass]--;
        block.nextFree = null;
        return block;
    }

    private void keep(MemoryBlock block) {
        int sizeClass = block.sizeClass;
        if (tracking
                || sizeClass == UNPOOLED
                || freeCount[sizeClass] >= FREE_BYTES_MAX >> sizeClass) {
            block.release();
            return;
        }
        block.nextFree = free[sizeClass];
        free[sizeClass] = block;
        freeCount[sizeClass]++;
    }

    private static int sizeClassOf(int length) {
        if (length > POOLED_CAPACITY_MAX) {
            return UNPOOLED;
        }
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(length, 1) - 1);
        return Math.max(bits, CLASS_MIN);
    }
}
