package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.FiberTask;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Aborts and cancellations by another thread, at any moment: none is lost. */
@Timeout(60)
class AbortRaceTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final int ROUNDS = 2_000;
    private static final int ENTRIES = 100;

    private final CyclicBarrier barrier = new CyclicBarrier(2);
    private Shards shards;

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true));
    }

    @AfterEach
    void stop() {
        shards.stop();
    }

    @Test
    void whatEntersAsTheSourceIsAbortedIsStopped() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AbortSource source = new AbortSource("source");
            Fiber<Void> fiber =
                    start(() -> {
                        barrier.await();
                        source.run(() -> Fiber.sleep(LONG));
                    });
            barrier.await();
            source.abort();
            assertThatThrownBy(fiber::join)
                    .isInstanceOf(FiberFailedException.class)
                    .hasCauseInstanceOf(AbortedException.class);
        }
    }

    @Test
    void cancellationIsNotTakenBackWithAnAbort() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AbortSource source = new AbortSource("source");
            Fiber<Void> fiber =
                    start(() -> {
                        barrier.await();
                        for (int i = 0; i < ENTRIES; i++) {
                            source.run(source::abort); // leaves with the abort undelivered
                        }
                        Fiber.sleep(LONG);
                    });
            barrier.await();
            fiber.cancel();
            assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
        }
    }

    private Fiber<Void> start(FiberTask body) {
        return shards.submitTo(0, () -> Fiber.start("racer", body));
    }
}
