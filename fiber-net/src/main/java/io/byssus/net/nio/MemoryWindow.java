package io.byssus.net.nio;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Shows a channel the bytes of a {@link Buffer}, without a copy and without an object for each: a
 * byte buffer over a gigabyte of address space, whose position and limit are moved to where the
 * bytes are. There is one for each half gigabyte that memory was seen in, which are few.
 *
 * <p><b>Ownership:</b> confined to its shard; a view is good until the next.
 */
final class MemoryWindow {
    private static final int REGION_BITS = 29;
    private static final long NO_REGION = -1;

    private static final int REGION_BYTES = 1 << REGION_BITS;

    /** So that what begins in a region and is no longer than one ends in its window. */
    private static final long WINDOW_BYTES = 2L * REGION_BYTES;

    private static final int WINDOWS = 8;

    private final ByteBuffer[] windows = new ByteBuffer[WINDOWS];
    private final long[] regions = new long[WINDOWS];

    MemoryWindow() {
        Arrays.fill(regions, NO_REGION);
    }

    /** The bytes from {@code address} on, or the first half gigabyte of them. */
    ByteBuffer view(long address, int length) {
        long region = address >>> REGION_BITS;
        int at = (int) region & (WINDOWS - 1);
        if (regions[at] != region) {
            windows[at] =
                    RawMemory.all().asSlice(region << REGION_BITS, WINDOW_BYTES).asByteBuffer();
            regions[at] = region;
        }
        int position = (int) (address - (region << REGION_BITS));
        return windows[at]
                .clear()
                .limit(position + Math.min(length, REGION_BYTES))
                .position(position);
    }

    ByteBuffer view(Buffer buffer) {
        return view(buffer.address(), buffer.length());
    }
}
