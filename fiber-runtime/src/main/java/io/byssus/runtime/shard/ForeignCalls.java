package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Calls into a shard from threads that are not its runtime's: bounded like the rings between
 * shards, by a semaphore, since such threads may block.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class ForeignCalls {
    private final Shards shards;
    private final Reactor target;
    private final Semaphore slots = new Semaphore(CallRing.CAPACITY, true);

    ForeignCalls(Shards shards, Reactor target) {
        this.shards = shards;
        this.target = target;
    }

    <T> T call(Callable<T> body) throws Exception {
        acquire();
        CompletableFuture<T> outcome = new CompletableFuture<>();
        outcome.whenComplete((result, failure) -> slots.release());
        CompletableFuture<Fiber<?>> fiber = shards.start(target, "submitTo", body, outcome);
        try {
            return outcome.get();
        } catch (InterruptedException e) {
            fiber.thenAccept(Fiber::cancel);
            throw Cancellations.exception("a call to shard " + target.shard());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        }
    }

    private void acquire() {
        try {
            slots.acquire();
        } catch (InterruptedException e) {
            throw Cancellations.exception("a call to shard " + target.shard());
        }
    }
}
