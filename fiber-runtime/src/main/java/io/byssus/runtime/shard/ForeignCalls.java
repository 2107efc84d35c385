package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.Thrown;
import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Calls into a shard from threads that are not its runtime's: bounded like the rings between
 * shards, by a fair semaphore, since such threads may block. A slot is taken until the call has
 * ended, so there are never more such calls on the shard.
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
        acquire(slots, "a call to shard " + target.shard());
        CompletableFuture<T> outcome = new CompletableFuture<>();
        outcome.whenComplete((result, failure) -> slots.release());
        return await(outcome, body);
    }

    /** As {@link #call(Callable)}, in a slot of {@code group}, too. */
    <T> T call(CallGroup group, int level, Callable<T> body) throws Exception {
        Semaphore groupSlots = group.foreignSlots(target.shard(), level);
        acquire(groupSlots, group.slotTo(target.shard()));
        CompletableFuture<T> outcome = new CompletableFuture<>();
        outcome.whenComplete((result, failure) -> groupSlots.release());
        try {
            acquire(slots, "a call to shard " + target.shard());
        } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
            throw e;
        }
        outcome.whenComplete((result, failure) -> slots.release());
        return await(
                outcome,
                () -> {
                    CallNesting.begin(level + 1);
                    return body.call();
                });
    }

    private <T> T await(CompletableFuture<T> outcome, Callable<T> body) throws Exception {
        CompletableFuture<Fiber<?>> fiber = shards.start(target, "submitTo", body, outcome);
        try {
            return outcome.get();
        } catch (InterruptedException e) {
            fiber.thenAccept(Fiber::cancel);
            outcome.whenComplete((result, failure) -> ShardCall.reportUnseen(failure, target));
            throw Cancellations.exception("a call to shard " + target.shard());
        } catch (ExecutionException e) {
            throw Thrown.exception(e.getCause());
        }
    }

    private static void acquire(Semaphore slots, String what) {
        try {
            slots.acquire();
        } catch (InterruptedException e) {
            throw Cancellations.exception(what);
        }
    }

    int freeSlots() {
        return slots.availablePermits();
    }
}
