package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Threads that are not the runtime's call its shards, more of them than may. */
class ForeignCallsTest {
    private static final int CAPACITY = CallRing.CAPACITY;

    private final Shards shards =
            Shards.start(
                    new RuntimeOptions().smp(1).overprovisioned(true).shutdownGrace(Duration.ZERO));
    private final ForeignCalls calls = new ForeignCalls(shards, shards.get(0).reactor());
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private final List<Integer> order = new ArrayList<>(); // shard 0's alone
    private final List<Thread> callers = new ArrayList<>();

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    private Thread call(int number) {
        Thread caller =
                Thread.startVirtualThread(() -> {
                    try {
                        calls.call(() -> {
                            order.add(number);
                            begun.incrementAndGet();
                            gate.await();
                            return null;
                        });
                    } catch (Exception e) {
                        assertThat(e)
                                .isInstanceOfAny(
                                        FiberCancelledException.class, // the waiting was
                                        InterruptedException.class, // the call was
                                        IllegalStateException.class); // it came too late
                    }
                });
        callers.add(caller);
        return caller;
    }

    private void awaitAll() throws InterruptedException {
        for (Thread caller : callers) {
            caller.join();
        }
    }

    @Test
    void noMoreAreUnderWayThanARingHoldsAndTheRestIsServedInItsOrder() throws Exception {
        for (int i = 0; i < CAPACITY; i++) {
            call(-1);
        }
        Eventually.until("all slots are taken", () -> begun.get() == CAPACITY);
        for (int i = 0; i < 10; i++) {
            Eventually.parked(call(i));
        }
        assertThat(begun).hasValue(CAPACITY);
        assertThat(calls.freeSlots()).isZero();
        gate.countDown();
        awaitAll();
        assertThat(order).endsWith(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).hasSize(CAPACITY + 10);
        assertThat(calls.freeSlots()).isEqualTo(CAPACITY);
    }

    @Test
    void interruptedWaiterTakesNoSlotWithIt() throws Exception {
        for (int i = 0; i < CAPACITY; i++) {
            call(i);
        }
        Eventually.until("all slots are taken", () -> begun.get() == CAPACITY);
        for (int i = 0; i < 10; i++) {
            Thread waiter = call(-1);
            Eventually.parked(waiter);
            waiter.interrupt();
            waiter.join();
        }
        gate.countDown();
        awaitAll();
        assertThat(order).hasSize(CAPACITY).doesNotContain(-1);
        assertThat(calls.freeSlots()).isEqualTo(CAPACITY);
    }

    @Test
    void callersOfAllKindsAreLetGoAsTheRuntimeStops() throws Exception {
        for (int i = 0; i < CAPACITY; i++) {
            call(i);
        }
        Eventually.until("all slots are taken", () -> begun.get() == CAPACITY);
        for (int i = 0; i < 10; i++) {
            Eventually.parked(call(-1));
        }
        assertThat(shards.stop()).isTrue();
        awaitAll();
        assertThat(calls.freeSlots()).isEqualTo(CAPACITY);
    }

    @Test
    void failureOfACallThatWasGivenUpIsLogged() throws Exception {
        try (LogRecords records = new LogRecords()) {
            IOException failure = new IOException("disk full");
            Thread caller =
                    Thread.startVirtualThread(() ->
                            assertThatThrownBy(() ->
                                            calls.call(() -> {
                                                begun.incrementAndGet();
                                                try {
                                                    return gate.await(1, TimeUnit.DAYS);
                                                } catch (InterruptedException e) {
                                                    throw failure;
                                                }
                                            }))
                                    .isInstanceOf(FiberCancelledException.class));
            Eventually.until("it has begun", () -> begun.get() == 1);
            caller.interrupt();
            caller.join();
            Eventually.until("it has failed", () -> records.hasMentioned("given it up"));
            assertThat(
                            records.mentioning(
                                    "a call to shard 0 failed, and its caller had given it up"))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.getThrown()).isSameAs(failure));
        }
    }

    @Test
    void callsThatAStoppedRuntimeRefusesGiveTheirSlotsBack() throws Exception {
        shards.stop();
        CallGroup group = shards.callGroup("group", 1);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> calls.call(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the runtime has stopped");
            assertThat(calls.freeSlots()).isEqualTo(CAPACITY);
            assertThatThrownBy(() -> calls.call(group, 0, () -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the runtime has stopped");
        }
        assertThat(calls.freeSlots()).isEqualTo(CAPACITY);
    }
}
