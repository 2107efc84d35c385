package io.byssus.runtime.diagnostics;

import java.util.concurrent.TimeUnit;

/**
 * Lets five reports through in the minute that begins with the first of them, and counts the
 * others.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class ReportLimit {
    static final int REPORTS_MAX = 5;
    static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long endNanos;
    private int reports;
    private long heldBack;

    /** Whether one more may go out. */
    boolean tryAcquire(long now) {
        if (reports > 0 && now - endNanos >= 0) {
            reports = 0;
        }
        if (reports == REPORTS_MAX) {
            heldBack++;
            return false;
        }
        if (reports++ == 0) {
            endNanos = now + WINDOW_NANOS;
        }
        return true;
    }

    /** How many were held back in a minute that is over; each is told once. */
    long takeHeldBack(long now) {
        return heldBack == 0 || now - endNanos < 0 ? 0 : takeHeldBack();
    }

    /** As {@link #takeHeldBack(long)}, in a minute that is not over too. */
    long takeHeldBack() {
        long count = heldBack;
        heldBack = 0;
        return count;
    }

    /** Nanoseconds until {@link #takeHeldBack(long)} has something to tell. */
    long untilDue(long now) {
        return heldBack == 0 ? Long.MAX_VALUE : Math.max(endNanos - now, 0);
    }
}
