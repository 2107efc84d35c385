package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
    private final Frames frames = new Frames();
    private final FrameQueue queue = new FrameQueue();

    @Test
    void behavesAsAPlainQueueOfPairs() {
        SplittableRandom random = new SplittableRandom(Seeds.next("FrameQueueTest"));
        ArrayDeque<Integer> model = new ArrayDeque<>();
        for (int i = 0; i < 10_000; i++) {
            // Grows for a while, then shrinks for a while.
            if (random.nextInt(10) < (i / 100 % 2 == 0 ? 8 : 2)) {
                queue.add(frames.numbered(i), i);
                model.add(i);
            } else {
                Buffer frame = queue.take();
                Integer expected = model.poll();
                if (expected == null) {
                    assertThat(frame).isNull();
                } else {
                    assertThat(Frames.number(frame)).isEqualTo(expected);
                    assertThat(queue.takenOffload()).isEqualTo(expected.longValue());
                }
            }
            assertThat(queue.count()).isEqualTo(model.size());
        }
        queue.clear();
        assertThat(queue.take()).isNull();
        frames.assertNoneLeaked();
    }
}
