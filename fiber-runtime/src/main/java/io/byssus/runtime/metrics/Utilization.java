package io.byssus.runtime.metrics;

import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.time.Clock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;

/**
 * How busy a shard was since the last reading: its carrier's processor time, which the kernel
 * counts anyway, so that the loop reads no clock for it. Idle polling counts as busy.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class Utilization {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Clock clock;
    private final LongSupplier carrierNanos;
    private long lastCarrierNanos;
    private long lastNanos;
    private double last;

    /**
     * @param carrierNanos processor time of a carrier; negative if it has ended
     */
    Utilization(Clock clock, LongSupplier carrierNanos) {
        this.clock = clock;
        this.carrierNanos = carrierNanos;
        this.lastCarrierNanos = carrierNanos.getAsLong();
        this.lastNanos = clock.nanoTime();
    }

    static Utilization of(Shard shard) {
        long carrier = shard.carrierId();
        return new Utilization(shard.reactor().clock(), () -> THREADS.getThreadCpuTime(carrier));
    }

    synchronized double read() {
        long ofCarrier = carrierNanos.getAsLong();
        long nanos = clock.nanoTime();
        if (ofCarrier < 0 || nanos <= lastNanos) {
            return last;
        }
        last = Math.clamp((ofCarrier - lastCarrierNanos) / (double) (nanos - lastNanos), 0.0, 1.0);
        lastCarrierNanos = ofCarrier;
        lastNanos = nanos;
        return last;
    }
}
