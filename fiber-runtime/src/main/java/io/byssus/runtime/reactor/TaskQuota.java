package io.byssus.runtime.reactor;

import io.byssus.runtime.time.Clock;

/**
 * Says when a turn has lasted long enough, without reading the clock at every operation: it counts
 * operations and steps down and reads the clock when the count is used up. The count adapts to how
 * long operations take, so that about an eighth of the quota passes between two readings.
 *
 * <p>A turn of few operations reads no clock at all: the time counts from the turn's first reading,
 * or from the last turn's last one, if that ended for want of time.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class TaskQuota {
    private static final int READINGS_PER_QUOTA = 8;
    private static final int INTERVAL_MAX = 256;

    /**
     * An operation takes longer than a step of a loop, and so needs fewer until the next reading.
     */
    private static final int STEPS_PER_OPERATION = 4;

    private final Clock clock;
    private final long quotaNanos;

    /** Steps between two readings of the clock. */
    private int interval = 1;

    private int untilReading = 1;
    private boolean started;
    private boolean usedUp;

    /** Valid while {@link #started}. */
    private long startNanos;

    private long lastNanos;

    TaskQuota(Clock clock, long quotaNanos) {
        this.clock = clock;
        this.quotaNanos = quotaNanos;
    }

    /** A new turn begins. */
    void begin() {
        // Time goes on from the reading that ended the last turn; without one, from the first.
        started = usedUp;
        startNanos = lastNanos;
        usedUp = false;
        untilReading = interval;
    }

    /**
     * Counts an operation: a task, or one that could have parked.
     *
     * @return whether the turn has used up its quota
     */
    boolean count() {
        untilReading -= STEPS_PER_OPERATION;
        return untilReading <= 0 && read();
    }

    /** As {@link #count}, for a step of a loop that computes, which may be much shorter. */
    boolean countStep() {
        return --untilReading <= 0 && read();
    }

    private boolean read() {
        if (usedUp) {
            untilReading = 1; // comes here until the turn ends
            return true;
        }
        long now = clock.nanoTime();
        if (!started) {
            started = true;
            startNanos = now;
        } else {
            adapt(now - lastNanos);
            usedUp = now - startNanos >= quotaNanos;
        }
        lastNanos = now;
        untilReading = usedUp ? 1 : interval;
        return usedUp;
    }

    /** {@code interval} steps took {@code nanos}. */
    private void adapt(long nanos) {
        long wanted = quotaNanos / READINGS_PER_QUOTA * interval / Math.max(nanos, 1);
        interval = (int) Math.clamp(wanted, 1L, Math.min(INTERVAL_MAX, interval * 2L));
    }
}
