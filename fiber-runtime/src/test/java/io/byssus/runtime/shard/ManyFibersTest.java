package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.fiber.OneShotTimer;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.sync.BoundedQueue;
import io.byssus.runtime.sync.Mutex;
import io.byssus.runtime.sync.Semaphore;
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
 * buffer memory is scarce; in the end there is no fiber, no timer and no buffer, and whatever they
 * have shared is free.
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

    private static final int UNITS = 200;
    private static final int CALLS_MAX = 32;

    private final AtomicLong started = new AtomicLong();
    private final Common[] commons = new Common[SHARDS];
    private Shards shards;
    private CallGroup group;

    /** How a fiber spends its life, and how it ends. */
    private enum Kind {
        SLEEPS,
        SLEEPS_WITH_THE_JDK,
        PARKS_WITH_A_DEADLINE,
        PARKS_WITH_A_TIMEOUT,
        JOINS_A_CHILD,
        HOLDS_A_BUFFER,
        CALLS_THE_OTHER_SHARD,
        CALLS_IN_A_GROUP,
        IS_WOKEN_BY_A_TIMER,
        HOLDS_UNITS,
        HOLDS_A_LOCK,
        HANDS_AN_ITEM_OVER,
        HAS_CHILDREN_IN_A_SCOPE,
        HAS_A_CHILD_THAT_FAILS,
        IS_OUT_OF_TIME,
        IS_OUT_OF_TIME_IN_A_CALL,
        FAILS,
        IS_CANCELLED_ASLEEP,
        IS_CANCELLED_IN_A_JOIN,
        IS_CANCELLED_IN_A_CALL,
        IS_CANCELLED_IN_A_SCOPE,
        IS_CANCELLED_WITH_A_BUFFER,
        IS_CANCELLED_WITH_UNITS;

        boolean isCancelled() {
            return name().startsWith("IS_CANCELLED");
        }
    }

    /** What the fibers of one shard share. */
    private static final class Common {
        final Semaphore units = new Semaphore("units", UNITS);
        final Mutex lock = new Mutex("lock");
        final BoundedQueue<Integer> queue = new BoundedQueue<>("queue", 4);

        boolean isFree() {
            return units.free() == UNITS
                    && units.waiting() == 0
                    && !lock.isLocked()
                    && queue.size() == 0;
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
        group = shards.callGroup("group", CALLS_MAX);
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
            commons[Shard.current().id()] = new Common();
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
                    int slots = group.slots(shard.id(), 1 - shard.id(), 0).free();
                    return fibers + timers + bytes + shard.buffers().waitingFibers() == 0
                                    && commons[shard.id()].isFree()
                                    && slots == CALLS_MAX
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
        int other = 1 - reactor.shard();
        Common common = commons[reactor.shard()];
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
            case CALLS_THE_OTHER_SHARD ->
                    assertThat(shards.submitTo(other, () -> Shard.current().id())).isEqualTo(other);
            case CALLS_IN_A_GROUP ->
                    assertThat(shards.submitTo(other, group, () -> Shard.current().id()))
                            .isEqualTo(other);
            case HOLDS_UNITS -> {
                try (var _ = common.units.hold(random.nextLong(1, UNITS / 4))) {
                    Fiber.sleep(shortTime);
                }
            }
            case HOLDS_A_LOCK -> {
                try (var _ = common.lock.hold()) {
                    Fiber.yield();
                }
            }
            case HANDS_AN_ITEM_OVER -> {
                started.incrementAndGet();
                Fiber<Integer> taker = Fiber.start("taker", () -> common.queue.take());
                common.queue.put(random.nextInt());
                assertThat(taker.join()).isNotNull();
            }
            case HAS_CHILDREN_IN_A_SCOPE -> {
                try (Scope scope = Scope.open("scope")) {
                    started.addAndGet(2);
                    scope.start("child", () -> Fiber.sleep(shortTime));
                    scope.start("child", () -> Fiber.sleep(shortTime));
                    scope.join();
                }
            }
            case HAS_A_CHILD_THAT_FAILS -> failInAScope(shortTime);
            case IS_OUT_OF_TIME ->
                    assertThatThrownBy(() -> Deadline.within(shortTime, () -> Fiber.sleep(LONG)))
                            .isInstanceOf(DeadlineExceededException.class);
            case IS_OUT_OF_TIME_IN_A_CALL ->
                    assertThatThrownBy(() -> Deadline.within(shortTime, () -> sleepLongOn(other)))
                            .isInstanceOf(DeadlineExceededException.class);
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
            case IS_CANCELLED_IN_A_CALL -> sleepLongOn(other);
            case IS_CANCELLED_IN_A_SCOPE -> {
                try (Scope scope = Scope.open("scope")) {
                    started.incrementAndGet();
                    scope.start("child", () -> sleepLongOn(other));
                    scope.join();
                }
            }
            case IS_CANCELLED_WITH_UNITS -> {
                try (var _ = common.units.hold(1)) {
                    Fiber.sleep(LONG);
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

    private static void failInAScope(Duration time) {
        try (Scope scope = Scope.open("scope")) {
            scope.start("sibling", () -> Fiber.sleep(LONG));
            scope.start(
                    "failing",
                    () -> {
                        Fiber.sleep(time);
                        throw new PlannedFailure();
                    });
            assertThatThrownBy(scope::join).hasCauseInstanceOf(PlannedFailure.class);
        }
    }

    private void sleepLongOn(int shard) {
        shards.submitTo(
                shard,
                () -> {
                    Fiber.sleep(LONG);
                    return null;
                });
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
