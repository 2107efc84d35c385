package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;

/**
 * A {@link Mutex}, or one side of a {@link ReadWriteLock}: something that a fiber holds and that
 * the same fiber gives back.
 *
 * <p>Between two points where a fiber may park no other runs, so data of one shard needs no lock
 * for that. A lock is for what must stay as it is <em>across</em> a wait: a file that is rewritten,
 * a connection on which request and answer belong together.
 *
 * <p>Locks are not reentrant: a second {@code lock} by the holder fails with an {@link
 * IllegalStateException} instead of waiting for itself. First come, first served.
 *
 * <p><b>Ownership:</b> confined to its shard; held by a thread of that shard.
 */
public abstract sealed class Lock extends Holdable permits Mutex, ReadWriteLock.Side {
    Lock(String kind, String name) {
        super(kind, name);
    }

    /**
     * Gets the lock; parks until it is free and it is the caller's turn.
     *
     * @throws IllegalStateException if the caller holds it already
     */
    public final void lock() {
        if (!takeAtOnce()) {
            await(NO_LIMIT);
        }
    }

    /**
     * As {@link #lock()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if that was not enough
     */
    public final void lock(Duration limit) {
        requireLimit(limit);
        if (!takeAtOnce()) {
            await(deadlineNanos(limit));
        }
    }

    /** As {@link #lock(Duration)}, until {@code deadline}. */
    public final void lock(Deadline deadline) {
        if (!takeAtOnce()) {
            await(deadline.nanos());
        }
    }

    /** {@link #lock()}, with {@link #unlock} when what it answers is closed. */
    public final Hold hold() {
        lock();
        return new Hold(this, 1);
    }

    /** {@link #lock(Duration)}, with {@link #unlock} when what it answers is closed. */
    public final Hold hold(Duration limit) {
        lock(limit);
        return new Hold(this, 1);
    }

    /** {@link #lock(Deadline)}, with {@link #unlock} when what it answers is closed. */
    public final Hold hold(Deadline deadline) {
        lock(deadline);
        return new Hold(this, 1);
    }

    /**
     * Gets the lock if it is free and nobody waits for it; never parks.
     *
     * @return whether it did; false as well if the caller holds it already
     */
    public final boolean tryLock() {
        requireShard();
        return take(Thread.currentThread());
    }

    /**
     * Gives the lock back, to whoever waits first. Never parks.
     *
     * @throws IllegalStateException if the caller does not hold it
     */
    public abstract void unlock();

    /** Whether somebody holds it. From any thread; elsewhere it may be late. */
    public abstract boolean isLocked();

    /** How many fibers wait for it. From any thread; elsewhere it may be late. */
    public abstract int waiting();

    /** Gets the lock for {@code thread} if that needs no wait. */
    abstract boolean take(Thread thread);

    /** Waits for the lock, which is not to be had at once. */
    abstract void await(long deadlineNanos);

    private boolean takeAtOnce() {
        preemptionPoint();
        return take(Thread.currentThread());
    }

    final IllegalStateException heldAlready(Thread thread) {
        return new IllegalStateException(
                description() + ": " + describe(thread) + " holds it already; it is not reentrant");
    }

    /** For an {@code unlock} by one who does not hold it: on which shard, and who does. */
    final IllegalStateException notHeld() {
        requireShard();
        return new IllegalStateException(
                this
                        + ": unlock by "
                        + describe(Thread.currentThread())
                        + ", which does not hold it");
    }

    @Override
    final void giveBack(long units) {
        unlock();
    }
}
