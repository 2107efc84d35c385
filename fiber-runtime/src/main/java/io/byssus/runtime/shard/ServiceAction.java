package io.byssus.runtime.shard;

/**
 * What is done to a service's instance on one shard, and runs there.
 *
 * @param <T> the service
 * @param <X> what it throws; the compiler infers it from a lambda
 */
@FunctionalInterface
public interface ServiceAction<T, X extends Exception> {
    void accept(T service) throws X;
}
