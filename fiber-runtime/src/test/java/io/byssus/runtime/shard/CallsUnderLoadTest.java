package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Thousands of calls at once between two shards that run. */
class CallsUnderLoadTest {
    private static Shards shards;

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    void manyMoreCallsThanARingHoldsComeBackInBothDirectionsAtOnce() throws Exception {
        int callers = 20 * CallRing.CAPACITY;
        List<Integer> arrived = new ArrayList<>(); // shard 1's alone
        shards.onEach(() -> {
            int here = Shard.current().id();
            List<Fiber<Integer>> fibers = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int number = i;
                fibers.add(
                        Fiber.start(
                                "caller",
                                () -> shards.submitTo(1 - here, () -> receive(number, arrived))));
            }
            for (int i = 0; i < callers; i++) {
                assertThat(fibers.get(i).join()).isEqualTo(i);
            }
        });
        List<Integer> inOrder = shards.submitTo(1, () -> List.copyOf(arrived));
        assertThat(inOrder).isEqualTo(IntStream.range(0, callers).boxed().toList());
    }

    /** Rings full in both directions, of calls that cannot end before calls the other way have. */
    @Test
    void shardsThatFloodEachOtherWithCallsThatCallBackDoNotStandStill() throws Exception {
        int callers = 5 * CallRing.CAPACITY;
        shards.onEach(() -> {
            int here = Shard.current().id();
            List<Fiber<Integer>> fibers = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                fibers.add(Fiber.start("caller", () -> callBack(1 - here, 4)));
            }
            for (Fiber<Integer> fiber : fibers) {
                assertThat(fiber.join()).isEqualTo(4);
            }
        });
    }

    private static int callBack(int shard, int left) {
        return left == 0 ? 0 : 1 + shards.submitTo(shard, () -> callBack(1 - shard, left - 1));
    }

    private static int receive(int number, List<Integer> arrived) {
        if (Shard.current().id() == 1) {
            arrived.add(number);
        }
        return number;
    }

    @Test
    void callersThatAreCancelledAtAnyMomentLeaveTheirShardsInOrder() throws Exception {
        int rounds = 3_000;
        Random random = new Random(Seeds.next("SubmitToTest"));
        int cancelled =
                shards.submitTo(
                        0,
                        () -> {
                            List<Fiber<Integer>> callers = new ArrayList<>();
                            for (int i = 0; i < rounds; i++) {
                                int number = i;
                                callers.add(
                                        Fiber.start(
                                                "caller", () -> shards.submitTo(1, () -> number)));
                                if (random.nextInt(3) == 0) {
                                    Thread.yield();
                                }
                                callers.get(i - random.nextInt(Math.min(i + 1, 20))).cancel();
                            }
                            return countCancelled(callers);
                        });
        assertThat(cancelled).isBetween(1, rounds - 1);
        int alive = shards.submitTo(1, () -> shards.submitTo(0, () -> 7));
        assertThat(alive).isEqualTo(7);
    }

    private static int countCancelled(List<Fiber<Integer>> callers) {
        int cancelled = 0;
        for (int i = 0; i < callers.size(); i++) {
            try {
                assertThat(callers.get(i).join()).as("its own result").isEqualTo(i);
            } catch (FiberCancelledException e) {
                cancelled++;
            }
        }
        return cancelled;
    }
}
