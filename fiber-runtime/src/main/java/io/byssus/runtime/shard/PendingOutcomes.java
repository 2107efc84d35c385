package io.byssus.runtime.shard;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What threads outside the runtime wait for. A fiber that never ends would leave them waiting when
 * the runtime has gone, so the shutdown fails what is left.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class PendingOutcomes {
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();

    /** Keeps {@code outcome} until it is completed. */
    void add(CompletableFuture<?> outcome) {
        pending.add(outcome);
        outcome.whenComplete((result, failure) -> pending.remove(outcome));
    }

    void failAll(IllegalStateException failure) {
        pending.forEach(outcome -> outcome.completeExceptionally(failure));
    }
}
