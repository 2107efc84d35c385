package io.byssus.runtime.diagnostics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long garbage collectors have stopped this JVM since it began.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class CollectorPauses implements LongSupplier {
    /** What ZGC and Shenandoah call the part that runs beside the program. */
    private static final String CONCURRENT = "Cycles";

    private final List<GarbageCollectorMXBean> collectors =
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(collector -> !collector.getName().endsWith(CONCURRENT))
                    .toList();

    /**
     * Nanoseconds, in steps of a millisecond. It counts whole ones, and not the way to the
     * safepoint and back: for that, each collection has one more.
     */
    @Override
    public long getAsLong() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            // -1: it does not know
            millis += Math.max(collector.getCollectionTime(), 0);
            millis += Math.max(collector.getCollectionCount(), 0);
        }
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
