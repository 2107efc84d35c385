package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What an observer sees of a fiber that waits. */
class AwaitedTest {
    @Test
    void fiberThatWaitsShowsWhatFor() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("g");
            gate.enter();
            Semaphore semaphore = new Semaphore("s", 0);
            semaphore.resize(1);
            semaphore.acquire(1);
            BoundedQueue<String> queue = new BoundedQueue<>("q", 1);
            Condition condition = new Condition("c");
            Latch latch = new Latch("l", 1);
            Promise<String> promise = new Promise<>("p");
            List<Attempt> attempts = new ArrayList<>();
            attempts.add(scenario.attempt("a", () -> gate.close()));
            attempts.add(scenario.attempt("a", () -> semaphore.acquire(1, SECOND)));
            attempts.add(scenario.attempt("a", () -> queue.take()));
            attempts.add(scenario.attempt("a", () -> condition.await()));
            attempts.add(scenario.attempt("a", () -> latch.await()));
            attempts.add(scenario.attempt("a", () -> promise.await()));
            List<String> seen =
                    attempts.stream()
                            .map(attempt -> LockSupport.getBlocker(attempt.thread()))
                            .map(Awaited.class::cast)
                            .peek(awaited -> assertThat(awaited.holders()).isEmpty())
                            .map(Awaited::toString)
                            .toList();
            assertThat(seen)
                    .containsExactly(
                            "gate 'g' (closed, 1 inside)",
                            "semaphore 's' (0 of 1 units free, 1 wait)",
                            "queue 'q' (0 of 1 items, 0 wait to put, 1 to take)",
                            "condition 'c' (1 wait)",
                            "latch 'l' (count 1, 1 wait)",
                            "promise 'p' (open, 1 wait)");
            attempts.forEach(Attempt::cancel);
        });
    }

    @Test
    void locksLeadFromWaiterToHolderAroundADeadlock() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("m");
            ReadWriteLock lock = new ReadWriteLock("l");
            Attempt first = scenario.attempt("first", both(mutex, lock.write()));
            Attempt second = scenario.attempt("second", both(lock.read(), mutex));
            scenario.advance(SECOND.multipliedBy(2));

            Awaited awaitedByFirst = (Awaited) LockSupport.getBlocker(first.thread());
            Awaited awaitedBySecond = (Awaited) LockSupport.getBlocker(second.thread());
            assertThat(awaitedByFirst).hasToString("write lock 'l' (1 read, 1 wait)");
            assertThat(awaitedByFirst.holders()).containsExactly(second.thread());
            assertThat(awaitedBySecond).hasToString("mutex 'm' (held by fiber 'first', 1 wait)");
            assertThat(awaitedBySecond.holders()).containsExactly(first.thread());

            first.cancel();
            scenario.settle();
            assertThat(first.wasCancelled()).isTrue();
            assertThat(scenario.served).as("went on").containsExactly("second");
        });
    }

    private static FiberTask both(Lock first, Lock second) {
        return () -> {
            try (var _ = first.hold()) {
                Fiber.sleep(SECOND);
                try (var _ = second.hold()) {
                    assertThat(first.isLocked()).isTrue();
                }
            }
        };
    }
}
