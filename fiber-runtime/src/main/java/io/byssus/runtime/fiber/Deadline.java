package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A point on the shard's clock until which something may take.
 *
 * <p><b>Ownership:</b> immutable; meaningful on shards of the same runtime.
 */
public final class Deadline {
    /** No limit. */
    public static final Deadline NONE = new Deadline(Long.MAX_VALUE);

    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    /**
     * {@code duration} from now.
     *
     * @throws IllegalArgumentException if {@code duration} is negative
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Deadline after(Duration duration) {
        return new Deadline(nanosAfter(Reactor.current(), nanos(duration)));
    }

    /** On the clock of {@link Reactor}; {@code Long.MAX_VALUE} for {@link #NONE}. */
    public long nanos() {
        return nanos;
    }

    /** As nanoseconds; beyond the 292 years that fit, as many as fit. */
    static long nanos(Duration duration) {
        return TimeUnit.NANOSECONDS.convert(duration);
    }

    static long nanosAfter(Reactor reactor, long durationNanos) {
        if (durationNanos < 0) {
            throw new IllegalArgumentException("duration=" + durationNanos + " ns");
        }
        long nanos = reactor.clock().nanoTime() + durationNanos;
        return nanos < 0 ? Long.MAX_VALUE - 1 : nanos;
    }

    @Override
    public String toString() {
        return this == NONE ? "Deadline[none]" : "Deadline[" + nanos + "]";
    }
}
