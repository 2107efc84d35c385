package io.byssus.runtime.shard;

/**
 * What is asked of a service's instance on one shard, and runs there.
 *
 * @param <T> the service
 * @param <R> the type of the result
 * @param <X> what it throws; the compiler infers it from a lambda
 */
@FunctionalInterface
public interface ServiceFunction<T, R, X extends Exception> {
    R apply(T service) throws X;
}
