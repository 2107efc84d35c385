package io.byssus.net.spi;

import io.byssus.runtime.reactor.Reactor;

/** The two time limits of {@link StackSocket}'s operations, as one. */
public final class WaitLimit {
    private WaitLimit() {}

    /**
     * When a wait that begins now ends: the earlier of the two. A timeout that ends beyond the
     * clock's range is none.
     *
     * @param timeoutNanos from now; 0 for none
     * @param deadlineNanos on the shard's clock; {@code Long.MAX_VALUE} for none
     */
    public static long nanos(Reactor reactor, long timeoutNanos, long deadlineNanos) {
        if (timeoutNanos == 0) {
            return deadlineNanos;
        }
        long now = reactor.clock().nanoTime();
        long end = now + timeoutNanos;
        return end < now ? deadlineNanos : Math.min(end, deadlineNanos);
    }
}
