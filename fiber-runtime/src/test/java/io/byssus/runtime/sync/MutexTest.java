package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MutexTest {
    @Test
    void oneHoldsItAndTheOthersGetItInOrder() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            int[] inside = {0};
            for (int i = 0; i < 4; i++) {
                scenario.attempt(
                        "fiber-" + i,
                        () -> {
                            try (var _ = mutex.hold()) {
                                inside[0]++;
                                Fiber.sleep(SECOND);
                                assertThat(inside[0]).isEqualTo(1);
                                inside[0]--;
                            }
                        });
            }
            assertThat(mutex).hasToString("mutex 'table' (held by fiber 'fiber-0', 3 wait)");
            assertThat(mutex.waiting()).isEqualTo(3);
            for (int i = 0; i < 4; i++) {
                scenario.advance(SECOND.plusMillis(1));
            }
            assertThat(scenario.served).containsExactly("fiber-0", "fiber-1", "fiber-2", "fiber-3");
            assertThat(mutex.isLocked()).isFalse();
            assertThat(mutex).hasToString("mutex 'table' (free, 0 wait)");
        });
    }

    @Test
    void itIsHandedOverBeforeTheNextOneRuns() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            Attempt[] waiter = new Attempt[1];
            scenario.attempt(
                    "holder",
                    () -> {
                        mutex.lock();
                        waiter[0] =
                                scenario.start(
                                        "waiter",
                                        () -> {
                                            mutex.lock();
                                            mutex.unlock();
                                        });
                        Thread.yield();
                        mutex.unlock();
                        assertThat(mutex.tryLock()).as("it is the waiter's").isFalse();
                        assertThat(mutex.holders()).containsExactly(waiter[0].thread());
                    });
            assertThat(scenario.served).containsExactly("holder", "waiter");
        });
    }

    @Test
    void timeoutAndCancellationLeaveThePlaceToTheNext() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            scenario.attempt(
                    "holder",
                    () -> {
                        mutex.lock();
                        Fiber.sleep(SECOND.multipliedBy(9));
                        mutex.unlock();
                    });
            Attempt late = scenario.attempt("late", () -> mutex.lock(SECOND));
            Deadline deadline = Deadline.after(SECOND);
            Attempt later = scenario.attempt("later", () -> mutex.hold(deadline));
            Attempt cancelled = scenario.attempt("cancelled", () -> mutex.lock());
            scenario.attempt("next", () -> mutex.hold(SECOND.multipliedBy(20)).close());
            cancelled.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(cancelled.wasCancelled()).isTrue();
            assertThat(late.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("timed out in mutex 'table' (held by fiber 'holder', ");
            assertThat(later.failure()).isInstanceOf(WaitTimeoutException.class);
            scenario.advance(SECOND.multipliedBy(9));
            assertThat(scenario.served).containsExactly("holder", "next");
        });
    }

    @Test
    void handOverBeatsTheCancellationThatComesWithIt() throws Throwable {
        for (boolean cancelFirst : new boolean[] {true, false}) {
            SyncScenario.run(scenario -> {
                Mutex mutex = new Mutex("table");
                Attempt[] waiter = new Attempt[1];
                scenario.attempt(
                        "holder",
                        () -> {
                            mutex.lock();
                            Fiber.sleep(SECOND);
                            if (cancelFirst) {
                                waiter[0].cancel();
                            }
                            mutex.unlock();
                            waiter[0].cancel();
                        });
                waiter[0] =
                        scenario.attempt(
                                "waiter",
                                () -> {
                                    mutex.lock();
                                    mutex.unlock();
                                });
                scenario.advance(SECOND.multipliedBy(2));
                assertThat(waiter[0].failure()).isNull();
                assertThat(waiter[0].isToBeCancelled()).isTrue();
                assertThat(mutex.isLocked()).isFalse();
            });
        }
    }

    @Test
    void handOverBeatsTheTimeoutThatComesWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            scenario.attempt(
                    "holder",
                    () -> {
                        mutex.lock();
                        Fiber.sleep(SECOND.dividedBy(2)); // so that it runs before the waiter
                        mutex.unlock();
                    });
            Attempt waiter = scenario.attempt("waiter", () -> mutex.hold(SECOND).close());
            scenario.expireTimers();
            scenario.settle();
            assertThat(waiter.failure()).isNull();
            assertThat(scenario.served).containsExactly("holder", "waiter");
        });
    }

    @Test
    void refusesSecondLockByTheHolderAndUnlockByAnother() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            scenario.stepped()
                    .onFiber(() -> {
                        assertThatThrownBy(mutex::unlock)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage(
                                        "mutex 'table' (free, 0 wait): unlock by fiber 'test', which does"
                                                + " not hold it");
                        mutex.lock();
                        assertThatThrownBy(mutex::lock)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage(
                                        "mutex 'table': fiber 'test' holds it already; it is not"
                                                + " reentrant");
                        assertThatThrownBy(() -> mutex.lock(Duration.ZERO))
                                .isInstanceOf(IllegalStateException.class);
                        assertThat(mutex.tryLock()).isFalse();
                    });
            assertThat(mutex.toString()).contains("held by fiber 'test' (ended)");
            assertThat(scenario.attempt("other", mutex::unlock).failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("unlock by fiber 'other', which does not hold it");
        });
    }

    @Test
    void plainVirtualThreadOfTheShardCanHoldIt() throws Throwable {
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            scenario.stepped()
                    .onFiber(() -> {
                        mutex.lock();
                        Thread thread =
                                Thread.startVirtualThread(() -> {
                                    assertThat(Fiber.currentOrNull()).isNull();
                                    mutex.lock();
                                    scenario.served.add("thread");
                                    mutex.unlock();
                                });
                        Thread.yield();
                        assertThat(mutex.waiting()).isEqualTo(1);
                        mutex.unlock();
                        thread.join();
                    });
            assertThat(scenario.served).containsExactly("thread");
        });
    }
}
