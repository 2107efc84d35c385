package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
    @Test
    void knowsTheEarliestOfAMap() {
        Random random = new Random(Seeds.next("DeadlineHeapTest"));
        DeadlineHeap heap = new DeadlineHeap(20);
        Map<Integer, Long> model = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            int slot = random.nextInt(20);
            if (random.nextInt(3) == 0) {
                heap.clear(slot);
                model.remove(slot);
            } else {
                long deadline = random.nextInt(50);
                heap.set(slot, deadline);
                model.put(slot, deadline);
            }
            if (model.isEmpty()) {
                assertThat(heap.earliest()).isEqualTo(Long.MAX_VALUE);
            } else {
                assertThat(heap.earliest()).isEqualTo(Collections.min(model.values()));
                assertThat(model.get(heap.first())).isEqualTo(heap.earliest());
            }
        }
    }
}
