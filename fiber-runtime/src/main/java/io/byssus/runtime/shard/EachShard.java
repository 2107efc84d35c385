package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** One body on every shard; the first failure cancels the rest. */
final class EachShard {
    /** How a shard's body ended; {@code failure} is null if it returned. */
    private record Ending(int shard, Throwable failure) {}

    private EachShard() {}

    static void run(List<Shard> shards, FiberTask body) throws Exception {
        BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();
        Fiber<?>[] fibers = new Fiber<?>[shards.size()];
        for (Shard shard : shards) {
            shard.reactor().execute(() -> fibers[shard.id()] = start(shard, body, endings));
        }
        Throwable failure = null;
        for (int ended = 0; ended < shards.size(); ) {
            try {
                Throwable ending = endings.take().failure;
                ended++;
                if (ending != null && isFirstCause(failure, ending)) {
                    failure = ending;
                    cancel(shards, fibers);
                }
            } catch (InterruptedException e) {
                failure = new FiberCancelledException("cancelled in onEach");
                cancel(shards, fibers);
            }
        }
        rethrow(failure);
    }

    private static Fiber<?> start(Shard shard, FiberTask body, BlockingQueue<Ending> endings) {
        return Fiber.startOn(
                shard.reactor(),
                "onEach",
                () -> {
                    Throwable failure = null;
                    try {
                        body.run();
                    } catch (Throwable e) {
                        failure = e;
                    }
                    endings.add(new Ending(shard.id(), failure));
                    return null;
                });
    }

    /** A real failure replaces a cancellation, which may only be its consequence. */
    private static boolean isFirstCause(Throwable known, Throwable next) {
        return known == null
                || (known instanceof FiberCancelledException
                        && !(next instanceof FiberCancelledException));
    }

    private static void cancel(List<Shard> shards, Fiber<?>[] fibers) {
        for (Shard shard : shards) {
            shard.reactor()
                    .execute(() -> {
                        Fiber<?> fiber = fibers[shard.id()];
                        if (fiber != null && !fiber.isDone()) {
                            fiber.cancel();
                        }
                    });
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
