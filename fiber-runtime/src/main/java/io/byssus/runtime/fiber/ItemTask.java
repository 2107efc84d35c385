package io.byssus.runtime.fiber;

/**
 * What {@link Parallel#forEach} does with each item.
 *
 * @param <T> the type of the items
 */
@FunctionalInterface
public interface ItemTask<T> {
    /** Runs on a fiber of its own. What it throws is that fiber's failure. */
    void run(T item) throws Exception;
}
