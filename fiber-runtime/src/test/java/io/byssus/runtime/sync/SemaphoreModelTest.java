package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.sync.RandomWaits.Want;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A semaphore under random events, against a plain count of who holds what. */
class SemaphoreModelTest {
    private static final int STEPS = 2_000;
    private static final int CAPACITY_MAX = 9;

    private Random random;
    private Semaphore semaphore;
    private RandomWaits waits;

    /** Units of those that were served and have not given back. */
    private final Deque<Long> held = new ArrayDeque<>();

    @RepeatedTest(8)
    void unitsAreConservedAndNobodyIsForgotten(RepetitionInfo repetition) throws Throwable {
        long seed = Seeds.next("SemaphoreModelTest") + repetition.getCurrentRepetition();
        random = new Random(seed);
        SyncScenario.run(scenario -> {
            semaphore = new Semaphore("db", CAPACITY_MAX);
            waits = new RandomWaits(scenario, random, SemaphoreModelTest::assertExplained);
            List<Runnable> events =
                    List.of(
                            this::acquire,
                            this::acquire,
                            this::release,
                            waits::cancelOne,
                            waits::passTime,
                            this::resize);
            for (int step = 0; step < STEPS; step++) {
                waits.step(events).forEach(want -> held.add(want.demand));
                assertConsistent();
            }
            finish();
        });
        assertThat(waits.servedCount).isPositive();
        assertThat(waits.timedOutCount).isPositive();
        assertThat(waits.cancelledCount).isPositive();
    }

    private void acquire() {
        waits.want(
                random.nextLong(Math.max(semaphore.capacity(), 1) + 1),
                (want, limit) -> {
                    if (limit == null) {
                        semaphore.acquire(want.demand);
                    } else {
                        semaphore.acquire(want.demand, limit);
                    }
                    waits.assertServedInTurn(want);
                });
    }

    private void release() {
        if (!held.isEmpty()) {
            semaphore.release(held.remove());
        }
    }

    private void resize() {
        if (random.nextInt(4) == 0) {
            semaphore.resize(1 + random.nextInt(CAPACITY_MAX));
        }
    }

    private void assertConsistent() {
        long taken = held.stream().mapToLong(units -> units).sum();
        assertThat(semaphore.free()).isEqualTo(semaphore.capacity() - taken);
        assertThat(semaphore.waiting()).isEqualTo(waits.waitingCount());
        if (waits.waitingCount() > 0) {
            Want first = waits.first();
            assertThat(first.demand).as("the first could go").isGreaterThan(semaphore.free());
        }
    }

    /** Half of the runs end by giving all back, half by breaking it. */
    private void finish() {
        if (random.nextBoolean()) {
            while (waits.waitingCount() > 0) {
                release();
                waits.look().forEach(want -> held.add(want.demand));
                assertConsistent();
            }
        } else {
            semaphore.broken(new IOException("gone"));
            waits.look();
        }
        assertThat(semaphore.waiting()).isZero();
        while (!held.isEmpty()) {
            release();
        }
        assertThat(semaphore.free()).isEqualTo(semaphore.capacity());
    }

    private static void assertExplained(Want want, Throwable failure) {
        if (failure instanceof BrokenException) {
            assertThat(failure).hasCauseInstanceOf(IOException.class);
        } else {
            assertThat(failure.getMessage()).matches(".*was resized while.*|.*has only \\d");
        }
    }
}
