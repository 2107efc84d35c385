package io.byssus.runtime.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunQueueTest {
    private static final int STEPS = 200_000;

    @Test
    void behavesLikeAnArrayDeque() {
        assertLikeAnArrayDeque(new RunQueue());
    }

    @Test
    void behavesLikeAnArrayDequeWhenItsPositionsOverflow() throws ReflectiveOperationException {
        // As after two thousand million tasks, which a shard runs in ten minutes.
        RunQueue queue = new RunQueue();
        for (String position : new String[] {"head", "tail"}) {
            Field field = RunQueue.class.getDeclaredField(position);
            field.setAccessible(true);
            field.setInt(queue, Integer.MAX_VALUE - 1000);
        }
        assertLikeAnArrayDeque(queue);
    }

    private static void assertLikeAnArrayDeque(RunQueue queue) {
        Random random = new Random(Seeds.next("RunQueueTest"));
        ArrayDeque<Runnable> model = new ArrayDeque<>();
        for (int step = 0; step < STEPS; step++) {
            // Long phases of growth and of draining, so that it grows while wrapped.
            boolean filling = (step / 5_000) % 2 == 0;
            if (random.nextInt(5) < (filling ? 3 : 1)) {
                Runnable task = () -> {};
                Runnable distinct = task::run;
                queue.offer(distinct);
                model.add(distinct);
            } else {
                assertThat(queue.poll()).isSameAs(model.poll());
            }
            if (queue.size() != model.size() || queue.isEmpty() != model.isEmpty()) {
                assertThat(queue.size()).isEqualTo(model.size());
                assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
            }
        }
        while (!model.isEmpty()) {
            assertThat(queue.poll()).isSameAs(model.poll());
        }
        assertThat(queue.poll()).isNull();
    }
}
