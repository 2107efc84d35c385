package io.byssus.runtime.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The races are jcstress's: io.byssus.stress in benchmarks. */
class WakeSignalTest {
    private final WakeSignal signal = new WakeSignal();

    @Test
    void nobodyWakesAConsumerThatDoesNotSleep() {
        assertThat(signal.claimWake()).isFalse();
        signal.announceSleep();
        signal.awake();
        assertThat(signal.claimWake()).isFalse();
    }

    @Test
    void eachSleepIsClaimedOnce() {
        for (int sleep = 0; sleep < 3; sleep++) {
            signal.announceSleep();
            assertThat(signal.claimWake()).isTrue();
            assertThat(signal.claimWake()).isFalse();
            signal.awake();
        }
    }

    @Test
    void ofManySendersExactlyOneClaimsTheWake() throws Exception {
        int senders = 4;
        int rounds = 2_000;
        CyclicBarrier start = new CyclicBarrier(senders, signal::announceSleep);
        try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
            List<Future<Integer>> claims = new ArrayList<>();
            for (int sender = 0; sender < senders; sender++) {
                claims.add(threads.submit(() -> claim(start, rounds)));
            }
            int total = 0;
            for (Future<Integer> claim : claims) {
                total += claim.get();
            }
            assertThat(total).isEqualTo(rounds);
        }
    }

    private int claim(CyclicBarrier start, int rounds) throws Exception {
        int claimed = 0;
        for (int round = 0; round < rounds; round++) {
            start.await();
            claimed += signal.claimWake() ? 1 : 0;
        }
        return claimed;
    }
}
