package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A queue under random events: what was put is taken, once, in its order. */
class BoundedQueueModelTest {
    private static final int STEPS = 2_000;
    private static final int CAPACITY = 3;

    private Random random;
    private BoundedQueue<Integer> queue;
    private RandomWaits putters;
    private RandomWaits takers;
    private int nextItem;

    private final Set<Integer> put = new HashSet<>();
    private final List<Integer> taken = new ArrayList<>();

    @RepeatedTest(8)
    void whatIsPutIsTakenOnceInItsOrder(RepetitionInfo repetition) throws Throwable {
        long seed = Seeds.next("BoundedQueueModelTest") + repetition.getCurrentRepetition();
        random = new Random(seed);
        SyncScenario.run(scenario -> {
            queue = new BoundedQueue<>("jobs", CAPACITY);
            putters = new RandomWaits(scenario, random, BoundedQueueModelTest::assertEnded);
            takers = new RandomWaits(scenario, random, BoundedQueueModelTest::assertEnded);
            List<Runnable> events =
                    List.of(
                            this::put,
                            this::put,
                            this::take,
                            this::take,
                            this::offer,
                            this::poll,
                            putters::cancelOne,
                            takers::cancelOne,
                            putters::passTime);
            for (int step = 0; step < STEPS; step++) {
                putters.step(events).forEach(want -> put.add((int) want.demand));
                takers.look();
                assertConsistent();
            }
            finish();
        });
        for (RandomWaits waits : List.of(putters, takers)) {
            assertThat(waits.servedCount).isPositive();
            assertThat(waits.timedOutCount).isPositive();
            assertThat(waits.cancelledCount).isPositive();
        }
        assertThat(taken).doesNotHaveDuplicates();
        assertThat(put)
                .as("taken and accepted are the same")
                .containsExactlyInAnyOrderElementsOf(taken);
    }

    private void put() {
        putters.want(
                nextItem++,
                (want, limit) -> {
                    if (limit == null) {
                        queue.put((int) want.demand);
                    } else {
                        queue.put((int) want.demand, limit);
                    }
                    putters.assertServedInTurn(want);
                });
    }

    private void take() {
        takers.want(
                0,
                (want, limit) -> {
                    taken.add(limit == null ? queue.take() : queue.take(limit));
                    takers.assertServedInTurn(want);
                });
    }

    private void offer() {
        int item = nextItem++;
        if (queue.offer(item)) {
            put.add(item);
        }
    }

    private void poll() {
        queue.poll().ifPresent(taken::add);
    }

    private void assertConsistent() {
        if (takers.waitingCount() > 0) {
            assertThat(queue.size()).as("one waits to take").isZero();
        }
        if (putters.waitingCount() > 0) {
            assertThat(queue.size()).as("one waits to put").isEqualTo(CAPACITY);
        }
        assertThat(put).hasSize(taken.size() + queue.size());
    }

    /** Closed and emptied, or aborted. */
    private void finish() {
        if (random.nextBoolean()) {
            queue.close();
            takers.look();
            putters.look();
            queue.drainTo(taken, CAPACITY);
        } else {
            taken.addAll(queue.abort(new IOException("gone")));
            takers.look();
            putters.look();
        }
        assertThat(takers.waitingCount() + putters.waitingCount()).isZero();
        assertThat(queue.size()).isZero();
    }

    private static void assertEnded(RandomWaits.Want want, Throwable failure) {
        assertThat(failure).isInstanceOfAny(ClosedException.class, BrokenException.class);
    }
}
