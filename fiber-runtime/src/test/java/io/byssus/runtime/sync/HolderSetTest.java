package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against a plain set. */
class HolderSetTest {
    private static final int STEPS = 20_000;
    private static final int THREADS = 40;

    @Test
    void holdsWhatTheModelHolds() {
        Random random = new Random(Seeds.next("HolderSetTest"));
        List<Thread> threads = new ArrayList<>();
        while (threads.size() < THREADS) {
            Thread thread = Thread.ofVirtual().unstarted(() -> {});
            if (random.nextInt(3) == 0) { // so that their numbers are no plain row
                threads.add(thread);
            }
        }
        HolderSet set = new HolderSet();
        Set<Thread> model = new HashSet<>();
        for (int step = 0; step < STEPS; step++) {
            Thread thread = threads.get(random.nextInt(THREADS));
            if (random.nextBoolean()) {
                assertThat(set.add(thread)).isEqualTo(model.add(thread));
            } else {
                assertThat(set.remove(thread)).isEqualTo(model.remove(thread));
            }
            assertThat(set.size()).isEqualTo(model.size());
            Thread other = threads.get(random.nextInt(THREADS));
            assertThat(set.contains(other)).isEqualTo(model.contains(other));
        }
        assertThat(set.snapshot()).containsExactlyInAnyOrderElementsOf(model);
    }
}
