package io.byssus.runtime.diagnostics;

import io.byssus.runtime.diagnostics.ShardWatch.Sight;
import java.util.List;

/**
 * Looks at all shards from time to time, and knows when to look next. While a task runs somewhere
 * that is every two fifths of the threshold, but 10 ms at most, so that a stall is split well into
 * what was the task's own doing and what was not. While none runs it is every four fifths: a stall
 * that begins between two looks has lasted less than that when it is first seen, and less than
 * twice the threshold when it is recognised. When all shards have slept for some looks, this sleeps
 * with them.
 *
 * <p>It reads no clock and owns no thread: whoever drives it tells it the time.
 *
 * <p><b>Ownership:</b> confined to the thread that drives it.
 */
final class StallSampler {
    /** Means that all shards sleep: until one wakes there is nothing to look at. */
    static final long REST = Long.MAX_VALUE;

    private static final int FIFTHS = 5;

    /** A pause makes it uncertain what a fiber did between two looks, so that is not to be long. */
    private static final long BUSY_NANOS_MAX = 10_000_000;

    private static final int LOOKS_BEFORE_REST = 4;

    /** How much sooner a look may come, to hit the threshold. */
    private static final int DELAYS_PER_LOOK = 4;

    private final List<ShardWatch> watches;
    private final JvmPauses pauses;
    private final long busyNanos;
    private final long idleNanos;

    private int looksAsleep;

    StallSampler(List<ShardWatch> watches, JvmPauses pauses, long thresholdNanos) {
        this.watches = watches;
        this.pauses = pauses;
        this.busyNanos = Math.min(thresholdNanos * 2 / FIFTHS, BUSY_NANOS_MAX);
        this.idleNanos = thresholdNanos * 4 / FIFTHS;
    }

    /**
     * Looks at every shard.
     *
     * @return nanoseconds to sleep before the next look, or {@link #REST}
     */
    long sample(long now) {
        long delay = idleNanos;
        boolean asleep = true;
        for (ShardWatch watch : watches) {
            Sight sight = watch.sample(now);
            if (sight == Sight.BUSY) {
                delay = Math.min(delay, Math.min(busyNanos, watch.untilThreshold()));
            }
            asleep &= sight == Sight.ASLEEP;
        }
        looksAsleep = asleep ? looksAsleep + 1 : 0;
        if (looksAsleep >= LOOKS_BEFORE_REST) {
            delay = REST;
        }
        delay = Math.max(delay, busyNanos / DELAYS_PER_LOOK);
        pauses.sleeps(delay);
        return delay;
    }

    /**
     * Has {@code sampler} unparked when a shard wakes.
     *
     * @return false if one has woken meanwhile
     */
    boolean rest(Thread sampler) {
        boolean asleep = true;
        for (ShardWatch watch : watches) {
            watch.unparkOnWake(sampler);
            asleep &= watch.isStillAsleep();
        }
        looksAsleep = 0;
        return asleep;
    }

    /** Nanoseconds for which a rest may last at most. */
    long restNanos(long now) {
        long nanos = Long.MAX_VALUE;
        for (ShardWatch watch : watches) {
            nanos = Math.min(nanos, watch.untilDue(now));
        }
        return nanos;
    }

    /** Tells what is left to tell. */
    void close() {
        watches.forEach(ShardWatch::close);
    }
}
