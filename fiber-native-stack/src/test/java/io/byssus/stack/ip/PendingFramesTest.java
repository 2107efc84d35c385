package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingFramesTest {
    private final TestPool pool = new TestPool();

    @AfterEach
    void nothingLeaks() {
        pool.assertNoneLeaked();
    }

    @Test
    void aFullQueueKeepsTheNewest() {
        PendingFrames pending = new PendingFrames(2, 2, 10, 1 << 20);
        for (int number = 1; number <= 3; number++) {
            pending.add(0, pool.numbered(number));
        }
        pending.add(1, pool.numbered(9));
        assertThat(pending.dropped()).isEqualTo(1);
        assertThat(TestPool.number(pending.take(0))).isEqualTo(2);
        assertThat(TestPool.number(pending.take(0))).isEqualTo(3);
        assertThat(pending.take(0)).isNull();
        assertThat(TestPool.number(pending.take(1))).isEqualTo(9);
        assertThat(pending.bytes()).isZero();
    }

    @Test
    void whenAllIsFullTheOldestOfAllGivesWay() {
        PendingFrames pending = new PendingFrames(3, 9, 2, 1 << 20);
        pending.add(0, pool.numbered(1));
        pending.add(1, pool.numbered(2));
        pending.add(2, pool.numbered(3));
        assertThat(pending.isEmpty(0)).isTrue();
        assertThat(pending.isEmpty(1)).isFalse();
        pending.close();
    }

    @Test
    void aFrameIsChargedWithAllTheMemoryThatItKeeps() {
        PendingFrames pending = new PendingFrames(1, 9, 9, 1024);
        Buffer large = pool.pool().allocate(100_000);
        pending.add(0, large.share(0, 10));
        large.close();
        assertThat(pending.isEmpty(0)).isTrue();
        assertThat(pending.dropped()).isEqualTo(1);
        for (int number = 0; number < 3; number++) {
            pending.add(0, pool.numbered(number)); // 512 each
        }
        assertThat(pending.bytes()).isEqualTo(1024);
        assertThat(pending.dropped()).isEqualTo(2);
        pending.close();
    }

    private record Waiting(int queue, int number) {}

    @Test
    void isAListOfFrames() {
        Random random = new Random(Seeds.next("PendingFramesTest"));
        PendingFrames pending = new PendingFrames(5, 3, 7, 1 << 20);
        List<Waiting> model = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int queue = random.nextInt(5);
            Waiting first =
                    model.stream().filter(one -> one.queue == queue).findFirst().orElse(null);
            if (random.nextInt(3) == 0) {
                Buffer frame = pending.take(queue);
                assertThat(frame == null).isEqualTo(first == null);
                if (frame != null) {
                    assertThat(TestPool.number(frame)).isEqualTo(first.number);
                    model.remove(first);
                }
            } else {
                if (model.stream().filter(one -> one.queue == queue).count() == 3) {
                    model.remove(first);
                } else if (model.size() == 7) {
                    model.removeFirst();
                }
                int number = i & 0x7f;
                model.add(new Waiting(queue, number));
                pending.add(queue, pool.numbered(number));
            }
        }
        pending.close();
    }
}
