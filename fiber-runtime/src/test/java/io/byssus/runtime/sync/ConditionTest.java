package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import org.junit.jupiter.api.Test;

class ConditionTest {
    @Test
    void signalIsForTheOneThatHasWaitedLongest() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            condition.signal(); // nobody waits: forgotten
            scenario.attempt("a", () -> condition.await());
            scenario.attempt("b", () -> condition.await(SECOND));
            scenario.attempt("c", () -> condition.await(Deadline.after(SECOND)));
            assertThat(condition).hasToString("condition 'change' (3 wait)");
            condition.signal();
            scenario.settle();
            assertThat(scenario.served).containsExactly("a");
            condition.signalAll();
            scenario.settle();
            assertThat(scenario.served).containsExactly("a", "b", "c");
        });
    }

    @Test
    void waitsUntilWhatIsWaitedForHolds() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            int[] level = {0};
            scenario.attempt("zero", () -> condition.await(() -> level[0] == 0));
            scenario.attempt("two", () -> condition.await(() -> level[0] >= 2));
            scenario.attempt("one", () -> condition.await(() -> level[0] >= 1, SECOND));
            assertThat(scenario.served).containsExactly("zero");
            level[0] = 1;
            condition.signalAll();
            scenario.settle();
            assertThat(scenario.served).containsExactly("zero", "one");
            level[0] = 2;
            condition.signal();
            scenario.settle();
            assertThat(scenario.served).containsExactly("zero", "one", "two");
        });
    }

    @Test
    void oneThatFindsNothingKeepsItsPlace() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("items");
            int[] items = {0};
            for (String name : new String[] {"a", "b", "c"}) {
                scenario.attempt(
                        name,
                        () -> {
                            condition.await(() -> items[0] > 0);
                            items[0]--;
                        });
            }
            condition.signal();
            condition.signal();
            scenario.settle();
            assertThat(condition.waiting()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                items[0]++;
                condition.signal();
                scenario.settle();
            }
            assertThat(scenario.served).containsExactly("a", "b", "c");
        });
    }

    @Test
    void timeoutAndCancellationEndTheWaitAndASignalGoesToTheNext() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            Attempt late = scenario.attempt("late", () -> condition.await(SECOND));
            Attempt never = scenario.attempt("never", () -> condition.await(() -> false, SECOND));
            Attempt cancelled = scenario.attempt("cancelled", () -> condition.await(() -> false));
            scenario.attempt("next", () -> condition.await());
            cancelled.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(late.failure()).isInstanceOf(WaitTimeoutException.class);
            assertThat(never.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageStartingWith("timed out in condition 'change'");
            assertThat(cancelled.wasCancelled()).isTrue();
            condition.signal();
            scenario.settle();
            assertThat(scenario.served).containsExactly("next");
        });
    }

    @Test
    void signalBeatsTheTimeoutAndTheCancellationThatComeWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            Attempt expired = scenario.attempt("expired", () -> condition.await(SECOND));
            scenario.expireTimers();
            condition.signal();
            scenario.settle();
            assertThat(expired.failure()).isNull();
            Attempt cancelled = scenario.attempt("cancelled", () -> condition.await());
            cancelled.cancel();
            condition.signal();
            scenario.settle();
            assertThat(cancelled.failure()).isNull();
            assertThat(cancelled.isToBeCancelled()).isTrue();
        });
    }

    @Test
    void whatHoldsAtTheDeadlineIsInTimeWithoutASignalToo() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            boolean[] holds = {false};
            Attempt attempt = scenario.attempt("a", () -> condition.await(() -> holds[0], SECOND));
            holds[0] = true;
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(attempt.failure()).isNull();
        });
    }

    @Test
    void holderOfAMutexUnlocksAndMissesNothing() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            Condition condition = new Condition("change");
            scenario.attempt(
                    "waiter",
                    () -> {
                        mutex.lock();
                        mutex.unlock();
                        condition.await();
                        mutex.lock();
                        mutex.unlock();
                    });
            scenario.attempt(
                    "signaller",
                    () -> {
                        try (var _ = mutex.hold()) {
                            condition.signal();
                        }
                    });
            assertThat(scenario.served).containsExactly("signaller", "waiter");
        });
    }

    @Test
    void conditionThatThrowsEndsTheWait() throws Throwable {
        SyncScenario.run(scenario -> {
            Condition condition = new Condition("change");
            boolean[] broken = {false};
            Attempt attempt =
                    scenario.attempt(
                            "a",
                            () ->
                                    condition.await(() -> {
                                        if (broken[0]) {
                                            throw new UnsupportedOperationException();
                                        }
                                        return false;
                                    }));
            broken[0] = true;
            condition.signal();
            scenario.settle();
            assertThat(attempt.failure()).isInstanceOf(UnsupportedOperationException.class);
            assertThat(condition.waiting()).isZero();
            assertThatThrownBy(() -> condition.await(SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }
}
