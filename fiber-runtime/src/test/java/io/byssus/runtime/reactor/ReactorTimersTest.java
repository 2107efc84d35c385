package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.Clock;
import io.byssus.runtime.time.Timer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Timers and the time, as the loop treats them. */
class ReactorTimersTest {
    private static final long QUOTA = 500_000;
    private static final long MILLI = 1_000_000;

    /** What the loop reads between two slices of timers, at most. */
    private static final int SLICE = 256;

    private final CountingClock clock = new CountingClock();
    private final PollCountingBackend backend = new PollCountingBackend();
    private final List<Integer> fired = new ArrayList<>();
    private Reactor reactor;

    /** Goes on by itself when a timer fires, and counts how often it is asked. */
    private static final class CountingClock implements Clock {
        private long nanos;
        private int readings;

        @Override
        public long nanoTime() {
            readings++;
            return nanos;
        }
    }

    private final class PollCountingBackend implements ReactorBackend {
        private int polls;

        @Override
        public int poll() {
            polls++;
            return 0;
        }

        @Override
        public int await(long timeoutNanos) {
            if (reactor.armedTimers() > 0) {
                throw new AssertionError("slept with timers due");
            }
            return poll();
        }

        @Override
        public void wake() {}

        @Override
        public void close() {}
    }

    private final class Costly extends Timer {
        private final int number;
        private final long costNanos;

        Costly(int number, long costNanos) {
            this.number = number;
            this.costNanos = costNanos;
        }

        @Override
        protected void onExpiry() {
            fired.add(number);
            clock.nanos += costNanos;
        }
    }

    private void withReactor(SteppedReactor.Body body) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            reactor =
                    new Reactor(
                            0,
                            clock,
                            backend,
                            new ReactorOptions(QUOTA, 0, BufferPool.Mode.TRACKING));
            turn();
            body.run();
        });
    }

    /** Runs {@code body} as a task; throws what it throws. */
    private void asTask(Runnable body) {
        Throwable[] failure = new Throwable[1];
        reactor.execute(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        assertThat(turn()).isTrue();
        assertThat(failure[0]).isNull();
    }

    private boolean turn() {
        return reactor.turn(Reactor.Wait.FORBIDDEN);
    }

    @Test
    void hundredThousandTimersDueAtOnceHoldTheShardForAQuotaAtATime() throws Throwable {
        int count = 100_000;
        long costNanos = 1000;
        withReactor(() -> {
            for (int i = 0; i < count; i++) {
                reactor.arm(new Costly(i, costNanos), 10 * MILLI);
            }
            clock.nanos = 20 * MILLI;
            backend.polls = 0;
            int turns = 0;
            while (fired.size() < count) {
                long before = clock.nanos;
                assertThat(reactor.turn(Reactor.Wait.ALLOWED)).isTrue();
                assertThat(clock.nanos - before).isLessThanOrEqualTo(QUOTA + SLICE * costNanos);
                turns++;
            }
            assertThat(backend.polls).as("polled in every turn").isEqualTo(turns);
            assertThat(turns).isGreaterThan((int) (count * costNanos / (QUOTA * 2)));
            assertThat(fired).as("in the order of arming").isSorted().hasSize(count);
            assertThat(reactor.counters().timers).isEqualTo(count);
            assertThat(reactor.armedTimers()).isZero();
        });
    }

    @Test
    void readyTasksRunBetweenTheSlices() throws Throwable {
        withReactor(() -> {
            for (int i = 0; i < 10_000; i++) {
                reactor.arm(new Costly(i, 1000), 10 * MILLI);
            }
            clock.nanos = 20 * MILLI;
            while (fired.isEmpty()) {
                assertThat(turn()).isTrue();
            }
            int before = fired.size();
            int[] seen = new int[1];
            reactor.execute(() -> seen[0] = fired.size());
            assertThat(turn()).isTrue();
            assertThat(seen[0]).isEqualTo(before).isLessThan(10_000);
        });
    }

    @Test
    void underAClockThatStandsStillATurnIsBoundedToo() throws Throwable {
        withReactor(() -> {
            for (int i = 0; i < 10_000; i++) {
                reactor.arm(new Costly(i, 0), 10 * MILLI);
            }
            clock.nanos = 20 * MILLI;
            int turns = 0;
            for (int before = 0; turn(); before = fired.size()) {
                assertThat(fired.size() - before).isLessThanOrEqualTo(16 * SLICE);
                turns++;
            }
            assertThat(fired).hasSize(10_000);
            assertThat(turns).isGreaterThan(2);
        });
    }

    @Test
    void durationCountsFromTheEndOfTheTurnAndReadsNoClock() throws Throwable {
        withReactor(() -> {
            Costly timer = new Costly(1, 0);
            asTask(() -> {
                clock.nanos = 3 * MILLI;
                int readings = clock.readings;
                reactor.armAfter(timer, 10 * MILLI);
                assertThat(clock.readings).isEqualTo(readings);
                clock.nanos = 8 * MILLI; // the fiber holds the shard for 5 ms more
            });
            clock.nanos = 18 * MILLI - 1;
            turn();
            assertThat(fired).as("never early, though the turn was long").isEmpty();
            clock.nanos = 19 * MILLI;
            turn();
            assertThat(fired).containsExactly(1);
        });
    }

    @Test
    void durationThatIsCancelledInItsTurnCostsNoReadingAtAll() throws Throwable {
        withReactor(() -> {
            int[] readings = new int[1];
            asTask(() -> {
                Costly timer = new Costly(1, 0);
                readings[0] = clock.readings;
                reactor.armAfter(timer, MILLI);
                reactor.cancel(timer);
            });
            assertThat(clock.readings - readings[0]).as("the quota's at most").isLessThan(2);
            assertThat(reactor.armedTimers()).isZero();
        });
    }

    @Test
    void coarseTimeIsReadOncePerTurn() throws Throwable {
        withReactor(() -> {
            asTask(() -> {
                clock.nanos = 5 * MILLI;
                int readings = clock.readings;
                assertThat(reactor.coarseNanoTime()).isEqualTo(5 * MILLI);
                clock.nanos = 6 * MILLI;
                assertThat(reactor.coarseNanoTime()).isEqualTo(5 * MILLI);
                assertThat(clock.readings).isEqualTo(readings + 1);
            });
            asTask(() -> assertThat(reactor.coarseNanoTime()).isEqualTo(6 * MILLI));
        });
    }
}
