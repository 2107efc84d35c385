package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * A value that somebody will bring, once, and that any number of fibers may wait for.
 *
 * <p>It is also the bridge to code that speaks in futures: {@link #of} makes a promise of what a
 * {@link CompletionStage} will have, whichever thread completes it, and {@link
 * #toCompletableFuture} does the reverse. A thread outside of the shard completes a {@code
 * CompletableFuture} of which the shard has made a promise.
 *
 * <p><b>Ownership:</b> confined to its shard.
 *
 * @param <T> the type of the value; it may be null, as that of a {@code CompletionStage<Void>} is
 */
public final class Promise<T> extends Confined {
    private enum State {
        OPEN,
        KEPT,
        FAILED
    }

    private final WaitQueue waiters = new WaitQueue(this);
    private State state = State.OPEN;
    private T value;
    private Throwable failure;

    /** Made by {@link #toCompletableFuture} and to be completed; null if there are none. */
    private List<CompletableFuture<T>> futures;

    /**
     * A promise that nobody has kept yet.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Promise(String name) {
        super("promise", name);
    }

    /**
     * A promise of this shard that is kept, or fails, when {@code stage} completes, by whichever
     * thread. To wait for it without success changes nothing for {@code stage}.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static <T> Promise<T> of(String name, CompletionStage<? extends T> stage) {
        Promise<T> promise = new Promise<>(name);
        stage.whenComplete(promise::arrive);
        return promise;
    }

    /**
     * Keeps the promise: all that wait go on, in their order. Never parks.
     *
     * @throws IllegalStateException if it was kept or failed before
     */
    public void complete(T value) {
        requireOpen();
        this.value = value;
        settle(State.KEPT);
    }

    /**
     * Says that there will be no value: all that wait fail with a {@link BrokenException}. Never
     * parks.
     *
     * @param cause what they are told
     * @throws IllegalStateException if it was kept or failed before
     */
    public void fail(Throwable cause) {
        requireOpen();
        failure = requireCause(cause);
        settle(State.FAILED);
    }

    /**
     * The value; parks until it is there.
     *
     * @throws BrokenException if the promise fails
     */
    public T await() {
        preemptionPoint();
        if (state == State.OPEN) {
            await(NO_LIMIT);
        }
        return outcome();
    }

    /**
     * As {@link #await()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if it is neither kept nor failed by then
     */
    public T await(Duration limit) {
        requireLimit(limit);
        preemptionPoint();
        if (state == State.OPEN) {
            await(deadlineNanos(limit));
        }
        return outcome();
    }

    /** As {@link #await(Duration)}, until {@code deadline}. */
    public T await(Deadline deadline) {
        preemptionPoint();
        if (state == State.OPEN) {
            await(deadline.nanos());
        }
        return outcome();
    }

    /** Whether it is kept or has failed. From any thread; elsewhere it may be late. */
    public boolean isDone() {
        return state != State.OPEN;
    }

    /**
     * A future that completes when this promise is kept or fails, then with the cause itself. Its
     * dependent stages run on a fiber of this shard. To complete or cancel it changes nothing here.
     *
     * @return a new one at every call; for any thread
     */
    public CompletableFuture<T> toCompletableFuture() {
        requireShard();
        CompletableFuture<T> future = new CompletableFuture<>();
        if (state != State.OPEN) {
            complete(future);
        } else {
            if (futures == null) {
                futures = new ArrayList<>(1);
            }
            futures.add(future);
        }
        return future;
    }

    private void requireOpen() {
        requireShard();
        if (state != State.OPEN) {
            throw new IllegalStateException(description() + " was completed already");
        }
    }

    private void settle(State state) {
        this.state = state;
        waiters.grantAll();
        if (futures != null) {
            List<CompletableFuture<T>> all = futures;
            futures = null;
            // Dependents are anybody's code, which may park; this may be the carrier.
            Fiber.startOn(
                    home(),
                    description(),
                    () -> {
                        all.forEach(this::complete);
                        return null;
                    });
        }
    }

    private void complete(CompletableFuture<T> future) {
        if (failure != null) {
            future.completeExceptionally(failure);
        } else {
            future.complete(value);
        }
    }

    /** The stage has completed; on any thread. */
    private void arrive(T value, Throwable thrown) {
        if (home().isCurrent()) {
            land(value, thrown);
        } else {
            home().execute(() -> land(value, thrown));
        }
    }

    private void land(T value, Throwable thrown) {
        if (state != State.OPEN) {
            return; // somebody on the shard was quicker
        }
        if (thrown == null) {
            complete(value);
        } else {
            fail(unwrapped(thrown));
        }
    }

    /** A dependent stage wraps what its source threw. */
    private static Throwable unwrapped(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null
                ? thrown.getCause()
                : thrown;
    }

    private void await(long deadlineNanos) {
        if (waiters.await(0, deadlineNanos) == WaitQueue.Result.TIMED_OUT) {
            throw timeout();
        }
    }

    private T outcome() {
        if (failure != null) {
            throw new BrokenException(description() + " failed", failure);
        }
        return value;
    }

    @Override
    String state() {
        return switch (state) {
                    case OPEN -> "open";
                    case KEPT -> "kept";
                    case FAILED -> "failed";
                }
                + ", "
                + waiters.size()
                + " wait";
    }
}
