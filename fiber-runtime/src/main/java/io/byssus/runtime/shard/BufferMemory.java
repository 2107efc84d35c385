package io.byssus.runtime.shard;

import com.sun.management.OperatingSystemMXBean;
import io.byssus.runtime.memory.BufferLimits;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** How much memory a shard's buffers may use: the option, or what suits the machine. */
final class BufferMemory {
    private static final int LEAST_DIVISOR = 8;

    private BufferMemory() {}

    /**
     * Each shard's part.
     *
     * @throws IllegalArgumentException with a sentence, if there is too little for so many shards
     */
    static BufferLimits limits(RuntimeOptions options, int shards) {
        long waitNanos = TimeUnit.NANOSECONDS.convert(options.bufferWait);
        if (options.bufferMemory != null) {
            long part = options.bufferMemory / shards;
            if (part < BufferLimits.CAPACITY_BYTES_MIN) {
                throw new IllegalArgumentException(
                        "--buffer-memory "
                                + options.bufferMemory
                                + ": "
                                + shards
                                + (shards == 1 ? " shard needs" : " shards need")
                                + " at least "
                                + BufferLimits.CAPACITY_BYTES_MIN
                                + " bytes each");
            }
            return BufferLimits.of(part, waitNanos);
        }
        long part = suitable(memoryOfMachine(), Runtime.getRuntime().maxMemory()) / shards;
        return BufferLimits.of(Math.max(part, BufferLimits.CAPACITY_BYTES_MIN), waitNanos);
    }

    /**
     * Half of what the heap cannot take. A heap that may take (almost) all is the default of many,
     * and rarely meant: then an eighth.
     */
    static long suitable(long machineBytes, long heapBytesMax) {
        return Math.max((machineBytes - heapBytesMax) / 2, machineBytes / LEAST_DIVISOR);
    }

    /** The container's limit, if there is one. */
    private static long memoryOfMachine() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
