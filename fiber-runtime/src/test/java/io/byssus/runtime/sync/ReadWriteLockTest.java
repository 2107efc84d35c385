package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import org.junit.jupiter.api.Test;

class ReadWriteLockTest {
    private static FiberTask holdingFor(Lock lock, int seconds) {
        return () -> {
            try (var _ = lock.hold()) {
                Fiber.sleep(SECOND.multipliedBy(seconds));
            }
        };
    }

    @Test
    void readersShareAndAWriterIsAlone() throws Throwable {
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            scenario.attempt("r1", holdingFor(lock.read(), 3));
            scenario.attempt("r2", holdingFor(lock.read(), 1));
            scenario.attempt("w", holdingFor(lock.write(), 1));
            assertThat(lock).hasToString("read-write lock 'index' (2 read, 1 wait)");
            assertThat(lock.read().isLocked()).isTrue();
            assertThat(lock.write().isLocked()).isFalse();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(scenario.served).containsExactly("r2");
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(lock).hasToString("read-write lock 'index' (written by fiber 'w', 0 wait)");
            assertThat(lock.write().isLocked()).isTrue();
            assertThat(lock.write().tryLock()).isFalse();
            assertThat(lock.read().tryLock()).isFalse();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(scenario.served).containsExactly("r2", "r1", "w");
            assertThat(lock).hasToString("read-write lock 'index' (0 read, 0 wait)");
        });
    }

    @Test
    void readersBehindAWaitingWriterWaitAndThenGoTogether() throws Throwable {
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            scenario.attempt("r1", holdingFor(lock.read(), 2));
            scenario.attempt("w1", holdingFor(lock.write(), 2));
            Attempt second = scenario.attempt("r2", holdingFor(lock.read(), 2));
            Attempt third = scenario.attempt("r3", holdingFor(lock.read(), 2));
            scenario.attempt("w2", holdingFor(lock.write(), 2));
            scenario.attempt("r4", holdingFor(lock.read(), 2));
            assertThat(lock.read().tryLock()).as("a writer is not overtaken").isFalse();
            assertThat(lock.read().waiting()).isEqualTo(5);
            scenario.advance(SECOND.multipliedBy(2).plusMillis(1));
            assertThat(lock.toString()).contains("written by fiber 'w1'");
            scenario.advance(SECOND.multipliedBy(2).plusMillis(1));
            assertThat(lock.read().holders())
                    .containsExactlyInAnyOrder(second.thread(), third.thread());
            for (int i = 0; i < 3; i++) {
                scenario.advance(SECOND.multipliedBy(2).plusMillis(1));
            }
            assertThat(scenario.served).containsExactly("r1", "w1", "r2", "r3", "w2", "r4");
        });
    }

    @Test
    void writerThatGivesUpLetsTheReadersBehindItIn() throws Throwable {
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            scenario.attempt("r1", holdingFor(lock.read(), 60));
            Attempt late = scenario.attempt("late", () -> lock.write().lock(SECOND));
            scenario.attempt("r2", () -> lock.read().hold().close());
            assertThat(scenario.served).isEmpty();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(late.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessage("timed out in write lock 'index' (2 read, 0 wait)");
            assertThat(scenario.served).containsExactly("r2");

            Attempt cancelled = scenario.attempt("cancelled", () -> lock.write().lock());
            scenario.attempt("r3", () -> lock.read().hold().close());
            cancelled.cancel();
            scenario.settle();
            assertThat(cancelled.wasCancelled()).isTrue();
            assertThat(scenario.served).containsExactly("r2", "r3");
            scenario.advance(SECOND.multipliedBy(60));
        });
    }

    @Test
    void handOverBeatsTheCancellationAndTheTimeoutThatComeWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            Attempt[] waiter = new Attempt[1];
            scenario.attempt(
                    "writer",
                    () -> {
                        try (var _ = lock.write().hold()) {
                            Fiber.sleep(SECOND.dividedBy(2)); // so that it runs before the waiter
                            waiter[0].cancel();
                        }
                    });
            waiter[0] = scenario.attempt("waiter", () -> lock.read().hold(SECOND).close());
            scenario.attempt("next", () -> lock.write().hold().close());
            scenario.expireTimers();
            scenario.settle();
            assertThat(waiter[0].failure()).isNull();
            assertThat(waiter[0].isToBeCancelled()).isTrue();
            assertThat(scenario.served).containsExactly("writer", "waiter", "next");
        });
    }

    @Test
    void refusesWhatWouldWaitForItselfAndUnlockByAnother() throws Throwable {
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            scenario.stepped()
                    .onFiber(() -> {
                        for (Lock first : new Lock[] {lock.read(), lock.write()}) {
                            first.lock();
                            for (Lock second : new Lock[] {lock.read(), lock.write()}) {
                                assertThatThrownBy(second::lock)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageEndingWith(
                                                "fiber 'test' holds it already; it is not reentrant");
                                assertThat(second.tryLock()).isFalse();
                            }
                            first.unlock();
                            assertThatThrownBy(first::unlock)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining(
                                            "unlock by fiber 'test', which does not hold");
                        }
                        lock.read().lock();
                        assertThatThrownBy(lock.write()::unlock)
                                .isInstanceOf(IllegalStateException.class);
                        lock.read().unlock();
                    });
        });
    }
}
