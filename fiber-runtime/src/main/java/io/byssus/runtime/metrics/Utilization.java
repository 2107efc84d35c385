package io.byssus.runtime.metrics;

import io.byssus.runtime.shard.Shard;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * How busy a shard was since the last reading: its carrier's processor time, which the kernel
 * counts anyway, so that the loop reads no clock for it. Idle polling counts as busy.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class Utilization {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Shard shard;
    private long lastCpuNanos;
    private long lastNanos;
    private double last;

    Utilization(Shard shard) {
        this.shard = shard;
        this.lastCpuNanos = cpuNanos();
        this.lastNanos = shard.reactor().clock().nanoTime();
    }

    synchronized double read() {
        long cpuNanos = cpuNanos();
        long nanos = shard.reactor().clock().nanoTime();
        if (cpuNanos < 0 || nanos <= lastNanos) {
            return last;
        }
        last = Math.clamp((cpuNanos - lastCpuNanos) / (double) (nanos - lastNanos), 0.0, 1.0);
        lastCpuNanos = cpuNanos;
        lastNanos = nanos;
        return last;
    }

    /** -1 if the carrier has ended. */
    private long cpuNanos() {
        return THREADS.getThreadCpuTime(shard.carrierId());
    }
}
