package io.byssus.runtime.reactor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A variable with one value per shard: what a thread-local is to a thread. Reading it is two array
 * loads.
 *
 * <p><b>Ownership:</b> each value is confined to its shard; the key may be used by any.
 *
 * @param <T> the type of the values
 */
public final class ShardLocal<T> {
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final int index = KEYS.getAndIncrement();
    private final Function<Reactor, T> initial;

    /**
     * @param initial makes a shard's value when it is first asked for, on that shard
     */
    public ShardLocal(Function<Reactor, T> initial) {
        this.initial = initial;
    }

    /**
     * The value on the calling fiber's shard.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public T get() {
        return get(Reactor.current());
    }

    /** The value on {@code reactor}'s shard; for a caller on that shard. */
    @SuppressWarnings("unchecked")
    public T get(Reactor reactor) {
        Object value = reactor.local(index);
        return value != null ? (T) value : initialise(reactor);
    }

    /** The value on {@code reactor}'s shard, or null if there is none yet. From any thread. */
    @SuppressWarnings("unchecked")
    public T getOrNull(Reactor reactor) {
        return (T) reactor.local(index);
    }

    /** Sets the value on {@code reactor}'s shard; on that shard, or before its first turn. */
    public void set(Reactor reactor, T value) {
        reactor.local(index, value);
    }

    private T initialise(Reactor reactor) {
        T value = initial.apply(reactor);
        reactor.local(index, value);
        return value;
    }
}
