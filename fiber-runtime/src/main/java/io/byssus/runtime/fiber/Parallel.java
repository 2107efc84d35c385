package io.byssus.runtime.fiber;

import io.byssus.runtime.fiber.Scope.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Work that a fiber spreads over several of its shard and waits for: each of these is a {@link
 * Scope} with a loop. None leaves a fiber behind, however it ends; for a time limit, call it under
 * {@link Deadline#within}.
 *
 * <p>They run at the same time as fibers do, in turns while others wait. For several processors
 * there are several shards.
 */
public final class Parallel {
    private Parallel() {}

    /**
     * Runs {@code body} for each of {@code items}, each on a fiber of its own, and returns when all
     * have ended. The fibers start in the order of the items; at most {@code concurrency} of them
     * run at a time, and no item is asked for before there is room for it. The first failure
     * cancels the rest. The iterator is used by the calling fiber alone, and may park.
     *
     * @param concurrency at least one
     * @throws FiberFailedException if {@code body} threw
     * @throws FiberCancelledException if the caller is cancelled; no body runs on
     * @throws IllegalArgumentException if {@code concurrency} is less than one
     */
    public static <T> void forEach(
            Iterable<? extends T> items, int concurrency, ItemTask<? super T> body) {
        forEach(items.iterator(), concurrency, body);
    }

    /** As {@link #forEach(Iterable, int, ItemTask)}. */
    public static <T> void forEach(
            Iterator<? extends T> items, int concurrency, ItemTask<? super T> body) {
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency=" + concurrency + ": must be positive");
        }
        try (Scope scope = Scope.open("forEach")) {
            while (scope.hasRoom(concurrency) && items.hasNext()) {
                T item = items.next();
                if (scope.isCancelled()) {
                    break; // something failed while the iterator was parked
                }
                scope.start("forEach", () -> body.run(item));
            }
            scope.join();
        }
    }

    /**
     * Runs all {@code bodies} at the same time, each on a fiber of its own, until the first one
     * ends; the others are cancelled, and have ended when this returns.
     *
     * @return what the first one returned
     * @throws FiberFailedException if the first one to end has failed
     * @throws FiberCancelledException if it, or the caller, was cancelled
     * @throws IllegalArgumentException if there are no bodies
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is read here only
    public static <T> T whenAny(Callable<? extends T>... bodies) {
        return race(Policy.FIRST_END, "whenAny", Arrays.asList(bodies));
    }

    /** As {@link #whenAny(Callable[])}. */
    public static <T> T whenAny(List<? extends Callable<? extends T>> bodies) {
        return race(Policy.FIRST_END, "whenAny", bodies);
    }

    /**
     * As {@link #whenAny}, but until the first one succeeds.
     *
     * @return what that one returned
     * @throws FiberFailedException if all have failed
     * @throws FiberCancelledException if none was left to fail, or the caller is cancelled
     * @throws IllegalArgumentException if there are no bodies
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is read here only
    public static <T> T whenAnySucceeds(Callable<? extends T>... bodies) {
        return race(Policy.FIRST_SUCCESS, "whenAnySucceeds", Arrays.asList(bodies));
    }

    /** As {@link #whenAnySucceeds(Callable[])}. */
    public static <T> T whenAnySucceeds(List<? extends Callable<? extends T>> bodies) {
        return race(Policy.FIRST_SUCCESS, "whenAnySucceeds", bodies);
    }

    /**
     * Runs all {@code bodies} at the same time, each on a fiber of its own, until all have ended;
     * the first failure cancels the rest.
     *
     * @return what they returned, in their order
     * @throws FiberFailedException if one has failed
     * @throws FiberCancelledException if one of them, or the caller, was cancelled
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is read here only
    public static <T> List<T> whenAll(Callable<? extends T>... bodies) {
        return whenAll(Arrays.asList(bodies));
    }

    /** As {@link #whenAll(Callable[])}. */
    public static <T> List<T> whenAll(List<? extends Callable<? extends T>> bodies) {
        try (Scope scope = Scope.open("whenAll")) {
            List<Fiber<? extends T>> fibers = startAll(scope, "whenAll", bodies);
            scope.join();
            List<T> results = new ArrayList<>(fibers.size());
            for (Fiber<? extends T> fiber : fibers) {
                results.add(fiber.join());
            }
            return results;
        }
    }

    private static <T> T race(
            Policy policy, String name, List<? extends Callable<? extends T>> bodies) {
        if (bodies.isEmpty()) {
            throw new IllegalArgumentException("bodies=[]: at least one is needed");
        }
        try (Scope scope = Scope.open(name, policy)) {
            List<Fiber<? extends T>> fibers = startAll(scope, name, bodies);
            scope.join();
            return fibers.get(fibers.indexOf(scope.first())).join();
        }
    }

    private static <T> List<Fiber<? extends T>> startAll(
            Scope scope, String name, List<? extends Callable<? extends T>> bodies) {
        List<Fiber<? extends T>> fibers = new ArrayList<>(bodies.size());
        for (Callable<? extends T> body : bodies) {
            fibers.add(scope.start(name, body));
        }
        return fibers;
    }
}
