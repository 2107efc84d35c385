package io.byssus.runtime.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Eventually;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SleepCompanionTest {
    private final SleepCompanion companion = new SleepCompanion();

    @Test
    void companionIsUnparkedOncePerJoin() throws Exception {
        AtomicInteger wakes = new AtomicInteger();
        Thread sleeper =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            while (wakes.get() < 2) {
                                companion.join(Thread.currentThread());
                                LockSupport.park(this);
                                wakes.incrementAndGet();
                            }
                        });
        for (int wake = 1; wake <= 2; wake++) {
            int expected = wake;
            Eventually.parked(sleeper);
            companion.awake();
            Eventually.until("it woke", () -> wakes.get() == expected);
        }
        sleeper.join();
    }

    @Test
    void withoutACompanionNothingHappens() {
        companion.awake();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
