package io.byssus.runtime.memory;

import io.byssus.runtime.os.NativeMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A shard's buffers: last-in first-out stacks of free blocks in power-of-two sizes, so that the
 * block used next is the one whose cache lines are warm.
 *
 * <p>What is in use and what is kept for reuse never exceed the capacity together. When nothing is
 * left, {@link #allocate} parks the calling fiber until its turn has come, first come first served
 * (so that a large request is not overtaken for ever by small ones); what must not park, because it
 * runs on the carrier or in the middle of a protocol, may use the reserve and copes with none.
 *
 * <p><b>Ownership:</b> confined to its shard, so no operation is atomic; a buffer that is closed
 * elsewhere is sent home first. The figures may be read from any thread, and may be a moment old.
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

    /**
     * The blocks of one size.
     *
     * @param capacity bytes of each; 0 for those of any size, which are not kept
     * @param live in use
     * @param free kept for reuse
     */
    public record SizeClass(int capacity, int live, int free) {}

    static final int UNPOOLED = 0;

    private static final int CLASS_MIN = 9;
    private static final int CLASS_MAX = 17;

    /** The largest capacity that is kept for reuse. */
    public static final int POOLED_CAPACITY_MAX = 1 << CLASS_MAX;

    /** Free bytes kept per size class; what comes back beyond that is released. */
    private static final int FREE_BYTES_MAX = 8 << 20;

    /** Of {@link #unlookedBytes}: every allocation has to look. */
    private static final long NOTHING = -1;

    private final Home home;
    private final boolean tracking;
    private final BufferLimits limits;
    private final BufferCounters counters = new BufferCounters();
    private final MemoryBlock[] free = new MemoryBlock[CLASS_MAX + 1];
    private final int[] freeCount = new int[CLASS_MAX + 1];

    /** Blocks that exist, in use or free, by size class. */
    private final int[] blocks = new int[CLASS_MAX + 1];

    private final Set<Buffer> live = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Spare {@link Buffer} objects for shares. */
    private final ArrayList<Buffer> spareViews = new ArrayList<>();

    /** Fibers that wait for memory, in the order in which they came. */
    private final ArrayDeque<MemoryRequest> requests = new ArrayDeque<>();

    /** Null until there are fibers. */
    private MemoryWaiting waiting;

    /**
     * As long as no more than this is in use, an allocation has to look at nothing: it is no new
     * maximum, within the limit, and overtakes nobody. {@link #NOTHING} while fibers wait.
     */
    private long unlookedBytes;

    /** In use, or set aside for a request. */
    private long liveBytes;

    private long liveBytesMax;
    private long freeBytes;
    private int liveBlocks;

    /** Without limits. */
    public BufferPool(Home home, Mode mode) {
        this(home, mode, BufferLimits.NONE);
    }

    public BufferPool(Home home, Mode mode, BufferLimits limits) {
        this.home = home;
        this.tracking = mode == Mode.TRACKING;
        this.limits = limits;
    }

    /** Tells how fibers wait; before the first of them. */
    public void waiting(MemoryWaiting how) {
        waiting = how;
    }

    /** Whether {@link #waiting} was called. */
    public boolean knowsWaiting() {
        return waiting != null;
    }

    /**
     * A buffer of {@code length} bytes of undefined content, owned by the caller. Parks the calling
     * fiber while there is no memory, for the pool's time to wait at most. On a carrier, which must
     * not wait, it uses the reserve.
     *
     * @throws IllegalArgumentException if {@code length} is negative
     * @throws BufferMemoryException if there was no memory in that time, or never can be as much
     */
    public Buffer allocate(int length) {
        return allocate(length, 0, Long.MAX_VALUE);
    }

    /**
     * As {@link #allocate(int)}, with limits of the caller's; what comes first counts.
     *
     * @param timeoutNanos from now; 0 for none
     * @param deadlineNanos on the shard's clock; {@code Long.MAX_VALUE} for none
     */
    public Buffer allocate(int length, long timeoutNanos, long deadlineNanos) {
        int sizeClass = sizeClassOf(length);
        int capacity = capacityOf(sizeClass, length);
        if (liveBytes + capacity > unlookedBytes && !admit(capacity)) {
            await(capacity, timeoutNanos, deadlineNanos);
        }
        Buffer buffer = open(sizeClass, capacity, length);
        if (buffer == null) {
            throw failure("the system has no memory for a buffer of ", capacity);
        }
        return buffer;
    }

    /** As {@link #allocate(int)}, but null where that would park. Overtakes no waiting fiber. */
    public Buffer allocateOrNull(int length) {
        int sizeClass = sizeClassOf(length);
        int capacity = capacityOf(sizeClass, length);
        if (liveBytes + capacity > unlookedBytes && !admit(capacity)) {
            counters.refusals++;
            return null;
        }
        return open(sizeClass, capacity, length);
    }

    /**
     * As {@link #allocate(int)}, but never parks, and may use the reserve; null if that is used up
     * too. For what is given back soon, and for what gives memory back.
     */
    public Buffer allocateReserved(int length) {
        int sizeClass = sizeClassOf(length);
        int capacity = capacityOf(sizeClass, length);
        if (liveBytes + capacity > unlookedBytes && !admitReserved(capacity)) {
            counters.refusals++;
            return null;
        }
        return open(sizeClass, capacity, length);
    }

    /** As {@link #allocateReserved}, for a few bytes that are given back in this turn. */
    public Buffer allocateScratch(int length) {
        Buffer scratch = allocateReserved(length);
        if (scratch == null) {
            throw failure(
                    "not even in reserve there are ", capacityOf(sizeClassOf(length), length));
        }
        return scratch;
    }

    /** Whether {@link #allocateOrNull} would give a buffer of {@code length}. */
    public boolean hasRoom(int length) {
        return requests.isEmpty()
                && liveBytes + capacityOf(sizeClassOf(length), length) <= limits.usableBytes();
    }

    /** Whether {@link #allocateReserved} would give a buffer of {@code length}. */
    public boolean hasReserve(int length) {
        return liveBytes + capacityOf(sizeClassOf(length), length) <= limits.capacityBytes();
    }

    /**
     * Whether memory is short: fibers wait for it, or the reserve is in use. What can be got again
     * is better dropped then than kept.
     */
    public boolean isShort() {
        return !requests.isEmpty() || liveBytes > limits.usableBytes();
    }

    public BufferLimits limits() {
        return limits;
    }

    public BufferCounters counters() {
        return counters;
    }

    /** Bytes of the blocks that somebody holds. */
    public long liveBytes() {
        return liveBytes;
    }

    /** The most that {@link #liveBytes} ever was. */
    public long liveBytesMax() {
        return liveBytesMax;
    }

    /** Bytes of the blocks that are kept for reuse. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Blocks that somebody holds. */
    public int liveBlocks() {
        return liveBlocks;
    }

    /** Fibers that wait for memory. */
    public int waitingFibers() {
        return requests.size();
    }

    /** The sizes of which there are blocks, from the smallest on; those of any size first. */
    public List<SizeClass> sizeClasses() {
        List<SizeClass> classes = new ArrayList<>();
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] > 0) {
                int capacity = i == UNPOOLED ? 0 : 1 << i;
                classes.add(new SizeClass(capacity, blocks[i] - freeCount[i], freeCount[i]));
            }
        }
        return classes;
    }

    /** Where each buffer that nobody has closed was allocated; empty unless the pool tracks. */
    public List<Throwable> liveSites() {
        return live.stream().map(Buffer::site).toList();
    }

    /** Releases the free blocks, after the shard's last turn. What somebody holds stays valid. */
    public void close() {
        for (int sizeClass = 0; sizeClass < free.length; sizeClass++) {
            evict(sizeClass, Long.MAX_VALUE);
        }
        assert freeBytes == 0;
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
            if (unlookedBytes == NOTHING) {
                grant();
            }
        }
    }

    void releaseFromElsewhere(Buffer buffer, MemoryBlock block) {
        home.execute(() -> release(buffer, block));
    }

    /** Whether so many bytes more may be in use now, for somebody who could wait. */
    private boolean admit(int capacity) {
        if (!requests.isEmpty() || liveBytes + capacity > limits.usableBytes()) {
            return false;
        }
        noteMax(liveBytes + capacity);
        return true;
    }

    private boolean admitReserved(int capacity) {
        if (liveBytes + capacity > limits.capacityBytes()) {
            return false;
        }
        if (liveBytes + capacity > limits.usableBytes()) {
            counters.reserveUses++;
        }
        noteMax(liveBytes + capacity);
        return true;
    }

    private void noteMax(long bytes) {
        liveBytesMax = Math.max(liveBytesMax, bytes);
        unlookedBytes = requests.isEmpty() ? Math.min(liveBytesMax, limits.usableBytes()) : NOTHING;
    }

    /** Returns when so many bytes may be allocated; throws if they cannot be had. */
    private void await(int capacity, long timeoutNanos, long deadlineNanos) {
        if (capacity > limits.usableBytes()) {
            throw failure("a shard's buffer memory is smaller than ", capacity);
        }
        if (waiting == null || !Thread.currentThread().isVirtual()) {
            if (admitReserved(capacity)) {
                return;
            }
            counters.refusals++;
            throw failure("a carrier cannot wait for ", capacity);
        }
        MemoryRequest request = waiting.request(capacity);
        requests.add(request);
        unlookedBytes = NOTHING;
        counters.waits++;
        long limitNanos = limits.waitNanos();
        boolean taken = false;
        try {
            request.await(
                    timeoutNanos == 0 ? limitNanos : Math.min(timeoutNanos, limitNanos),
                    deadlineNanos);
            taken = request.isGranted();
        } finally {
            end(request, taken);
        }
        if (!taken) {
            counters.waitsFailed++;
            throw failure("no memory came back in time for a buffer of ", capacity);
        }
    }

    /** The request is over; what was set aside for it is taken at once, or goes to the next. */
    private void end(MemoryRequest request, boolean taken) {
        if (request.isGranted()) {
            liveBytes -= request.bytes();
        } else {
            boolean waited = requests.remove(request);
            assert waited;
        }
        if (!taken) {
            grant();
        }
    }

    /** Sets memory aside for those who are first in the queue, as far as it goes. */
    private void grant() {
        MemoryRequest first;
        while ((first = requests.peek()) != null
                && liveBytes + first.bytes() <= limits.usableBytes()) {
            requests.remove();
            liveBytes += first.bytes();
            first.grant();
        }
        noteMax(liveBytes);
    }

    /** Null if the system has no memory. */
    private Buffer open(int sizeClass, int capacity, int length) {
        MemoryBlock block = free[sizeClass];
        if (block == null) {
            block = newBlock(sizeClass, capacity);
            if (block == null) {
                return null;
            }
        } else {
            free[sizeClass] = block.nextFree;
            freeCount[sizeClass]--;
            freeBytes -= capacity;
            block.nextFree = null;
        }
        block.references = 1;
        liveBytes += capacity;
        liveBlocks++;
        if (tracking) {
            return track(block.primary, block, block.address, length);
        }
        return block.primary.open(block, block.address, length, null);
    }

    private Buffer track(Buffer buffer, MemoryBlock block, long address, int length) {
        buffer.open(block, address, length, new Throwable("buffer allocated here"));
        live.add(buffer);
        return buffer;
    }

    /** A block of new memory; free blocks of other sizes make room for it. */
    private MemoryBlock newBlock(int sizeClass, int capacity) {
        long excess = liveBytes + freeBytes + capacity - limits.capacityBytes();
        for (int i = CLASS_MAX; i >= CLASS_MIN && excess > 0; i--) {
            excess -= evict(i, excess);
        }
        long address = NativeMemory.tryAllocate(Math.max(capacity, 1));
        if (address == 0) {
            for (int i = CLASS_MIN; i <= CLASS_MAX; i++) {
                evict(i, Long.MAX_VALUE);
            }
            address = NativeMemory.tryAllocate(Math.max(capacity, 1));
            if (address == 0) {
                return null;
            }
        }
        blocks[sizeClass]++;
        return new MemoryBlock(this, sizeClass, capacity, address);
    }

    /** Releases free blocks of a size until so many bytes are given back; how many were. */
    private long evict(int sizeClass, long bytes) {
        long evicted = 0;
        MemoryBlock block;
        while (evicted < bytes && (block = free[sizeClass]) != null) {
            free[sizeClass] = block.nextFree;
            freeCount[sizeClass]--;
            freeBytes -= block.capacity;
            evicted += block.capacity;
            destroy(block);
        }
        return evicted;
    }

    private void keep(MemoryBlock block) {
        int sizeClass = block.sizeClass;
        if (tracking
                || sizeClass == UNPOOLED
                || freeCount[sizeClass] >= FREE_BYTES_MAX >> sizeClass) {
            destroy(block);
            return;
        }
        block.nextFree = free[sizeClass];
        free[sizeClass] = block;
        freeCount[sizeClass]++;
        freeBytes += block.capacity;
    }

    private void destroy(MemoryBlock block) {
        blocks[block.sizeClass]--;
        block.release();
    }

    private BufferMemoryException failure(String what, long bytes) {
        return new BufferMemoryException(
                home + ": " + what + bytes + " bytes: " + PoolReport.of(this), bytes, liveBytes);
    }

    private int sizeClassOf(int length) {
        assert home.isCurrent() : "another shard's pool";
        if (length < 0) {
            throw new IllegalArgumentException("length=" + length);
        }
        if (length > POOLED_CAPACITY_MAX) {
            return UNPOOLED;
        }
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(length, 1) - 1);
        return Math.max(bits, CLASS_MIN);
    }

    private static int capacityOf(int sizeClass, int length) {
        return sizeClass == UNPOOLED ? length : 1 << sizeClass;
    }
}
