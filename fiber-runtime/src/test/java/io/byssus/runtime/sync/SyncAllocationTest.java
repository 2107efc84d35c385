package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.FiberTask;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Where nobody waits, and where one waits at a time, nothing is allocated. */
class SyncAllocationTest {
    private static final int CYCLES = 20_000;
    private static final Object ITEM = new Object();

    @Test
    void nothingIsAllocatedWhereNobodyWaits() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("g");
            Semaphore semaphore = new Semaphore("s", 1);
            Mutex mutex = new Mutex("m");
            ReadWriteLock lock = new ReadWriteLock("l");
            BoundedQueue<Object> queue = new BoundedQueue<>("q", 1);
            FiberTask cycles =
                    () -> {
                        for (int i = 0; i < CYCLES; i++) {
                            gate.enter();
                            semaphore.acquire(1, SyncScenario.SECOND);
                            mutex.lock();
                            lock.read().lock();
                            lock.read().unlock();
                            lock.write().lock();
                            lock.write().unlock();
                            mutex.unlock();
                            semaphore.release(1);
                            gate.leave();
                            queue.put(ITEM);
                            queue.take();
                        }
                    };
            assertThat(bytesPerCycle(scenario, cycles)).isLessThan(1);
        });
    }

    @Test
    void nothingIsAllocatedWhereOneAtATimeWaits() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<Object> queue = new BoundedQueue<>("q", 1);
            FiberTask cycles =
                    () -> {
                        scenario.start(
                                "putter",
                                () -> {
                                    for (int i = 0; i < CYCLES; i++) {
                                        queue.put(ITEM, Deadline.NONE);
                                    }
                                });
                        for (int i = 0; i < CYCLES; i++) {
                            queue.take();
                        }
                    };
            assertThat(bytesPerCycle(scenario, cycles)).isLessThan(1);
        });
    }

    /** Once the code is compiled. */
    private static double bytesPerCycle(SyncScenario scenario, FiberTask cycles) {
        for (int i = 0; i < 3; i++) {
            assertThat(scenario.attempt("warm-up", cycles).failure()).isNull();
        }
        long before = allocatedBytes();
        assertThat(scenario.attempt("measured", cycles).failure()).isNull();
        return (double) (allocatedBytes() - before) / CYCLES;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
