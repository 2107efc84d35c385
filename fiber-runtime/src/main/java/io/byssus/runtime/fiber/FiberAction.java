package io.byssus.runtime.fiber;

/**
 * As {@link FiberCall}, without a result.
 *
 * @param <X> what it throws; the compiler infers it from a lambda
 */
@FunctionalInterface
public interface FiberAction<X extends Exception> {
    void run() throws X;
}
