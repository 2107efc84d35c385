package io.byssus.runtime.os;

import java.lang.foreign.Arena;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Memory of the JDK's arenas, one for each block, by address: for systems whose C library we do not
 * call. It counts towards {@code -XX:MaxDirectMemorySize} and comes zeroed, so it is slower to get
 * than {@code malloc}'s; pools keep what they have.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class ArenaMemory {
    /** Enough for anything that a buffer is used for. */
    private static final long ALIGNMENT = 16;

    private static final ConcurrentHashMap<Long, ArenaMemory> BLOCKS = new ConcurrentHashMap<>();

    private final Arena arena = Arena.ofShared();

    private ArenaMemory() {}

    /** The address of {@code bytes} bytes, or 0 if there are none. */
    static long tryAllocate(long bytes) {
        ArenaMemory block = new ArenaMemory();
        try {
            long address = block.arena.allocate(bytes, ALIGNMENT).address();
            BLOCKS.put(address, block);
            return address;
        } catch (OutOfMemoryError e) {
            block.arena.close();
            return 0;
        }
    }

    static void release(long address) {
        ArenaMemory block = BLOCKS.remove(address);
        assert block != null : "no block at " + address;
        block.arena.close();
    }

    /** Blocks that were not released. */
    static int count() {
        return BLOCKS.size();
    }
}
