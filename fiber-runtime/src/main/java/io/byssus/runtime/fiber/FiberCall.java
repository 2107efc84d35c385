package io.byssus.runtime.fiber;

/**
 * What runs under a {@link Deadline} or an {@link AbortSource}, in the calling fiber.
 *
 * @param <T> the type of the result
 * @param <X> what it throws; the compiler infers it from a lambda
 */
@FunctionalInterface
public interface FiberCall<T, X extends Exception> {
    T call() throws X;
}
