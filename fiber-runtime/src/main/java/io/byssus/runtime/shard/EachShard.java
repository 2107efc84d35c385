package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** One body on every shard; the first failure cancels the rest. */
final class EachShard {
    private EachShard() {}

    static void run(Shards shards, FiberTask body) throws Exception {
        BlockingQueue<Optional<Throwable>> endings = new LinkedBlockingQueue<>();
        List<CompletableFuture<Fiber<?>>> fibers = new ArrayList<>();
        for (Shard shard : shards.all()) {
            CompletableFuture<Void> outcome = new CompletableFuture<>();
            outcome.whenComplete((result, failure) -> endings.add(Optional.ofNullable(failure)));
            fibers.add(
                    shards.start(
                            shard.reactor(),
                            "onEach",
                            () -> {
                                body.run();
                                return null;
                            },
                            outcome));
        }
        rethrow(awaitAll(endings, fibers));
    }

    /** The failure to report, or null. */
    private static Throwable awaitAll(
            BlockingQueue<Optional<Throwable>> endings, List<CompletableFuture<Fiber<?>>> fibers) {
        Throwable failure = null;
        int running = fibers.size();
        while (running > 0) {
            try {
                Throwable ending = endings.take().orElse(null);
                running--;
                if (ending != null && isFirstCause(failure, ending)) {
                    failure = ending;
                    cancel(fibers);
                }
            } catch (InterruptedException e) {
                failure = Cancellations.exception("onEach");
                cancel(fibers);
            }
        }
        return failure;
    }

    /** A real failure replaces a cancellation, which may only be its consequence. */
    private static boolean isFirstCause(Throwable known, Throwable next) {
        return known == null
                || (known instanceof FiberCancelledException
                        && !(next instanceof FiberCancelledException));
    }

    private static void cancel(List<CompletableFuture<Fiber<?>>> fibers) {
        for (CompletableFuture<Fiber<?>> started : fibers) {
            started.thenAccept(Fiber::cancel);
        }
    }

    private static void rethrow(Throwable failure) throws Exception {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (Exception) failure;
        }
    }
}
