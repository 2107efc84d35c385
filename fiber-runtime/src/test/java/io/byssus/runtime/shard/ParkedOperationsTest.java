package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.runtime.fiber.PeriodicTimer;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.Scope.Policy;
import io.byssus.runtime.fiber.Timers;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.fiber.WaitPoint.Cancellation;
import io.byssus.runtime.fiber.WaitPoint.Outcome;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operation of the runtime that parks, stopped in each way that there is: it ends with one
 * exception and leaves no fiber, no timer, no buffer and no slot on either shard. For those of
 * {@code sync} there is {@code ParkedPrimitivesTest}.
 */
@Timeout(60)
class ParkedOperationsTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    private static final int BUFFER_BYTES = 16_384;
    private static final long BUFFER_MEMORY = 2 << 20;

    private static Shards shards;
    private static CallGroup group;

    /** How it is stopped. */
    private enum Means {
        CANCEL(FiberCancelledException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                operation.run();
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                fiber.cancel();
            }
        },
        DEADLINE(DeadlineExceededException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                Deadline.within(SHORT, operation);
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                // time does
            }

            @Override
            void awaitParked(Fiber<?> fiber) {
                Eventually.parkedOrEnded(fiber.thread());
            }
        },
        ABORT(AbortedException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                source.run(operation);
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                source.abort();
            }
        },
        SCOPE(DeadlineExceededException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                try (Scope scope =
                        Scope.open("scope", Policy.CANCEL_ON_FAILURE, Deadline.after(SHORT))) {
                    scope.start("child", operation::run);
                    scope.join();
                }
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                // time does
            }

            @Override
            void awaitParked(Fiber<?> fiber) {
                Eventually.parkedOrEnded(fiber.thread());
            }
        },
        /** The operation is a call's, on a fiber that runs one call after the other. */
        CALLER_GONE(DeadlineExceededException.class) {
            @Override
            void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
                CompletableFuture<Exception> end = new CompletableFuture<>();
                AtomicBoolean begun = new AtomicBoolean();
                try {
                    callFromTheOtherShard(() -> {
                        begun.set(true);
                        try {
                            operation.run();
                        } catch (Exception e) {
                            end.complete(e);
                            throw e;
                        }
                        return null;
                    });
                } finally {
                    if (begun.get()) {
                        assertThat(end.get())
                                .isInstanceOfAny(
                                        FiberCancelledException.class, InterruptedException.class);
                    }
                }
            }

            @Override
            void stop(AbortSource source, Fiber<?> fiber) {
                // time does
            }

            @Override
            void awaitParked(Fiber<?> fiber) {
                Eventually.parkedOrEnded(fiber.thread());
            }
        };

        private static void callFromTheOtherShard(ShardFunction<Object, Exception> body)
                throws Exception {
            Object ignored =
                    shards.submitTo(
                            1, () -> Deadline.within(SHORT, () -> shards.submitTo(0, body)));
        }

        private final Class<? extends Exception> thrown;

        Means(Class<? extends Exception> thrown) {
            this.thrown = thrown;
        }

        abstract void run(AbortSource source, FiberAction<Exception> operation) throws Exception;

        abstract void stop(AbortSource source, Fiber<?> fiber);

        /** Waits until the fiber has come so far that {@link #stop} stops it. */
        void awaitParked(Fiber<?> fiber) {
            Eventually.parked(fiber.thread());
        }
    }

    /** Something that parks for a day. */
    private enum Operation {
        SLEEP {
            @Override
            void park() {
                Fiber.sleep(LONG);
            }
        },
        WAIT_POINT {
            @Override
            void park() {
                new WaitPoint().await("nothing");
            }
        },
        JOIN {
            @Override
            void park() {
                Fiber<Void> fiber = Fiber.start("joined", () -> Fiber.sleep(LONG));
                try {
                    fiber.join();
                } finally {
                    fiber.cancel();
                }
            }
        },
        JOIN_ELSEWHERE {
            @Override
            void park() {
                AtomicReference<Fiber<Void>> there = new AtomicReference<>();
                shards.spawn(
                        1,
                        "starter",
                        () -> {
                            there.set(Fiber.start("there", () -> Fiber.sleep(LONG)));
                            return null;
                        });
                Eventually.until("it has been started", () -> there.get() != null);
                try {
                    there.get().join();
                } finally {
                    there.get().cancel();
                }
            }
        },
        SUBMIT_TO {
            @Override
            void park() {
                shards.submitTo(
                        1,
                        () -> {
                            Fiber.sleep(LONG);
                            return null;
                        });
            }
        },
        SUBMIT_TO_AND_BACK {
            @Override
            void park() {
                shards.submitTo(
                        1,
                        () ->
                                shards.submitTo(
                                        0,
                                        () -> {
                                            Fiber.sleep(LONG);
                                            return null;
                                        }));
            }
        },
        ON_EACH {
            @Override
            void park() throws Exception {
                shards.onEach(() -> Fiber.sleep(LONG));
            }
        },
        BLOCKING_CALL {
            @Override
            void park() throws Exception {
                Blocking.call(() -> {
                    new CountDownLatch(1).await();
                    return null;
                });
            }
        },
        SCOPE {
            @Override
            void park() {
                try (Scope scope = Scope.open("scope")) {
                    scope.start("child", () -> Fiber.sleep(LONG));
                    scope.join();
                }
            }
        },
        FOR_EACH {
            @Override
            void park() {
                Parallel.forEach(List.of(1, 2, 3, 4), 2, item -> Fiber.sleep(LONG));
            }
        },
        WHEN_ANY {
            @Override
            void park() {
                Parallel.<Integer>whenAny(() -> {
                    Fiber.sleep(LONG);
                    return 1;
                });
            }
        },
        WAIT_POINT_WITH_LIMITS {
            @Override
            void park() {
                Outcome outcome =
                        new WaitPoint()
                                .await(
                                        Reactor.current(),
                                        LONG.toNanos(),
                                        Deadline.after(LONG).nanos(),
                                        Cancellation.HEEDED,
                                        "nothing");
                assertThat(outcome).as("a day has passed").isNull();
            }
        },
        CALL_IN_A_SCHEDULING_GROUP {
            @Override
            void park() throws Exception {
                try (SchedulingGroup group = new SchedulingGroup("group", 100)) {
                    Fiber.call(group, ParkedOperationsTest::sleepLong);
                }
            }
        },
        CLOSE_OF_A_PERIODIC_TIMER {
            @Override
            void park() {
                List<Fiber<?>> runs = new ArrayList<>();
                PeriodicTimer timer =
                        Timers.every(
                                "timer",
                                Duration.ofMillis(1),
                                () -> {
                                    runs.add(Fiber.current());
                                    Fiber.sleep(LONG);
                                });
                Eventually.until("it runs", () -> !runs.isEmpty());
                try {
                    timer.close();
                } finally {
                    runs.forEach(Fiber::cancel);
                }
            }
        },
        BUFFER {
            @Override
            void park() {
                BufferPool pool = Shard.current().buffers();
                List<Buffer> held = new ArrayList<>();
                try {
                    while (pool.hasRoom(BUFFER_BYTES)) {
                        held.add(pool.allocate(BUFFER_BYTES));
                    }
                    held.add(pool.allocate(BUFFER_BYTES));
                } finally {
                    held.forEach(Buffer::close);
                }
            }
        },
        BUFFER_WITH_LIMITS {
            @Override
            void park() {
                BufferPool pool = Shard.current().buffers();
                List<Buffer> held = new ArrayList<>();
                try {
                    while (pool.hasRoom(BUFFER_BYTES)) {
                        held.add(pool.allocate(BUFFER_BYTES));
                    }
                    held.add(
                            pool.allocate(
                                    BUFFER_BYTES, LONG.toNanos(), Deadline.after(LONG).nanos()));
                } finally {
                    held.forEach(Buffer::close);
                }
            }
        },
        SLOT_OF_A_CALL_GROUP {
            @Override
            void park() {
                Fiber<?> holder =
                        Fiber.start(
                                "holder",
                                () -> shards.submitTo(1, group, ParkedOperationsTest::sleepLong));
                Fiber.yield();
                try {
                    shards.submitTo(1, group, () -> null);
                } finally {
                    holder.cancel();
                }
            }
        },
        ROOM_IN_A_RING {
            @Override
            void park() {
                AtomicBoolean held = new AtomicBoolean();
                AtomicBoolean released = new AtomicBoolean();
                shards.spawn(
                        1,
                        "holder",
                        () -> {
                            held.set(true);
                            while (!released.get()) {
                                Thread.onSpinWait();
                            }
                            return null;
                        });
                Eventually.until("the shard is held", held::get);
                List<Fiber<?>> callers = new ArrayList<>();
                try {
                    for (int i = 0; i < CallRing.CAPACITY; i++) {
                        callers.add(Fiber.start("caller", () -> shards.submitTo(1, () -> null)));
                    }
                    Fiber.yield();
                    shards.submitTo(1, () -> null);
                } finally {
                    callers.forEach(Fiber::cancel);
                    released.set(true);
                }
            }
        },
        MAP {
            @Override
            void park() {
                shards.map(ParkedOperationsTest::sleepLong);
            }
        },
        MAP_REDUCE {
            @Override
            void park() {
                Object ignored =
                        shards.mapReduce(
                                ParkedOperationsTest::sleepLong, null, (one, other) -> one);
            }
        },
        START_OF_A_SERVICE {
            @Override
            void park() throws Exception {
                Sharded.start(
                        shards,
                        "service",
                        () -> {
                            if (Shard.current().id() == 1) {
                                Fiber.sleep(LONG);
                            }
                            return "instance";
                        });
            }
        },
        STOP_OF_A_SERVICE {
            @Override
            void park() throws Exception {
                Sharded<String> service = service();
                Fiber<?> caller =
                        Fiber.start("caller", () -> service.runOn(1, any -> Fiber.sleep(LONG)));
                try {
                    service.runOn(1, any -> {}); // so that the other call is under way
                    service.stop();
                } finally {
                    caller.cancel();
                    service.close();
                }
            }
        },
        CALL_OF_A_SERVICE {
            @Override
            void park() throws Exception {
                try (Sharded<String> service = service()) {
                    service.runOn(1, any -> Fiber.sleep(LONG));
                }
            }
        },
        CALL_OF_ALL_INSTANCES {
            @Override
            void park() throws Exception {
                try (Sharded<String> service = service()) {
                    service.invokeOnAll(any -> Fiber.sleep(LONG));
                }
            }
        },
        JDK_LATCH {
            @Override
            void park() throws Exception {
                new CountDownLatch(1).await();
            }
        };

        abstract void park() throws Exception;
    }

    private static Sharded<String> service() throws Exception {
        return Sharded.start(shards, "service", () -> "instance");
    }

    private static Object sleepLong() {
        Fiber.sleep(LONG);
        return "slept";
    }

    @BeforeEach
    void start() {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .bufferMemory(BUFFER_MEMORY)
                                .bufferWait(LONG));
        group = shards.callGroup("group", 1);
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    static Stream<Arguments> cases() {
        return Stream.of(Operation.values())
                .flatMap(operation ->
                        Stream.of(Means.values())
                                .filter(means -> canBeStopped(operation, means))
                                .map(means -> Arguments.of(operation, means)));
    }

    /** A ring stays full as long as its target is held, and who is held cannot call. */
    private static boolean canBeStopped(Operation operation, Means means) {
        return operation != Operation.ROOM_IN_A_RING || means != Means.CALLER_GONE;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void endsWithItsExceptionAndLeavesNothing(Operation operation, Means means) {
        shards.submitTo(
                0,
                () -> {
                    AbortSource source = new AbortSource("source");
                    Fiber<Boolean> fiber =
                            Fiber.start("parked", () -> parkTwice(operation, means, source));
                    means.awaitParked(fiber);
                    means.stop(source, fiber);
                    assertThat(fiber.join()).as("interrupt status").isFalse();
                    return null;
                });
        shards.all().forEach(shard -> Eventually.until(() -> leftOn(shard)));
    }

    /** Once to be stopped; then under a limit, to see that the fiber is as good as before. */
    private boolean parkTwice(Operation operation, Means means, AbortSource source) {
        assertThatThrownBy(() -> means.run(source, () -> operation.park()))
                .isInstanceOf(
                        operation == Operation.JDK_LATCH && means == Means.CANCEL
                                ? InterruptedException.class
                                : means.thrown)
                .matches(e -> means != Means.SCOPE || e.getSuppressed().length == 0, "is alone");
        boolean interrupted = Thread.currentThread().isInterrupted();
        assertThatThrownBy(() -> Deadline.within(SHORT, () -> operation.park()))
                .isInstanceOf(DeadlineExceededException.class);
        return interrupted;
    }

    private String leftOn(Shard shard) {
        return shards.submitTo(
                shard.id(),
                () -> {
                    int fibers = Fiber.liveOn(shard.reactor()).size() - 1; // this one
                    int timers = shard.reactor().armedTimers();
                    long bytes = shard.buffers().liveBytes();
                    int waiting = shard.buffers().waitingFibers();
                    int used = 1 - group.slots(shard.id(), 1 - shard.id(), 0).free();
                    return fibers + timers + bytes + waiting + used == 0
                            ? ""
                            : "%s: %d fibers, %d timers, %d bytes, %d for memory, %d slots"
                                    .formatted(shard, fibers, timers, bytes, waiting, used);
                });
    }
}
