package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.OneShotTimer;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Very many fibers on two shards that start, wait in every way, are cancelled and fail, while
 * buffer memory is scarce; in the end there is no fiber, no timer and no buffer.
 */
class ManyFibersTest {
    private static final int SHARDS = 2;
    private static final int MILLION = 1_000_000;
    private static final int SHORT = 24_000;

    /** Live at a time on each shard. */
    private static final int BATCH = 3_000;

    private static final long MEMORY = SHARDS << 20;
    private static final int BUFFER_BYTES = 16_384;
    private static final Duration LONG = Duration.ofDays(1);
    private static final int MICROS_MAX = 1500;

    /** Of the fiber that asks what is left. */
    private static final int ASKING = 1;

    private final AtomicLong started = new AtomicLong();
    private Shards shards;

    /** How a fiber spends its life, and how it ends. */
    private enum Kind {
        SLEEPS,
        SLEEPS_WITH_THE_JDK,
        PARKS_WITH_A_DEADLINE,
        PARKS_WITH_A_TIMEOUT,
        JOINS_A_CHILD,
        HOLDS_A_BUFFER,
        CALLS_THE_OTHER_SHARD,
        IS_WOKEN_BY_A_TIMER,
        FAILS,
        IS_CANCELLED_ASLEEP,
        IS_CANCELLED_IN_A_JOIN,
        IS_CANCELLED_WITH_A_BUFFER;

        boolean isCancelled() {
            return this == IS_CANCELLED_ASLEEP
                    || this == IS_CANCELLED_IN_A_JOIN
                    || this == IS_CANCELLED_WITH_A_BUFFER;
        }
    }

    private record Life(Kind kind, Fiber<Void> fiber) {}

    private static final class PlannedFailure extends Exception {
        private static final long serialVersionUID = 1L;

        PlannedFailure() {
            super("planned", null, false, false);
        }
    }

    @BeforeEach
    void start() {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(SHARDS)
                                .overprovisioned(true)
                                .bufferMemory(MEMORY)
                                .bufferWait(Duration.ofMinutes(1)));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    @Timeout(60)
    void thousandsOfFibersLeaveNothingBehind() throws Exception {
        live(SHORT);
    }

    @Test
    @Tag("soak")
    @Timeout(600)
    void millionFibersLeaveNothingBehind() throws Exception {
        live(SoakLength.count(MILLION));
    }

    private void live(int fibers) throws Exception {
        SplittableRandom seeds = new SplittableRandom(Seeds.next("ManyFibersTest"));
        long[] seed = {seeds.nextLong(), seeds.nextLong()};
        shards.onEach(() -> {
            SplittableRandom random = new SplittableRandom(seed[Shard.current().id()]);
            for (int left = fibers / SHARDS; left > 0; left -= BATCH) {
                batch(random, Math.min(left, BATCH));
            }
        });
        assertThat(started.get()).isGreaterThanOrEqualTo(fibers);
        for (Shard shard : shards.all()) {
            assertThat(shard.buffers().counters().waits).as("memory was scarce").isPositive();
            assertThat(shard.buffers().counters().waitsFailed).isZero();
            Eventually.until(() -> leftOn(shard));
        }
    }

    /** What is left; failures are looked after by a timer of a second. */
    private String leftOn(Shard shard) {
        return shards.submitTo(
                shard.id(),
                () -> {
                    int fibers = Fiber.liveOn(shard.reactor()).size() - ASKING;
                    int timers = shard.reactor().armedTimers();
                    long bytes = shard.buffers().liveBytes();
                    return fibers + timers + bytes + shard.buffers().waitingFibers() == 0
                            ? ""
                            : shard + ": " + fibers + " fibers, " + timers + " timers, " + bytes;
                });
    }

    private void batch(SplittableRandom random, int size) throws Exception {
        Kind[] kinds = Kind.values();
        List<Life> lives = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Kind kind = kinds[random.nextInt(kinds.length)];
            SplittableRandom own = random.split();
            lives.add(new Life(kind, Fiber.start(kind.name(), () -> spend(kind, own))));
            if (random.nextInt(32) == 0) {
                Thread.yield(); // some come far before they are cancelled, some not at all
            }
        }
        for (Life life : lives) {
            if (life.kind.isCancelled()) {
                life.fiber.cancel();
            }
        }
        for (Life life : lives) {
            conclude(life);
        }
    }

    private static void conclude(Life life) {
        try {
            life.fiber.join();
            assertThat(life.kind.isCancelled() || life.kind == Kind.FAILS).isFalse();
        } catch (FiberFailedException e) {
            if (!(e.getCause() instanceof PlannedFailure)) {
                throw e;
            }
            assertThat(life.kind).isEqualTo(Kind.FAILS);
        } catch (FiberCancelledException e) {
            if (!life.kind.isCancelled()) {
                throw e;
            }
        }
    }

    private void spend(Kind kind, SplittableRandom random) throws Exception {
        started.incrementAndGet();
        Duration shortTime = Duration.ofNanos(random.nextLong(1, MICROS_MAX) * 1000);
        Reactor reactor = Shard.current().reactor();
        switch (kind) {
            case SLEEPS -> Fiber.sleep(shortTime);
            // allow ThreadSleep: it is a way to wait
            case SLEEPS_WITH_THE_JDK -> TimeUnit.NANOSECONDS.sleep(shortTime.toNanos());
            case PARKS_WITH_A_DEADLINE -> {
                long deadline = Deadline.after(shortTime).nanos();
                await(reactor, 0, deadline);
            }
            case PARKS_WITH_A_TIMEOUT -> await(reactor, shortTime.toNanos(), Long.MAX_VALUE);
            case JOINS_A_CHILD -> {
                started.incrementAndGet();
                Fiber.start("child", () -> Fiber.sleep(shortTime)).join();
            }
            case HOLDS_A_BUFFER -> {
                try (Buffer buffer = Shard.current().allocate(random.nextInt(BUFFER_BYTES))) {
                    Fiber.sleep(shortTime);
                    assertThat(buffer.length()).isLessThan(BUFFER_BYTES);
                }
            }
            case CALLS_THE_OTHER_SHARD -> {
                int other = 1 - Shard.current().id();
                assertThat(shards.submitTo(other, () -> Shard.current().id())).isEqualTo(other);
            }
            case IS_WOKEN_BY_A_TIMER -> {
                Thread self = Thread.currentThread();
                boolean[] woken = new boolean[1];
                OneShotTimer timer =
                        Timers.after(
                                "waker",
                                shortTime,
                                () -> {
                                    woken[0] = true;
                                    LockSupport.unpark(self);
                                });
                while (!woken[0]) {
                    LockSupport.park(timer);
                }
            }
            case FAILS -> {
                Fiber.sleep(shortTime);
                throw new PlannedFailure();
            }
            case IS_CANCELLED_ASLEEP -> Fiber.sleep(LONG);
            case IS_CANCELLED_IN_A_JOIN -> {
                Fiber<Void> child = Fiber.start("child", () -> Fiber.sleep(LONG));
                try {
                    child.join();
                } finally {
                    child.cancel();
                }
            }
            case IS_CANCELLED_WITH_A_BUFFER -> {
                try (Buffer buffer = Shard.current().allocate(BUFFER_BYTES)) {
                    Fiber.sleep(LONG);
                    assertThat(buffer.isEmpty()).isFalse();
                }
            }
        }
    }

    private static void await(Reactor reactor, long timeoutNanos, long deadlineNanos) {
        WaitPoint.Outcome outcome =
                new WaitPoint()
                        .await(
                                reactor,
                                timeoutNanos,
                                deadlineNanos,
                                WaitPoint.Cancellation.HEEDED,
                                "time");
        assertThat(outcome).isEqualTo(WaitPoint.Outcome.TIMED_OUT);
    }
}
