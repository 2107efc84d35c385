package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SemaphoreTest {
    @Test
    void unitsAreTakenAndGivenBack() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.stepped()
                    .onFiber(() -> {
                        semaphore.acquire(3);
                        assertThat(semaphore.free()).isEqualTo(1);
                        semaphore.acquire(1, SECOND);
                        assertThat(semaphore.tryAcquire(1)).isFalse();
                        semaphore.release(2);
                        assertThat(semaphore.tryAcquire(2)).isTrue();
                        semaphore.release(4);
                        semaphore.acquire(0);
                    });
            assertThat(semaphore.free()).isEqualTo(4);
            assertThat(semaphore.capacity()).isEqualTo(4);
        });
    }

    @Test
    void holdGivesBackWhenItIsClosedOnce() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.stepped()
                    .onFiber(() -> {
                        try (var _ = semaphore.hold(2);
                                var _ = semaphore.hold(1, SECOND);
                                var _ = semaphore.hold(1, Deadline.after(SECOND))) {
                            assertThat(semaphore.free()).isZero();
                        }
                        assertThat(semaphore.free()).isEqualTo(4);
                        Hold hold = semaphore.hold(1);
                        hold.close();
                        assertThatThrownBy(hold::close)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("this hold was closed already");
                        assertThat(semaphore.free()).isEqualTo(4);
                    });
        });
    }

    @Test
    void waitersAreServedInOrderAndNewcomersDoNotOvertake() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.attempt("holder", () -> semaphore.acquire(3));
            scenario.attempt("greedy", () -> semaphore.acquire(4));
            scenario.attempt("modest", () -> semaphore.acquire(1));
            assertThat(semaphore.tryAcquire(1)).as("a unit is free, but others wait").isFalse();
            assertThat(semaphore.waiting()).isEqualTo(2);
            assertThat(semaphore).hasToString("semaphore 'db' (1 of 4 units free, 2 wait)");
            semaphore.release(3);
            scenario.settle();
            semaphore.release(4);
            scenario.settle();
            assertThat(scenario.served).containsExactly("holder", "greedy", "modest");
            assertThat(semaphore.free()).isEqualTo(3);
        });
    }

    @Test
    void timeoutTakesNothingAndLetsThoseBehindGo() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.attempt("holder", () -> semaphore.acquire(3));
            Attempt greedy = scenario.attempt("greedy", () -> semaphore.acquire(2, SECOND));
            scenario.attempt("modest", () -> semaphore.acquire(1));
            assertThat(scenario.served).containsExactly("holder");
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(greedy.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessage("timed out in semaphore 'db' (0 of 4 units free, 0 wait)");
            assertThat(scenario.served).containsExactly("holder", "modest");
        });
    }

    @Test
    void cancellationTakesNothingAndLetsThoseBehindGo() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.attempt("holder", () -> semaphore.acquire(3));
            Attempt greedy = scenario.attempt("greedy", () -> semaphore.acquire(2, SECOND));
            scenario.attempt("modest", () -> semaphore.acquire(1));
            greedy.cancel();
            scenario.settle();
            assertThat(greedy.wasCancelled()).isTrue();
            assertThat(scenario.served).containsExactly("holder", "modest");
        });
    }

    @Test
    void zeroLimitAndPastDeadlineTakeWhatIsFree() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 1);
            Deadline past = Deadline.after(Duration.ZERO);
            scenario.advance(SECOND);
            scenario.stepped()
                    .onFiber(() -> {
                        semaphore.acquire(1, past);
                        semaphore.release(1);
                        semaphore.acquire(1, Duration.ZERO);
                    });
            Attempt zero = scenario.attempt("zero", () -> semaphore.acquire(1, Duration.ZERO));
            Attempt late = scenario.attempt("late", () -> semaphore.acquire(1, past));
            scenario.advance(Duration.ofMillis(1));
            assertThat(zero.failure()).isInstanceOf(WaitTimeoutException.class);
            assertThat(late.failure()).isInstanceOf(WaitTimeoutException.class);
        });
    }

    @Test
    void handOverBeatsTheCancellationAndTheTimeoutThatComeWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 1);
            HandOver.assertNeverLost(
                    scenario,
                    new HandOver(
                            () -> semaphore.acquire(1),
                            () -> semaphore.acquire(1, SECOND),
                            () -> semaphore.release(1)));
            assertThat(semaphore.free()).isEqualTo(1);
        });
    }

    @Test
    void brokenFailsWaitersAndLaterCallersWithTheCause() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 1);
            Exception cause = new IOException("the database is gone");
            scenario.attempt("holder", () -> semaphore.acquire(1));
            Attempt first = scenario.attempt("first", () -> semaphore.acquire(1));
            Attempt second = scenario.attempt("second", () -> semaphore.acquire(1, SECOND));
            semaphore.broken(cause);
            scenario.settle();
            Attempt later = scenario.attempt("later", () -> semaphore.acquire(1));
            for (Attempt fiber : List.of(first, second, later)) {
                assertThat(fiber.failure())
                        .isInstanceOf(BrokenException.class)
                        .hasMessage(
                                "semaphore 'db' is broken: java.io.IOException: the database is"
                                        + " gone")
                        .hasCause(cause);
            }
            assertThatThrownBy(() -> semaphore.tryAcquire(1)).isInstanceOf(BrokenException.class);
            assertThatThrownBy(() -> semaphore.broken(cause))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is broken already");
            semaphore.release(1);
            assertThat(semaphore).hasToString("semaphore 'db' (broken, 1 of 1 units free, 0 wait)");
        });
    }

    @Test
    void resizeGrowsForWaitersAndShrinksAsUnitsComeBack() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 2);
            scenario.attempt("holder", () -> semaphore.acquire(2));
            scenario.attempt("waiter", () -> semaphore.acquire(2));
            semaphore.resize(4);
            scenario.settle();
            assertThat(scenario.served).containsExactly("holder", "waiter");
            semaphore.resize(1);
            assertThat(semaphore.free()).isEqualTo(-3);
            semaphore.release(3);
            assertThat(semaphore.tryAcquire(1)).isFalse();
            semaphore.release(1);
            assertThat(semaphore.tryAcquire(1)).isTrue();
        });
    }

    @Test
    void waiterForMoreThanThereAreAfterAResizeFails() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            scenario.attempt("holder", () -> semaphore.acquire(2));
            Attempt greedy = scenario.attempt("greedy", () -> semaphore.acquire(4));
            scenario.attempt("modest", () -> semaphore.acquire(1));
            semaphore.resize(3);
            scenario.settle();
            assertThat(greedy.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("semaphore 'db' was resized while units=4 were waited for");
            assertThat(scenario.served).containsExactly("holder", "modest");
        });
    }

    @Test
    void refusesWhatCannotBe() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 4);
            assertThatThrownBy(() -> new Semaphore("db", -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("units=-1: must not be negative");
            assertThatThrownBy(() -> semaphore.acquire(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("units=-1: must not be negative");
            assertThatThrownBy(() -> semaphore.acquire(5))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("units=5: semaphore 'db' has only 4");
            assertThatThrownBy(() -> semaphore.tryAcquire(5))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> semaphore.acquire(1, SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("limit=PT-1S: must not be negative");
            assertThatThrownBy(() -> semaphore.release(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("units=-1: must not be negative");
            assertThatThrownBy(() -> semaphore.resize(-1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> semaphore.broken(null))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> new Semaphore(null, 1))
                    .isInstanceOf(NullPointerException.class);
            semaphore.acquire(1);
            assertThatThrownBy(() -> semaphore.release(2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("units=2: only 1 of semaphore 'db' are taken");
            assertThat(semaphore.free()).isEqualTo(3);
        });
    }

    @Test
    void acquiringYieldsWhenTheQuotaIsUsedUp() throws Throwable {
        SyncScenario.run(scenario -> {
            Semaphore semaphore = new Semaphore("db", 1);
            boolean[] ran = {false};
            Attempt busy =
                    scenario.attempt(
                            "busy",
                            () -> {
                                Fiber.start("neighbour", () -> ran[0] = true);
                                for (int i = 0; i < 1000; i++) {
                                    scenario.stepped().clock().advance(Duration.ofMillis(1));
                                    semaphore.acquire(1);
                                    semaphore.release(1);
                                }
                                assertThat(ran[0]).as("the neighbour had a turn").isTrue();
                            });
            assertThat(busy.failure()).isNull();
            assertThat(ran[0]).isTrue();
        });
    }
}
