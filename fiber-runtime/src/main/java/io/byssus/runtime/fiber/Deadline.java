package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A point on the shard's clock until which something may take.
 *
 * <p>{@link #call}, {@link #run} and {@link #within} stop a whole piece of work at that point, in
 * whatever operation it is then; a connection's and a listener's own deadlines limit only that one.
 *
 * <p><b>Ownership:</b> immutable; meaningful on shards of the same runtime.
 */
public final class Deadline {
    /** No limit. */
    public static final Deadline NONE = new Deadline(Long.MAX_VALUE);

    private final long nanos;

    /** The code under a deadline; its own timer. */
    private static final class DeadlineScope extends CancelScope {
        private final Deadline deadline;

        /** What the caller asked for; null when it gave a point in time. */
        private final Duration limit;

        DeadlineScope(Deadline deadline, Duration limit) {
            this.deadline = deadline;
            this.limit = limit;
        }

        @Override
        void watch() {
            if (deadline.nanos == Long.MAX_VALUE) {
                return;
            }
            if (deadline.nanos <= reactor().clock().nanoTime()) {
                expire();
            } else {
                reactor().arm(this, deadline.nanos);
            }
        }

        @Override
        void unwatch() {
            reactor().cancel(this);
        }

        @Override
        RuntimeException outcome(FiberCancelledException stopped) {
            return new DeadlineExceededException(stopped.getMessage(), deadline, stopped);
        }

        @Override
        String reason() {
            return limit == null
                    ? "its deadline has passed"
                    : "its limit of " + limit + " has passed";
        }
    }

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

    /**
     * Runs {@code body} in the calling fiber and stops it if it takes longer than {@code limit}:
     * {@code Deadline.after(limit).call(body)}.
     *
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public static <T, X extends Exception> T within(Duration limit, FiberCall<T, X> body) throws X {
        return new DeadlineScope(after(limit), limit).call(body);
    }

    /** As {@link #within(Duration, FiberCall)}, without a result. */
    public static <X extends Exception> void within(Duration limit, FiberAction<X> body) throws X {
        new DeadlineScope(after(limit), limit)
                .call(() -> {
                    body.run();
                    return null;
                });
    }

    /**
     * Runs {@code body} in the calling fiber, until it ends or this deadline passes. Then the
     * operation that it is parked in, or else the next one that would park, throws {@link
     * FiberCancelledException}; what need not wait is not stopped. Fibers that {@code body} has
     * started are stopped by the {@link Scope} that they belong to, as {@code body} leaves it.
     *
     * <p>Deadlines nest: the outermost that has passed decides.
     *
     * @return what {@code body} returned; also if it did so too late, but without parking
     * @throws DeadlineExceededException if {@code body} was stopped by this deadline
     * @throws FiberCancelledException if {@code body} was stopped by something further outside
     * @throws X what {@code body} threw
     * @throws IllegalStateException if the caller is not on a shard
     */
    public <T, X extends Exception> T call(FiberCall<T, X> body) throws X {
        return new DeadlineScope(this, null).call(body);
    }

    /** As {@link #call}, without a result. */
    public <X extends Exception> void run(FiberAction<X> body) throws X {
        call(() -> {
            body.run();
            return null;
        });
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
            throw new IllegalArgumentException(
                    "duration=" + Duration.ofNanos(durationNanos) + ": must not be negative");
        }
        long nanos = reactor.clock().nanoTime() + durationNanos;
        return nanos < 0 ? Long.MAX_VALUE - 1 : nanos;
    }

    @Override
    public String toString() {
        return this == NONE ? "Deadline[none]" : "Deadline[" + nanos + "]";
    }
}
