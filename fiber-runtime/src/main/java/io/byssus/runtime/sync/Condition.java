package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Lets fibers wait until something holds, and others tell them to look.
 *
 * <p>It needs no mutex: on a shard nothing happens between looking and waiting. A fiber that holds
 * one for other reasons unlocks, waits, and locks again, and misses nothing; {@link Mutex#unlock}
 * does not park.
 *
 * <p>First come, first served: {@link #signal} lets the fiber go on that has waited longest. One
 * that finds that what it waits for does not hold (another fiber was quicker) keeps its place.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Condition extends Confined {
    private final WaitQueue waiters = new WaitQueue(this);

    /** Of the next one to wait; a waiter's demand is its ticket. */
    private long nextTicket;

    /**
     * A condition for which nobody waits.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Condition(String name) {
        super("condition", name);
    }

    /**
     * Parks until the next signal that is for the caller. It wakes for nothing else; but whether
     * what the caller waits for still holds when it runs is for the caller to see.
     */
    public void await() {
        await(NO_LIMIT);
    }

    /**
     * As {@link #await()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if there was no signal by then
     */
    public void await(Duration limit) {
        requireLimit(limit);
        await(deadlineNanos(limit));
    }

    /** As {@link #await(Duration)}, until {@code deadline}. */
    public void await(Deadline deadline) {
        await(deadline.nanos());
    }

    /**
     * Parks until {@code condition} holds: it looks at once, and after each signal.
     *
     * @param condition looked at by the calling fiber; must not park
     */
    public void await(BooleanSupplier condition) {
        preemptionPoint();
        if (!condition.getAsBoolean()) {
            await(condition, NO_LIMIT);
        }
    }

    /**
     * As {@link #await(BooleanSupplier)}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if it does not hold then, either
     */
    public void await(BooleanSupplier condition, Duration limit) {
        requireLimit(limit);
        preemptionPoint();
        if (!condition.getAsBoolean()) {
            await(condition, deadlineNanos(limit));
        }
    }

    /** As {@link #await(BooleanSupplier, Duration)}, until {@code deadline}. */
    public void await(BooleanSupplier condition, Deadline deadline) {
        preemptionPoint();
        if (!condition.getAsBoolean()) {
            await(condition, deadline.nanos());
        }
    }

    /**
     * Lets the fiber go on that has waited longest; without one, nothing is remembered. Where
     * fibers wait for different things, it may be the wrong one: use {@link #signalAll}. Never
     * parks.
     */
    public void signal() {
        requireShard();
        if (!waiters.isEmpty()) {
            waiters.grant(waiters.first());
        }
    }

    /** Lets all go on that wait at this moment, in their order. Never parks. */
    public void signalAll() {
        requireShard();
        waiters.grantAll();
    }

    /** How many fibers wait. From any thread; elsewhere it may be late. */
    public int waiting() {
        return waiters.size();
    }

    private void await(long deadlineNanos) {
        requireShard();
        if (waiters.await(nextTicket++, deadlineNanos) == WaitQueue.Result.TIMED_OUT) {
            throw timeout();
        }
    }

    private void await(BooleanSupplier condition, long deadlineNanos) {
        long ticket = nextTicket++;
        while (true) {
            WaitQueue.Waiter waiter = waiters.enterInOrder(ticket);
            WaitQueue.Result result = waiters.await(waiter, deadlineNanos);
            waiters.recycle(waiter);
            if (condition.getAsBoolean()) {
                return;
            }
            if (result == WaitQueue.Result.TIMED_OUT) {
                throw timeout();
            }
        }
    }

    @Override
    String state() {
        return waiters.size() + " wait";
    }
}
