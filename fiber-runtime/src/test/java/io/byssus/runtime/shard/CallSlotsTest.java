package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The slots of a group of calls, against a queue of numbers. */
class CallSlotsTest {
    private static final int COUNT = 3;

    private final CallSlots slots = new CallSlots("a slot", COUNT);
    private final List<Integer> served = new ArrayList<>();

    @Test
    void waiterThatIsCancelledSaysWhatItWaitedForAndTheNextIsServed() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<Fiber<Void>> fibers = new ArrayList<>();
            for (int i = 0; i < COUNT + 3; i++) {
                fibers.add(start(stepped, i));
            }
            stepped.settle();
            assertThat(served).containsExactly(0, 1, 2);
            assertThat(slots).hasToString("a slot, for which 3 wait");

            fibers.get(COUNT).cancel();
            stepped.settle();
            stepped.onFiber(() ->
                    assertThatThrownBy(fibers.get(COUNT)::join)
                            .isInstanceOf(FiberCancelledException.class));
            assertThat(slots).hasToString("a slot, for which 2 wait");
            slots.release();
            stepped.settle();
            assertThat(served).containsExactly(0, 1, 2, 4);
        });
    }

    @Test
    void slotThatComesWithTheCancellationIsKept() throws Throwable {
        SteppedReactor.run(stepped -> {
            List<Fiber<Void>> fibers = new ArrayList<>();
            for (int i = 0; i < COUNT + 2; i++) {
                fibers.add(start(stepped, i));
            }
            stepped.settle();
            slots.release();
            fibers.get(COUNT).cancel(); // before it has run
            stepped.settle();
            assertThat(served).containsExactly(0, 1, 2, 3);
            slots.release();
            stepped.settle();
            assertThat(served).containsExactly(0, 1, 2, 3, 4);
        });
    }

    private Fiber<Void> start(SteppedReactor stepped, int number) {
        return stepped.start(
                "caller",
                () -> {
                    slots.acquire();
                    served.add(number);
                });
    }

    @Test
    void slotsGoToWhoWaitsLongestWhoeverIsCancelled() throws Throwable {
        Random random = new Random(Seeds.next("CallSlotsTest"));
        SteppedReactor.run(stepped -> {
            List<Integer> expected = new ArrayList<>();
            ArrayDeque<Integer> waiting = new ArrayDeque<>();
            List<Fiber<Void>> fibers = new ArrayList<>();
            int taken = 0;
            for (int step = 0; step < 5_000; step++) {
                int dice = random.nextInt(10);
                if (dice < 4) {
                    int number = fibers.size();
                    fibers.add(start(stepped, number));
                    if (taken < COUNT) {
                        taken++;
                        expected.add(number);
                    } else {
                        waiting.add(number);
                    }
                } else if (dice < 8 && taken > 0) {
                    slots.release();
                    if (waiting.isEmpty()) {
                        taken--;
                    } else {
                        expected.add(waiting.poll());
                    }
                } else if (!waiting.isEmpty()) {
                    Integer[] numbers = waiting.toArray(new Integer[0]);
                    int number = numbers[random.nextInt(numbers.length)];
                    boolean there = waiting.remove(number);
                    assertThat(there).isTrue();
                    fibers.get(number).cancel();
                }
                stepped.settle();
                assertThat(served).isEqualTo(expected);
                assertThat(slots.free()).isEqualTo(COUNT - taken);
            }
            assertThat(Fiber.liveOn(stepped.reactor())).hasSameSizeAs(waiting);
            stepped.advance(Duration.ofSeconds(2)); // what was cancelled is forgotten
        });
    }
}
