package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks shards for their live fibers. A shard that does not answer, because a fiber holds it, is
 * looked at from outside.
 */
final class Rosters {
    /**
     * The fibers of one shard.
     *
     * @param answered whether the shard has told them itself
     * @param fibers oldest first
     */
    record Roster(boolean answered, List<Fiber<?>> fibers) {}

    private Rosters() {}

    /**
     * All shards are asked at once; the answers are in the same order.
     *
     * @param limitNanos how long to wait for all of them together
     */
    static List<Roster> read(List<Reactor> shards, long limitNanos) {
        List<CompletableFuture<List<Fiber<?>>>> answers = new ArrayList<>();
        for (Reactor shard : shards) {
            CompletableFuture<List<Fiber<?>>> answer = new CompletableFuture<>();
            answers.add(answer);
            if (shard.isCurrent()) {
                answer.complete(Fiber.liveOn(shard)); // its carrier asks
            } else {
                shard.execute(() -> answer.complete(Fiber.liveOn(shard)));
            }
        }
        boolean inTime =
                await(
                        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)),
                        limitNanos);
        List<Roster> rosters = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            List<Fiber<?>> told = answers.get(i).getNow(null);
            assert told != null || !inTime;
            rosters.add(
                    told != null
                            ? new Roster(true, told.reversed())
                            : new Roster(false, Fiber.seenOn(shards.get(i)).reversed()));
        }
        return rosters;
    }

    private static boolean await(CompletableFuture<Void> all, long limitNanos) {
        try {
            Object ignored = all.get(limitNanos, TimeUnit.NANOSECONDS);
            assert ignored == null;
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it goes on with those that have answered
            return false;
        }
    }
}
