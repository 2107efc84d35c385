package io.byssus.runtime.shard;

import java.util.concurrent.Callable;

/**
 * What {@link Shards#submitTo} runs on another shard.
 *
 * @param <T> the type of the result
 * @param <X> what it throws; the compiler infers it from a lambda
 */
@FunctionalInterface
public interface ShardFunction<T, X extends Exception> extends Callable<T> {
    @Override
    T call() throws X;

    /** A {@code ShardFunction<T, X>} throws nothing checked but an {@code X}. */
    @SuppressWarnings("unchecked")
    static <X extends Exception> X declared(Exception e) {
        return (X) e;
    }
}
