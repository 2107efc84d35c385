package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Items on their way from fibers to fibers, so many at most: who puts into a full queue waits, and
 * who takes from an empty one.
 *
 * <p>Items leave in the order in which they were put. Fibers that wait to put, and fibers that wait
 * to take, are each served in the order of arrival; an item goes straight to the one that has
 * waited longest for one.
 *
 * <p>It ends in one of two ways. {@link #close}: nothing more is put, what is there can be taken,
 * then takers learn that it is closed. {@link #abort}: both sides fail at once, and what was there
 * is given to the one who aborts.
 *
 * <p><b>Ownership:</b> confined to its shard. An item belongs to the queue from the moment that
 * {@code put} returns; if {@code put} throws, it is still the caller's.
 *
 * @param <T> the type of the items, which are not null
 */
public final class BoundedQueue<T> extends Confined {
    private enum State {
        OPEN,
        CLOSED,
        /** What was in it is gone. */
        ABORTED
    }

    private final WaitQueue putters = new WaitQueue(this);
    private final WaitQueue takers = new WaitQueue(this);
    private final ArrayDeque<T> items = new ArrayDeque<>();
    private final int capacity;
    private State state = State.OPEN;

    /** How it ended, for messages. */
    private String ending = " is closed";

    /** Why it was aborted, or null. */
    private Throwable cause;

    /**
     * An empty queue.
     *
     * @param capacity how many items it holds at most
     * @throws IllegalArgumentException if {@code capacity} is not positive
     * @throws IllegalStateException if the caller is not on a shard
     */
    public BoundedQueue(String name, int capacity) {
        this("queue", name, capacity);
    }

    BoundedQueue(String kind, String name, int capacity) {
        super(kind, name);
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity=" + capacity + ": must be positive");
        }
        this.capacity = capacity;
    }

    /**
     * Adds {@code item}; parks while the queue is full.
     *
     * @throws ClosedException if the queue is closed, before or meanwhile
     * @throws BrokenException if it is aborted, before or meanwhile
     */
    public void put(T item) {
        if (!putAtOnce(item)) {
            awaitRoom(item, NO_LIMIT);
        }
    }

    /**
     * As {@link #put(Object)}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if there was no room by then
     */
    public void put(T item, Duration limit) {
        requireLimit(limit);
        if (!putAtOnce(item)) {
            awaitRoom(item, deadlineNanos(limit));
        }
    }

    /** As {@link #put(Object, Duration)}, until {@code deadline}. */
    public void put(T item, Deadline deadline) {
        if (!putAtOnce(item)) {
            awaitRoom(item, deadline.nanos());
        }
    }

    /**
     * Adds {@code item} if there is room; never parks.
     *
     * @return whether it did
     * @throws ClosedException if the queue is closed
     * @throws BrokenException if it is aborted
     */
    public boolean offer(T item) {
        requireShard();
        return add(item);
    }

    /**
     * The next item; parks while the queue is empty.
     *
     * @throws ClosedException if the queue is empty and closed, before or meanwhile
     * @throws BrokenException if it is aborted, before or meanwhile
     */
    public T take() {
        return unlessAtEnd(takeOrNull());
    }

    /**
     * As {@link #take()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if there was no item by then
     */
    public T take(Duration limit) {
        return unlessAtEnd(takeOrNull(limit));
    }

    /** As {@link #take(Duration)}, until {@code deadline}. */
    public T take(Deadline deadline) {
        return unlessAtEnd(takeOrNull(deadline));
    }

    /**
     * The next item, if there is one; never parks. Empty as well if the queue is closed.
     *
     * @throws BrokenException if it is aborted
     */
    public Optional<T> poll() {
        requireShard();
        return Optional.ofNullable(remove());
    }

    /**
     * Takes up to {@code max} items, those of fibers that wait to put included; never parks.
     *
     * @param target where they are added, in their order
     * @return how many there were
     * @throws IllegalArgumentException if {@code max} is negative
     * @throws BrokenException if the queue is aborted
     */
    public int drainTo(Collection<? super T> target, int max) {
        requireShard();
        if (max < 0) {
            throw new IllegalArgumentException("max=" + max + ": must not be negative");
        }
        int count = 0;
        T item;
        while (count < max && (item = remove()) != null) {
            target.add(item);
            count++;
        }
        return count;
    }

    /**
     * Ends the queue in good order: nothing more is put, and what is there can still be taken.
     * Fibers that wait to put fail with {@link ClosedException} and keep their items. Never parks.
     *
     * @throws IllegalStateException if it was closed or aborted already
     */
    public void close() {
        requireShard();
        if (state != State.OPEN) {
            throw new IllegalStateException(description() + " was closed already");
        }
        state = State.CLOSED;
        putters.refuseAll();
        takers.refuseAll();
    }

    /**
     * Ends the queue at once, for both sides; also one that is closed. All that wait, and all that
     * come later, fail with {@link BrokenException}; a fiber that waits to put keeps its item.
     * Never parks.
     *
     * @param cause what they are told
     * @return what was in the queue; it is the caller's now
     * @throws IllegalStateException if it was aborted already
     */
    public List<T> abort(Throwable cause) {
        requireShard();
        if (state == State.ABORTED) {
            throw new IllegalStateException(description() + " was aborted already", this.cause);
        }
        this.cause = requireCause(cause);
        return drop(" was aborted");
    }

    /** Ends it at once, for what {@code ending} says. */
    List<T> drop(String ending) {
        this.ending = ending;
        state = State.ABORTED;
        List<T> rest = new ArrayList<>(items);
        items.clear();
        putters.refuseAll();
        takers.refuseAll();
        return rest;
    }

    /** How many items it holds. From any thread; elsewhere it may be late. */
    public int size() {
        return items.size();
    }

    /** How many items it holds at most. */
    public int capacity() {
        return capacity;
    }

    /** Whether it was closed or aborted. From any thread; elsewhere it may be late. */
    public boolean isClosed() {
        return state != State.OPEN;
    }

    boolean isAborted() {
        return state == State.ABORTED;
    }

    /** As {@link #take()}, but null when the queue is closed and empty. */
    T takeOrNull() {
        T item = removeAtOnce();
        return item != null ? item : awaitItem(NO_LIMIT);
    }

    /** As {@link #take(Duration)}, but null when the queue is closed and empty. */
    T takeOrNull(Duration limit) {
        requireLimit(limit);
        T item = removeAtOnce();
        return item != null ? item : awaitItem(deadlineNanos(limit));
    }

    /** As {@link #take(Deadline)}, but null when the queue is closed and empty. */
    T takeOrNull(Deadline deadline) {
        T item = removeAtOnce();
        return item != null ? item : awaitItem(deadline.nanos());
    }

    private boolean putAtOnce(T item) {
        preemptionPoint();
        return add(item);
    }

    private T removeAtOnce() {
        preemptionPoint();
        return remove();
    }

    private boolean add(T item) {
        Objects.requireNonNull(item, "item");
        if (state != State.OPEN) {
            throw ended();
        }
        if (!takers.isEmpty()) {
            assert items.isEmpty() : "they wait, and there are " + items.size() + " items";
            takers.grant(takers.first(), item);
            return true;
        }
        if (items.size() == capacity) {
            return false;
        }
        assert putters.isEmpty() : "they wait, and there is room";
        items.add(item);
        return true;
    }

    private T remove() {
        T item = items.poll();
        if (item != null) {
            if (!putters.isEmpty()) {
                admit(putters.first());
            }
        } else if (state == State.ABORTED) {
            throw ended();
        }
        return item;
    }

    /** There is room for the item of one that waits to put. */
    @SuppressWarnings("unchecked")
    private void admit(WaitQueue.Waiter putter) {
        assert items.size() < capacity;
        items.add((T) putter.item());
        putters.grant(putter);
    }

    private void awaitRoom(T item, long deadlineNanos) {
        WaitQueue.Waiter waiter = putters.enter(1, item);
        WaitQueue.Result result = putters.await(waiter, deadlineNanos);
        putters.recycle(waiter);
        switch (result) {
            case GRANTED -> {}
            case REFUSED -> throw ended();
            case TIMED_OUT -> throw timeout();
        }
    }

    @SuppressWarnings("unchecked")
    private T awaitItem(long deadlineNanos) {
        if (state == State.CLOSED) {
            return null;
        }
        WaitQueue.Waiter waiter = takers.enter(1, null);
        WaitQueue.Result result = takers.await(waiter, deadlineNanos);
        T item = (T) waiter.item();
        takers.recycle(waiter);
        return switch (result) {
            case GRANTED -> item;
            case REFUSED -> {
                if (state == State.ABORTED) {
                    throw ended();
                }
                yield null;
            }
            case TIMED_OUT -> throw timeout();
        };
    }

    private T unlessAtEnd(T itemOrNull) {
        if (itemOrNull == null) {
            throw ended();
        }
        return itemOrNull;
    }

    private RuntimeException ended() {
        assert state != State.OPEN;
        return cause != null
                ? new BrokenException(description() + ending, cause)
                : new ClosedException(description() + ending);
    }

    @Override
    String state() {
        return (state == State.OPEN ? "" : "closed, ")
                + items.size()
                + " of "
                + capacity
                + " items, "
                + putters.size()
                + " wait to put, "
                + takers.size()
                + " to take";
    }
}
