package io.byssus.runtime.diagnostics;

import java.util.concurrent.TimeUnit;

/**
 * From when on a task stalls its shard. In the first second after a shard is ready the JVM loads
 * classes and interprets what it will compile, and everything takes many times longer than it ever
 * will again: then it is ten times the usual time. The runtime's own start is not looked at.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class StallThreshold {
    static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final int WARM_UP_FACTOR = 10;

    private final long nanos;
    private final long startTasks;
    private boolean ready;
    private long warmNanos;
    private boolean warm;

    /**
     * @param nanos the usual time
     * @param startTasks how many tasks a shard has run when it is ready
     */
    StallThreshold(long nanos, long startTasks) {
        this.nanos = nanos;
        this.startTasks = startTasks;
    }

    /** Whether a shard that has run {@code tasks} is ready. */
    boolean isReady(long tasks) {
        return tasks >= startTasks;
    }

    /** For a task of a ready shard that is seen for the first time. */
    long nanos(long now) {
        if (!ready) {
            ready = true;
            warmNanos = now + WARM_UP_NANOS;
        }
        warm |= now - warmNanos >= 0;
        return warm ? nanos : nanos * WARM_UP_FACTOR;
    }
}
