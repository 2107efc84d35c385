package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Thrown;
import java.util.ArrayList;
import java.util.List;

/**
 * One call to each of several shards, all at once.
 *
 * <p><b>Ownership:</b> confined to the calling fiber.
 */
final class FanOut<R> {
    private final ShardFunction<R, ?> body;

    /** One for each target; null in the place of the caller's own shard. */
    private final List<ShardCall<R>> calls = new ArrayList<>();

    private R ownResult;
    private Throwable ownFailure;

    private FanOut(ShardFunction<R, ?> body) {
        this.body = body;
    }

    /**
     * Runs {@code body} on each of {@code targets}, on the caller's own shard too if it is one of
     * them, and waits for all, also when one fails.
     *
     * @return the results, in the order of {@code targets}
     * @throws Exception what the first in that order threw; what others threw is suppressed in it
     * @throws FiberCancelledException if the caller is cancelled; then so are the calls
     */
    static <R> List<R> run(Shards shards, List<Integer> targets, ShardFunction<R, ?> body)
            throws Exception {
        if (targets.isEmpty()) {
            return List.of();
        }
        if (!shards.isCallersOwn()) {
            return shards.<List<R>, Exception>submitTo(
                    targets.getFirst(), () -> run(shards, targets, body));
        }
        FanOut<R> fanOut = new FanOut<>(body);
        fanOut.toTheEnd(shards, targets);
        return fanOut.results();
    }

    /** All calls have an answer when this returns; when it throws, they are abandoned. */
    private void toTheEnd(Shards shards, List<Integer> targets) {
        int here = Shard.current().id();
        boolean ended = false;
        try {
            for (int target : targets) {
                ShardCall<R> call = null;
                if (target != here) {
                    call = shards.newCall(target, body);
                    call.send();
                }
                calls.add(call);
            }
            if (targets.contains(here)) {
                runHere();
            }
            for (ShardCall<R> call : calls) {
                if (call != null) {
                    call.awaitAnswer();
                }
            }
            ended = true;
        } finally {
            if (!ended) {
                calls.stream().filter(call -> call != null).forEach(ShardCall::abandon);
            }
        }
    }

    private void runHere() {
        try {
            ownResult = body.call();
        } catch (FiberCancelledException e) {
            throw e; // the caller was cancelled, in the body
        } catch (Throwable e) {
            ownFailure = e;
        }
    }

    private List<R> results() throws Exception {
        Throwable first = null;
        List<R> results = new ArrayList<>(calls.size());
        for (ShardCall<R> call : calls) {
            results.add(call == null ? ownResult : call.result());
            Throwable failure = call == null ? ownFailure : call.failure();
            if (first == null) {
                first = failure;
            } else if (failure != null && failure != first) {
                first.addSuppressed(failure);
            }
        }
        if (first != null) {
            throw Thrown.exception(first);
        }
        return results;
    }
}
