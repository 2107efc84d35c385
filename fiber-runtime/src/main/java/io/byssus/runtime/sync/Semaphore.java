package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;

/**
 * A number of units that fibers take and give back: connections, bytes of memory, requests in
 * flight. Who wants more units than are free waits; first come, first served, so one who wants many
 * is not starved by those who want few, and they wait behind it.
 *
 * <p>Units have no owner: any fiber of the shard may release what another has acquired.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Semaphore extends Holdable {
    private final WaitQueue waiters = new WaitQueue(this);
    private long capacity;

    /** More than the capacity for a while after that was made less. */
    private long taken;

    /** Null unless broken. */
    private Throwable cause;

    /**
     * @param units how many there are, all of them free
     * @throws IllegalArgumentException if {@code units} is negative
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Semaphore(String name, long units) {
        super("semaphore", name);
        this.capacity = requireNotNegative(units);
    }

    /**
     * Takes {@code units}; parks until they are free and it is the caller's turn.
     *
     * @throws IllegalArgumentException if {@code units} is negative, or more than there are
     * @throws IllegalStateException if the semaphore is resized meanwhile to fewer than {@code
     *     units}
     * @throws BrokenException if the semaphore is broken, before or meanwhile
     */
    public void acquire(long units) {
        if (!takeAtOnce(units)) {
            await(units, NO_LIMIT);
        }
    }

    /**
     * As {@link #acquire(long)}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if that was not enough
     */
    public void acquire(long units, Duration limit) {
        requireLimit(limit);
        if (!takeAtOnce(units)) {
            await(units, deadlineNanos(limit));
        }
    }

    /** As {@link #acquire(long, Duration)}, until {@code deadline}. */
    public void acquire(long units, Deadline deadline) {
        if (!takeAtOnce(units)) {
            await(units, deadline.nanos());
        }
    }

    /** {@link #acquire(long)}, with {@link #release} when what it answers is closed. */
    public Hold hold(long units) {
        acquire(units);
        return new Hold(this, units);
    }

    /** {@link #acquire(long, Duration)}, with {@link #release} when what it answers is closed. */
    public Hold hold(long units, Duration limit) {
        acquire(units, limit);
        return new Hold(this, units);
    }

    /** {@link #acquire(long, Deadline)}, with {@link #release} when what it answers is closed. */
    public Hold hold(long units, Deadline deadline) {
        acquire(units, deadline);
        return new Hold(this, units);
    }

    /**
     * Takes {@code units} if they are free and nobody waits; never parks.
     *
     * @return whether it did
     * @throws IllegalArgumentException as {@link #acquire(long)}
     * @throws BrokenException if the semaphore is broken
     */
    public boolean tryAcquire(long units) {
        requireShard();
        return take(units);
    }

    /**
     * Gives {@code units} back, to whoever waits first. Never parks; also after the semaphore was
     * broken.
     *
     * @throws IllegalArgumentException if {@code units} is negative
     * @throws IllegalStateException if fewer are taken
     */
    public void release(long units) {
        requireShard();
        if (units < 0 || units > taken) {
            throw excess(units);
        }
        taken -= units;
        if (!waiters.isEmpty()) {
            serve();
        }
    }

    /**
     * From now on there are {@code units}. If there were more, nothing is taken from those who hold
     * them: nobody gets any until enough have been released. A fiber that waits for more than there
     * are now fails.
     *
     * @throws IllegalArgumentException if {@code units} is negative
     */
    public void resize(long units) {
        requireShard();
        capacity = requireNotNegative(units);
        WaitQueue.Waiter waiter = waiters.first();
        while (waiter != null) {
            WaitQueue.Waiter next = waiters.after(waiter);
            if (waiter.demand() > units) {
                waiters.refuse(waiter);
            }
            waiter = next;
        }
        serve();
    }

    /**
     * Fails all that wait and all that come later with a {@link BrokenException}, for good. What is
     * taken may still be released.
     *
     * @param cause what they are told
     * @throws IllegalStateException if it is broken already
     */
    public void broken(Throwable cause) {
        requireShard();
        if (this.cause != null) {
            throw new IllegalStateException(description() + " is broken already", this.cause);
        }
        this.cause = requireCause(cause);
        waiters.refuseAll();
    }

    /** How many units there are. From any thread; elsewhere it may be late. */
    public long capacity() {
        return capacity;
    }

    /**
     * How many units are free; negative for a while after a {@link #resize} to fewer than are
     * taken. From any thread; elsewhere it may be late.
     */
    public long free() {
        return capacity - taken;
    }

    /** How many fibers wait. From any thread; elsewhere it may be late. */
    public int waiting() {
        return waiters.size();
    }

    private boolean takeAtOnce(long units) {
        preemptionPoint();
        return take(units);
    }

    private boolean take(long units) {
        if (units < 0 || units > capacity || cause != null) {
            throw refusal(units);
        }
        if (units > capacity - taken || !waiters.isEmpty()) {
            return false;
        }
        taken += units;
        return true;
    }

    private void await(long units, long deadlineNanos) {
        WaitQueue.Result result = WaitQueue.Result.TIMED_OUT;
        try {
            result = waiters.await(units, deadlineNanos);
        } finally {
            if (result == WaitQueue.Result.TIMED_OUT) {
                serve(); // the next one may want less
            }
        }
        switch (result) {
            case GRANTED -> {}
            case REFUSED -> throw refusalOfWaiter(units);
            case TIMED_OUT -> throw timeout();
        }
    }

    /** Hands out what is free, in order. */
    private void serve() {
        WaitQueue.Waiter waiter;
        while ((waiter = waiters.first()) != null && waiter.demand() <= capacity - taken) {
            taken += waiter.demand();
            waiters.grant(waiter);
        }
    }

    private RuntimeException refusal(long units) {
        if (units < 0) {
            return new IllegalArgumentException("units=" + units + ": must not be negative");
        }
        if (cause != null) {
            return new BrokenException(description() + " is broken", cause);
        }
        return new IllegalArgumentException(
                "units=" + units + ": " + description() + " has only " + capacity);
    }

    private RuntimeException refusalOfWaiter(long units) {
        return cause != null
                ? refusal(units)
                : new IllegalStateException(
                        description() + " was resized while units=" + units + " were waited for");
    }

    private RuntimeException excess(long units) {
        return units < 0
                ? refusal(units)
                : new IllegalStateException(
                        "units="
                                + units
                                + ": only "
                                + taken
                                + " of "
                                + description()
                                + " are taken");
    }

    private static long requireNotNegative(long units) {
        if (units < 0) {
            throw new IllegalArgumentException("units=" + units + ": must not be negative");
        }
        return units;
    }

    @Override
    void giveBack(long units) {
        release(units);
    }

    @Override
    String state() {
        return (cause != null ? "broken, " : "")
                + free()
                + " of "
                + capacity
                + " units free, "
                + waiters.size()
                + " wait";
    }
}
