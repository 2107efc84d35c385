package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Locks under random events, against plain counts of who is inside. */
class LockModelTest {
    private static final int STEPS = 2_000;
    private static final long READ = 0;
    private static final long WRITE = 1;
    private static final long HOLD_NANOS_MAX = 2_000_000_000L;

    private Random random;
    private RandomWaits waits;
    private int readers;
    private int writers;

    @RepeatedTest(6)
    void mutexHasOneHolderAtMostAndNobodyIsForgotten(RepetitionInfo repetition) throws Throwable {
        random = random(repetition);
        SyncScenario.run(scenario -> {
            Mutex mutex = new Mutex("table");
            run(scenario, mutex, mutex);
            assertThat(mutex.waiting()).isZero();
            assertThat(mutex.isLocked()).isFalse();
        });
    }

    @RepeatedTest(6)
    void writersAreAloneAndNobodyIsForgotten(RepetitionInfo repetition) throws Throwable {
        random = random(repetition);
        SyncScenario.run(scenario -> {
            ReadWriteLock lock = new ReadWriteLock("index");
            run(scenario, lock.read(), lock.write());
            assertThat(lock).hasToString("read-write lock 'index' (0 read, 0 wait)");
        });
    }

    private static Random random(RepetitionInfo repetition) {
        return new Random(Seeds.next("LockModelTest") + repetition.getCurrentRepetition());
    }

    /**
     * @param read the same as {@code write} where there are no readers
     */
    private void run(SyncScenario scenario, Lock read, Lock write) {
        waits =
                new RandomWaits(
                        scenario,
                        random,
                        (want, failure) -> {
                            throw new AssertionError("unexpected", failure);
                        });
        List<Runnable> events =
                List.of(
                        () -> lock(read, write),
                        () -> lock(read, write),
                        waits::cancelOne,
                        waits::passTime);
        for (int step = 0; step < STEPS; step++) {
            waits.step(events);
            assertThat(write.waiting() + readers + writers).isEqualTo(waits.waitingCount());
            if (write.waiting() > 0) {
                assertThat(readers + writers).as("inside, while some wait").isPositive();
            }
            assertThat(read.holders()).hasSize(readers + writers);
        }
        while (waits.waitingCount() > 0) {
            waits.passTime();
            waits.look();
        }
        assertThat(waits.servedCount).isPositive();
        assertThat(waits.timedOutCount).isPositive();
        assertThat(waits.cancelledCount).isPositive();
    }

    private void lock(Lock read, Lock write) {
        long mode = read == write || random.nextInt(3) == 0 ? WRITE : READ;
        Lock lock = mode == WRITE ? write : read;
        Duration time = Duration.ofNanos(random.nextLong(HOLD_NANOS_MAX));
        waits.want(
                mode,
                (want, limit) -> {
                    try (var _ = limit == null ? lock.hold() : lock.hold(limit)) {
                        waits.assertServedInTurn(want);
                        stayInside(want.demand, time);
                    }
                });
    }

    private void stayInside(long mode, Duration time) {
        if (mode == READ) {
            readers++;
        } else {
            writers++;
        }
        try {
            assertInside();
            Fiber.sleep(time);
            assertInside();
        } finally {
            if (mode == READ) {
                readers--;
            } else {
                writers--;
            }
        }
    }

    private void assertInside() {
        assertThat(writers).isLessThanOrEqualTo(1);
        assertThat(writers == 1 && readers > 0).as("a writer among readers").isFalse();
    }
}
