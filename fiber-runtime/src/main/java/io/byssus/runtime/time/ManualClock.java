package io.byssus.runtime.time;

import java.time.Duration;

/**
 * A clock that stands still until told otherwise, for tests and simulations.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class ManualClock implements Clock {
    private volatile long nanos;

    /** Shows zero. */
    public ManualClock() {}

    /** Shows {@code nanos}, which may be any: a clock's origin is arbitrary. */
    public ManualClock(long nanos) {
        this.nanos = nanos;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    /**
     * Moves the time on.
     *
     * @throws IllegalArgumentException if {@code step} is negative
     */
    public synchronized void advance(Duration step) {
        if (step.isNegative()) {
            throw new IllegalArgumentException("step=" + step + ": a clock does not go back");
        }
        nanos += step.toNanos();
    }

    /**
     * Moves the time on to {@code target}, such as the end of a wait.
     *
     * @throws IllegalArgumentException if that has passed
     */
    public synchronized void advanceTo(long target) {
        if (target - nanos < 0) {
            throw new IllegalArgumentException(
                    "target=" + target + " nanoTime=" + nanos + ": a clock does not go back");
        }
        nanos = target;
    }
}
