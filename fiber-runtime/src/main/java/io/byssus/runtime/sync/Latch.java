package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;

/**
 * A count that goes down to zero, and whoever wants may wait for that: for so many fibers to be
 * ready, or to be done. It is used once.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Latch extends Confined {
    private final WaitQueue waiters = new WaitQueue(this);
    private int count;

    /**
     * @param count how often {@link #countDown} is to be called; with zero the latch is open
     * @throws IllegalArgumentException if {@code count} is negative
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Latch(String name, int count) {
        super("latch", name);
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count + ": must not be negative");
        }
        this.count = count;
    }

    /**
     * Counts one down; the last one lets all go on that wait, in their order. Never parks.
     *
     * @throws IllegalStateException if the count is zero already
     */
    public void countDown() {
        requireShard();
        if (count == 0) {
            throw new IllegalStateException(description() + ": its count is zero already");
        }
        count--;
        if (count == 0) {
            waiters.grantAll();
        }
    }

    /** Parks until the count is zero. */
    public void await() {
        preemptionPoint();
        if (count > 0) {
            await(NO_LIMIT);
        }
    }

    /**
     * As {@link #await()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if that was not enough
     */
    public void await(Duration limit) {
        requireLimit(limit);
        preemptionPoint();
        if (count > 0) {
            await(deadlineNanos(limit));
        }
    }

    /** As {@link #await(Duration)}, until {@code deadline}. */
    public void await(Deadline deadline) {
        preemptionPoint();
        if (count > 0) {
            await(deadline.nanos());
        }
    }

    /** How often it is still to be counted down. From any thread; elsewhere it may be late. */
    public int count() {
        return count;
    }

    private void await(long deadlineNanos) {
        if (waiters.await(0, deadlineNanos) == WaitQueue.Result.TIMED_OUT) {
            throw timeout();
        }
    }

    @Override
    String state() {
        return "count " + count + ", " + waiters.size() + " wait";
    }
}
