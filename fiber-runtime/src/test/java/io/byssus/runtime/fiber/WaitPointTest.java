package io.byssus.runtime.fiber;

import static io.byssus.runtime.fiber.WaitPoint.Cancellation.DEFERRED;
import static io.byssus.runtime.fiber.WaitPoint.Cancellation.HEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.WaitPoint.Cancellation;
import io.byssus.runtime.fiber.WaitPoint.Outcome;
import io.byssus.runtime.testing.SteppedReactor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WaitPointTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private final WaitPoint point = new WaitPoint();

    @Test
    void signalLetsTheWaiterGoOn() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber = stepped.start("waiter", () -> point.await("a thing"));
            stepped.settle();
            assertThat(point.isWaiting()).isTrue();
            assertThat(fiber.isDone()).isFalse();
            point.signal();
            point.signal();
            stepped.settle();
            assertThat(fiber.isDone()).isTrue();
            assertThat(point.isWaiting()).isFalse();
        });
    }

    @Test
    void signalWithoutAWaiterIsForgotten() throws Throwable {
        SteppedReactor.run(stepped -> {
            point.signal();
            Fiber<Void> fiber = stepped.start("waiter", () -> point.await("a thing"));
            stepped.settle();
            assertThat(fiber.isDone()).isFalse();
            point.signal();
            stepped.settle();
            assertThat(fiber.isDone()).isTrue();
        });
    }

    @Test
    void strayUnparkIsNoSignal() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Outcome> fiber = await(stepped, Duration.ofSeconds(1), HEEDED);
            LockSupport.unpark(fiber.thread());
            stepped.settle();
            assertThat(fiber.isDone()).isFalse();
            point.signal();
            stepped.settle();
            assertThat(fiber.join()).isEqualTo(Outcome.SIGNALLED);
        });
    }

    @Test
    void deadlineEndsTheWaitAndIsDisarmedBySignals() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int round = 0; round < 3; round++) { // with one timer node
                Fiber<Outcome> late = await(stepped, MILLI, HEEDED);
                stepped.advance(MILLI.minusNanos(1));
                assertThat(late.isDone()).isFalse();
                stepped.advance(MILLI);
                assertThat(late.join()).isEqualTo(Outcome.TIMED_OUT);

                Fiber<Outcome> early = await(stepped, MILLI, HEEDED);
                point.signal();
                stepped.settle();
                assertThat(early.join()).isEqualTo(Outcome.SIGNALLED);
                assertThat(stepped.reactor().armedTimers()).isZero();
            }
        });
    }

    @Test
    void waitThatCannotBeginLeavesNoWaiter() throws Throwable {
        SteppedReactor.run(stepped ->
                stepped.onFiber(() -> {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(() -> point.await(stepped.reactor(), -1, 1, DEFERRED, "it"))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("duration=-1 ns");
                    assertThat(Thread.interrupted()).isTrue();
                    assertThat(point.isWaiting()).isFalse();
                    assertThat(stepped.reactor().armedTimers()).isZero();
                }));
    }

    @Test
    void waitWithoutLimitArmsNothing() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Outcome> fiber =
                    stepped.start(
                            "waiter",
                            () ->
                                    point.await(
                                            stepped.reactor(),
                                            Deadline.NONE.nanos(),
                                            HEEDED,
                                            "it"));
            stepped.settle();
            assertThat(stepped.reactor().armedTimers()).isZero();
            point.signal();
            stepped.settle();
            assertThat(fiber.join()).isEqualTo(Outcome.SIGNALLED);
        });
    }

    @Test
    void cancellationEndsAHeededWaitAndDisarmsItsDeadline() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Outcome> fiber = await(stepped, MILLI, HEEDED);
            fiber.cancel();
            stepped.settle();
            assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
            assertThat(point.isWaiting()).isFalse();
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void shieldedWaitGoesOnAndLeavesTheCancellationForLater() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "waiter",
                            () -> {
                                Outcome outcome =
                                        point.await(
                                                stepped.reactor(),
                                                MILLI.toNanos(),
                                                DEFERRED,
                                                "the last bytes");
                                assertThat(outcome).isEqualTo(Outcome.TIMED_OUT);
                                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                                Fiber.sleep(MILLI);
                            });
            stepped.settle();
            fiber.cancel();
            stepped.settle();
            assertThat(fiber.isDone()).as("shielded").isFalse();
            stepped.advance(MILLI.multipliedBy(2));
            assertThat(fiber.isDone()).isTrue();
            assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
        });
    }

    @Test
    void fiberCancelledBeforeAShieldedWaitWaitsToo() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Boolean> fiber =
                    stepped.start(
                            "waiter",
                            () -> {
                                Thread.currentThread().interrupt();
                                point.await(
                                        stepped.reactor(),
                                        MILLI.toNanos(),
                                        DEFERRED,
                                        "the last bytes");
                                return Thread.interrupted();
                            });
            stepped.settle();
            assertThat(fiber.isDone()).isFalse();
            point.signal();
            stepped.settle();
            assertThat(fiber.join()).as("still cancelled").isTrue();
        });
    }

    @Test
    void secondWaiterIsRefusedByName() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> first = stepped.start("first", () -> point.await("the socket"));
            Fiber<Void> second = stepped.start("second", () -> point.await("the socket"));
            stepped.settle();
            assertThatThrownBy(second::join)
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasRootCauseMessage(
                            "two fibers wait for the same thing: the socket (one is 'first')");
            point.signal();
            stepped.settle();
            assertThat(first.isDone()).as("undisturbed").isTrue();
        });
    }

    @Test
    void negativeTimeoutIsRefusedAndLeavesNoWaiter() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (long deadline : new long[] {MILLI.toNanos(), Long.MAX_VALUE}) {
                stepped.onFiber(() ->
                        assertThatThrownBy(() ->
                                        point.await(stepped.reactor(), -1, deadline, HEEDED, "it"))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessage("timeoutNanos=-1"));
                assertThat(point.isWaiting()).isFalse();
            }
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void signalWinsOverACancellationThatCameAfterIt() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Boolean> fiber =
                    stepped.start(
                            "waiter",
                            () -> {
                                Outcome outcome =
                                        point.await(
                                                stepped.reactor(),
                                                MILLI.toNanos(),
                                                HEEDED,
                                                "a thing");
                                assertThat(outcome).isEqualTo(Outcome.SIGNALLED);
                                return Thread.interrupted();
                            });
            stepped.settle();
            point.signal();
            fiber.cancel();
            stepped.settle();
            assertThat(fiber.join()).as("left for the next wait").isTrue();
        });
    }

    @Test
    void waitingWithADeadlineAllocatesNothing() throws Throwable {
        int cycles = 20_000;
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber =
                    stepped.start(
                            "waiter",
                            () -> {
                                for (int i = 0; i < 3 * cycles; i++) {
                                    point.await(stepped.reactor(), 1L << 60, HEEDED, "a thing");
                                }
                            });
            signal(stepped, 2 * cycles); // compiled by now
            long before = allocatedBytes();
            signal(stepped, cycles);
            assertThat(allocatedBytes() - before)
                    .as("bytes in %d cycles", cycles)
                    .isLessThan(cycles);
            assertThat(fiber.isDone()).isTrue();
        });
    }

    private void signal(SteppedReactor stepped, int cycles) {
        for (int i = 0; i < cycles; i++) {
            stepped.settle();
            point.signal();
        }
        stepped.settle();
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private Fiber<Outcome> await(
            SteppedReactor stepped, Duration limit, Cancellation cancellation) {
        Fiber<Outcome> fiber =
                stepped.start(
                        "waiter",
                        () -> {
                            long deadline = Deadline.after(limit).nanos();
                            return point.await(
                                    stepped.reactor(), deadline, cancellation, "a thing");
                        });
        stepped.settle();
        assertThat(fiber.isDone()).isFalse();
        return fiber;
    }
}
