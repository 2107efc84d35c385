package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PromiseTest {
    private static final Exception CAUSE = new IOException("reset");

    private final List<String> values = new ArrayList<>();

    @Test
    void allThatWaitGetTheValueInOrder() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<String> promise = new Promise<>("answer");
            scenario.attempt("a", () -> values.add(promise.await()));
            scenario.attempt("b", () -> values.add(promise.await(SECOND)));
            scenario.attempt("c", () -> values.add(promise.await(Deadline.after(SECOND))));
            assertThat(promise).hasToString("promise 'answer' (open, 3 wait)");
            assertThat(promise.isDone()).isFalse();
            promise.complete("42");
            scenario.attempt("d", () -> values.add(promise.await()));
            assertThat(scenario.served).containsExactly("a", "b", "c", "d");
            assertThat(values).containsOnly("42").hasSize(4);
            assertThat(promise).hasToString("promise 'answer' (kept, 0 wait)");
        });
    }

    @Test
    void failureReachesAllWithItsCause() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<String> promise = new Promise<>("answer");
            Attempt before = scenario.attempt("before", () -> promise.await());
            promise.fail(CAUSE);
            Attempt after = scenario.attempt("after", () -> promise.await(SECOND));
            for (Attempt attempt : List.of(before, after)) {
                assertThat(attempt.failure())
                        .isInstanceOf(BrokenException.class)
                        .hasMessage("promise 'answer' failed: java.io.IOException: reset")
                        .hasCause(CAUSE);
            }
            assertThat(promise).hasToString("promise 'answer' (failed, 0 wait)");
        });
    }

    @Test
    void timeoutAndCancellationChangeNothingForOthers() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<String> promise = new Promise<>("answer");
            Attempt late = scenario.attempt("late", () -> promise.await(SECOND));
            Attempt cancelled = scenario.attempt("cancelled", () -> promise.await());
            scenario.attempt("patient", () -> values.add(promise.await()));
            cancelled.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(late.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageStartingWith("timed out in promise 'answer' (open, ");
            assertThat(cancelled.wasCancelled()).isTrue();
            Attempt inTime = scenario.attempt("in time", () -> promise.await(SECOND));
            scenario.expireTimers();
            promise.complete("42");
            scenario.settle();
            assertThat(inTime.failure()).isNull();
            assertThat(values).containsExactly("42");
        });
    }

    @Test
    void completionByAnotherThreadArrivesOnTheShard() throws Throwable {
        SyncScenario.run(scenario -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            Promise<String> promise = Promise.of("answer", future);
            scenario.attempt("waiter", () -> values.add(promise.await(SECOND)));
            elsewhere(() -> future.complete("42"));
            assertThat(promise.isDone()).as("not before the shard has looked").isFalse();
            scenario.settle();
            assertThat(values).containsExactly("42");
        });
    }

    @Test
    void failureByAnotherThreadArrivesUnwrapped() throws Throwable {
        SyncScenario.run(scenario -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            Promise<Integer> promise = Promise.of("answer", future.thenApply(String::length));
            Attempt waiter = scenario.attempt("waiter", () -> promise.await());
            elsewhere(() -> future.completeExceptionally(CAUSE));
            scenario.settle();
            assertThat(waiter.failure()).isInstanceOf(BrokenException.class).hasCause(CAUSE);
        });
    }

    @Test
    void stageThatIsCompleteAlreadyIsAPromiseKept() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<Void> nothing =
                    Promise.of("done", CompletableFuture.completedFuture((Void) null));
            assertThat(nothing.isDone()).isTrue();
            assertThat(nothing.await()).isNull();
            Promise<String> failed = Promise.of("failed", CompletableFuture.failedFuture(CAUSE));
            assertThatThrownBy(failed::await).isInstanceOf(BrokenException.class);
        });
    }

    @Test
    void promiseMadeOfAStageCanBeCompletedOnTheShardFirst() throws Throwable {
        SyncScenario.run(scenario -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            Promise<String> promise = Promise.of("answer", future);
            promise.complete("default");
            elsewhere(() -> future.complete("late"));
            scenario.settle();
            assertThat(promise.await()).isEqualTo("default");
        });
    }

    @Test
    void futureCompletesOnAFiberOfTheShard() throws Throwable {
        SyncScenario.run(scenario -> {
            Reactor reactor = scenario.stepped().reactor();
            CompletableFuture<String> source = new CompletableFuture<>();
            Promise<String> promise = Promise.of("answer", source);
            CompletableFuture<Boolean> onAFiber =
                    promise.toCompletableFuture()
                            .thenApply(value ->
                                    Thread.currentThread().isVirtual()
                                            && reactor.isCurrent()
                                            && value.equals("42"));
            CompletableFuture<String> cancelled = promise.toCompletableFuture();
            cancelled.cancel(true);
            assertThat(promise.isDone()).as("its future's business").isFalse();
            elsewhere(() -> source.complete("42"));
            scenario.settle();
            assertThat(onAFiber).isCompletedWithValue(true);
            assertThat(promise.toCompletableFuture()).isCompletedWithValue("42");
        });
    }

    @Test
    void futureFailsWithTheCauseItself() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<String> promise = new Promise<>("answer");
            CompletableFuture<String> future = promise.toCompletableFuture();
            promise.fail(CAUSE);
            scenario.settle();
            assertThat(future.exceptionNow()).isSameAs(CAUSE);
            assertThat(promise.toCompletableFuture().exceptionNow()).isSameAs(CAUSE);
        });
    }

    @Test
    void refusesSecondOutcome() throws Throwable {
        SyncScenario.run(scenario -> {
            Promise<String> promise = new Promise<>("answer");
            assertThatThrownBy(() -> promise.fail(null)).isInstanceOf(NullPointerException.class);
            promise.complete("42");
            assertThatThrownBy(() -> promise.complete("43"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("promise 'answer' was completed already");
            assertThatThrownBy(() -> promise.fail(CAUSE)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> promise.await(SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    /** On a platform thread, to its end. */
    private static void elsewhere(Runnable action) throws InterruptedException {
        Thread thread = Thread.ofPlatform().start(action);
        thread.join();
    }
}
