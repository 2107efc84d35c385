package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.testing.Eventually;
import io.byssus.testing.OpenDescriptors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runtimes come and go in one process, and leave nothing. */
class RepeatedRuntimesTest {
    @Test
    void stoppedRuntimesLeaveNoThreadsAndNoDescriptors() throws Exception {
        useRuntimes(3); // classes, helper threads and their descriptors
        Set<Thread> threads = ourThreads();
        long descriptors = OpenDescriptors.count();

        for (int round = 0; round < 20; round++) {
            useRuntimes(2);
        }

        Eventually.until(
                "the blocking threads have ended", () -> threads.containsAll(ourThreads()));
        assertThat(OpenDescriptors.count()).isEqualTo(descriptors);
    }

    private static void useRuntimes(int count) throws Exception {
        List<Shards> runtimes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            runtimes.add(Shards.start(new RuntimeOptions().smp(2).overprovisioned(true)));
        }
        AtomicInteger sum = new AtomicInteger();
        for (Shards shards : runtimes) {
            shards.onEach(() -> {
                Fiber.sleep(Duration.ofNanos(1));
                int other = 1 - Shard.current().id();
                sum.addAndGet(shards.submitTo(other, () -> Shard.current().id()));
                sum.addAndGet(Blocking.call(() -> 1));
            });
        }
        for (Shards shards : runtimes) {
            assertThat(shards.stop()).isTrue();
        }
        assertThat(sum).hasValue(3 * count);
    }

    private static Set<Thread> ourThreads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread ->
                !thread.getName().startsWith("byssus-shard-")
                        && !thread.getName().startsWith("byssus-blocking-"));
        return threads;
    }
}
