package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * One body on every shard; the first failure cancels the rest.
 *
 * <p><b>Ownership:</b> confined to the caller, a fiber or another thread; dumps look at it from
 * outside, and see what its caller waits for.
 */
final class EachShard implements Awaited {
    private final Thread caller = Thread.currentThread();
    private final Queue<Optional<Throwable>> endings = new ConcurrentLinkedQueue<>();
    private final List<CompletableFuture<Fiber<?>>> fibers;
    private int running;

    private EachShard(Shards shards, FiberTask body) {
        List<CompletableFuture<Fiber<?>>> started = new ArrayList<>();
        for (Shard shard : shards.all()) {
            CompletableFuture<Void> outcome = new CompletableFuture<>();
            outcome.whenComplete(this::ended);
            started.add(
                    shards.start(
                            shard.reactor(),
                            "onEach",
                            () -> {
                                body.run();
                                return null;
                            },
                            outcome));
        }
        fibers = List.copyOf(started);
        running = fibers.size();
    }

    static void run(Shards shards, FiberTask body) throws Exception {
        rethrow(new EachShard(shards, body).awaitAll());
    }

    /** By any thread. */
    private void ended(Void result, Throwable failure) {
        assert result == null;
        endings.add(Optional.ofNullable(failure));
        LockSupport.unpark(caller);
    }

    /** The failure to report, or null. */
    private Throwable awaitAll() {
        Throwable failure = null;
        while (running > 0) {
            try {
                Throwable ending = nextEnding().orElse(null);
                running--;
                if (ending != null && isFirstCause(failure, ending)) {
                    failure = ending;
                    cancelAll();
                }
            } catch (InterruptedException e) {
                failure = Cancellations.exception("onEach");
                cancelAll();
            }
        }
        return failure;
    }

    private Optional<Throwable> nextEnding() throws InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Optional<Throwable> ending = endings.poll();
            if (ending != null) {
                return ending;
            }
            LockSupport.park(this);
        }
    }

    /** A real failure replaces a cancellation, which may only be its consequence. */
    private static boolean isFirstCause(Throwable known, Throwable next) {
        return known == null
                || (known instanceof FiberCancelledException
                        && !(next instanceof FiberCancelledException));
    }

    private void cancelAll() {
        for (CompletableFuture<Fiber<?>> started : fibers) {
            started.thenAccept(Fiber::cancel);
        }
    }

    private static void rethrow(Throwable failure) throws Exception {
        if (failure != null) {
            throw Thrown.exception(failure);
        }
    }

    /** The fibers that have not ended, as far as they have begun. */
    @Override
    public List<Thread> holders() {
        List<Thread> threads = new ArrayList<>();
        for (CompletableFuture<Fiber<?>> started : fibers) {
            Fiber<?> fiber = started.getNow(null);
            if (fiber == null) {
                return List.of(); // whoever is to start it is not known
            }
            if (fiber.thread().isAlive()) {
                threads.add(fiber.thread());
            }
        }
        return threads;
    }

    @Override
    public String toString() {
        return "onEach (" + running + " of " + fibers.size() + " fibers live)";
    }
}
