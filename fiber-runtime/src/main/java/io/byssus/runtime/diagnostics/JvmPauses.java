package io.byssus.runtime.diagnostics;

import io.byssus.runtime.time.Clock;
import java.util.function.LongSupplier;

/**
 * For how long nothing in this JVM has run while the sampler was at work or about to wake: that was
 * to sleep for so long, and the rest was spent neither on a processor nor waiting for one. A pause
 * that is over before it was to wake does not make it late; of those, collectors count theirs.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class JvmPauses {
    private final Clock clock;
    private final PlatformTimes own;
    private final LongSupplier collectorsNanos;

    private long lastNanos;
    private long lastUsedNanos;
    private long lastCollectorsNanos;
    private long sleepNanos = Long.MAX_VALUE;
    private long totalNanos;

    /**
     * @param own the sampler's own times
     * @param collectorsNanos for how long garbage collectors have stopped the JVM until now
     */
    JvmPauses(Clock clock, PlatformTimes own, LongSupplier collectorsNanos) {
        this.clock = clock;
        this.own = own;
        this.collectorsNanos = collectorsNanos;
    }

    /** The sampler is about to sleep; {@link Long#MAX_VALUE} for as long as the shards do. */
    void sleeps(long nanos) {
        long ignored = totalNanos();
        sleepNanos = nanos;
    }

    /** Nanoseconds until now. A sampler that wakes a little late makes it grow a little. */
    long totalNanos() {
        own.read();
        long now = clock.nanoTime();
        long used = own.runNanos() + own.waitNanos();
        long collectors = collectorsNanos.getAsLong();
        if (sleepNanos != Long.MAX_VALUE) {
            long late = now - lastNanos - sleepNanos - (used - lastUsedNanos);
            totalNanos += Math.max(late, collectors - lastCollectorsNanos);
        }
        lastNanos = now;
        lastUsedNanos = used;
        lastCollectorsNanos = collectors;
        sleepNanos = 0;
        return totalNanos;
    }
}
