package io.byssus.runtime.reactor;

import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;

/**
 * How a reactor spends its time and memory.
 *
 * @param taskQuotaNanos how long a turn runs tasks before it looks for I/O; positive
 * @param idlePollNanos how long an idle shard polls before it sleeps; 0 for not at all
 * @param bufferMode what becomes of released buffers
 * @param bufferLimits how much memory buffers may use
 */
public record ReactorOptions(
        long taskQuotaNanos,
        long idlePollNanos,
        BufferPool.Mode bufferMode,
        BufferLimits bufferLimits) {
    private static final long DEFAULT_TASK_QUOTA_NANOS = 500_000;

    public ReactorOptions {
        if (taskQuotaNanos <= 0 || idlePollNanos < 0) {
            throw new IllegalArgumentException(
                    "taskQuotaNanos=" + taskQuotaNanos + " idlePollNanos=" + idlePollNanos);
        }
    }

    /** Without limits on buffers. */
    public ReactorOptions(long taskQuotaNanos, long idlePollNanos, BufferPool.Mode bufferMode) {
        this(taskQuotaNanos, idlePollNanos, bufferMode, BufferLimits.NONE);
    }

    /** A quota of 0.5 ms, no idle polling, and the buffer mode of the system property. */
    public static ReactorOptions defaults() {
        return new ReactorOptions(DEFAULT_TASK_QUOTA_NANOS, 0, BufferPool.Mode.ofProperty());
    }
}
