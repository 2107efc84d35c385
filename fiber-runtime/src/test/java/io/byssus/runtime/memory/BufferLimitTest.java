package io.byssus.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** What happens when a pool's memory is used up. */
class BufferLimitTest {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int BLOCK = BufferPool.POOLED_CAPACITY_MAX;

    /** Eight blocks, of which fibers may have six. */
    private static final BufferLimits LIMITS =
            new BufferLimits(8L * BLOCK, 2L * BLOCK, Duration.ofSeconds(10).toNanos());

    private final List<String> events = new ArrayList<>();
    private final List<Buffer> held = new ArrayList<>();
    private SteppedReactor stepped;
    private BufferPool pool;

    private void run(SteppedReactor.Body body) throws Throwable {
        run(BufferPool.Mode.TRACKING, body);
    }

    private void run(BufferPool.Mode mode, SteppedReactor.Body body) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            stepped = new SteppedReactor(0, new ManualClock(), new ParkingBackend(), mode, LIMITS);
            pool = stepped.reactor().buffers();
            body.run();
            assertThat(pool.liveBytes()).as("bytes left behind").isZero();
            assertThat(pool.waitingFibers()).isZero();
            assertThat(stepped.reactor().armedTimers()).isZero();
            pool.close();
            assertThat(pool.sizeClasses()).isEmpty();
        });
    }

    /** Takes so many blocks, which are all that fibers may have if there are six. */
    private void take(int blocks) throws Throwable {
        stepped.onFiber(() -> {
            for (int i = 0; i < blocks; i++) {
                held.add(pool.allocate(BLOCK));
            }
        });
    }

    private void giveBack(int blocks) throws Throwable {
        stepped.onFiber(() -> {
            for (int i = 0; i < blocks; i++) {
                held.removeLast().close();
            }
        });
    }

    /** A fiber that wants so many bytes and gives them back when it is told so. */
    private Fiber<Void> wanting(String name, int bytes) {
        Fiber<Void> fiber =
                stepped.start(
                        name,
                        () -> {
                            try {
                                held.add(pool.allocate(bytes));
                                events.add(name);
                            } catch (FiberCancelledException e) {
                                events.add(name + " cancelled");
                                throw e;
                            } catch (BufferMemoryException e) {
                                events.add(name + " in vain");
                                throw e;
                            }
                        });
        stepped.settle();
        return fiber;
    }

    @Test
    void allocationBeyondTheLimitParksUntilMemoryComesBack() throws Throwable {
        run(() -> {
            take(6);
            Fiber<Void> fiber = wanting("a", BLOCK);
            assertThat(fiber.isDone()).isFalse();
            assertThat(pool.waitingFibers()).isEqualTo(1);
            stepped.advance(Duration.ofSeconds(9));
            assertThat(events).isEmpty();

            giveBack(1);
            assertThat(events).containsExactly("a");
            assertThat(pool.counters().waits).isEqualTo(1);
            assertThat(pool.counters().waitsFailed).isZero();
            giveBack(6);
        });
    }

    @Test
    void firstComeFirstServedAndALargeRequestIsNotOvertaken() throws Throwable {
        run(() -> {
            take(6);
            wanting("small 1", 512);
            wanting("large", 4 * BLOCK);
            wanting("small 2", 512);
            giveBack(1);
            assertThat(events).containsExactly("small 1");
            giveBack(1); // it closes what small 1 has got
            giveBack(2);
            assertThat(events).containsExactly("small 1");
            // There is room now, but not for those who come later.
            assertThat(pool.hasRoom(512)).isFalse();
            stepped.onFiber(() -> assertThat(pool.allocateOrNull(512)).isNull());
            wanting("small 3", 512);
            giveBack(1);
            assertThat(events).containsExactly("small 1", "large");
            giveBack(1);
            assertThat(events).containsExactly("small 1", "large", "small 2", "small 3");
            giveBack(4);
        });
    }

    @Test
    void timeEndsInAnExceptionWithFiguresAndHolders() throws Throwable {
        run(() -> {
            take(6);
            Fiber<Void> fiber = wanting("a", BLOCK);
            wanting("b", 512);
            stepped.advance(Duration.ofMillis(10_001));
            assertThatThrownBy(fiber::join)
                    .isInstanceOf(FiberFailedException.class)
                    .cause()
                    .isInstanceOf(BufferMemoryException.class)
                    .hasMessageStartingWith(
                            "shard 0: no memory came back in time for a buffer of 131072 bytes:"
                                    + " 786432 of 786432 in use (6 of 131072), 1 fibers wait; most"
                                    + " were allocated by ")
                    .hasMessageContaining("BufferLimitTest")
                    .hasMessageEndingWith("; see --buffer-memory")
                    .asInstanceOf(InstanceOfAssertFactories.type(BufferMemoryException.class))
                    .returns(131_072L, BufferMemoryException::wantedBytes)
                    .returns(786_432L, BufferMemoryException::liveBytes);
            assertThat(events).containsExactly("a in vain", "b in vain");
            assertThat(pool.counters().waitsFailed).isEqualTo(2);
            stepped.advance(Duration.ofSeconds(2)); // their failures are logged
            giveBack(6);
        });
    }

    @Test
    void callersLimitsCountIfTheyComeFirst() throws Throwable {
        run(() -> {
            take(6);
            long timeout = Duration.ofMillis(5).toNanos();
            Fiber<Void> timed =
                    stepped.start("timed", () -> pool.allocate(1, timeout, NEVER).close());
            Fiber<Void> dated =
                    stepped.start("dated", () -> pool.allocate(1, 0, 2 * timeout).close());
            stepped.advance(Duration.ofMillis(4));
            assertThat(timed.isDone()).isFalse();
            stepped.advance(Duration.ofMillis(3));
            assertThat(timed.isDone()).isTrue();
            assertThat(dated.isDone()).isFalse();
            stepped.advance(Duration.ofMillis(4));
            assertThat(dated.isDone()).isTrue();
            stepped.advance(Duration.ofSeconds(2));
            giveBack(6);
        });
    }

    @Test
    void waiterThatGoesAwayLetsTheNextOnesThrough() throws Throwable {
        run(() -> {
            take(5);
            Fiber<Void> large = wanting("large", 2 * BLOCK);
            wanting("small", 512);
            assertThat(events).isEmpty();
            large.cancel();
            stepped.settle();
            assertThat(events).containsExactly("large cancelled", "small");
            giveBack(6);
        });
    }

    @Test
    void memoryGrantedAsItsWaiterIsCancelledIsNotLost() throws Throwable {
        run(() -> {
            take(6);
            Fiber<Void> first = wanting("first", BLOCK);
            wanting("second", BLOCK);
            Buffer last = held.removeLast();
            stepped.start(
                    "both at once",
                    () -> {
                        last.close();
                        first.cancel();
                    });
            stepped.settle();
            // It came too late for the wait; whatever the fiber does next will see it.
            assertThat(events).containsExactly("first");
            giveBack(1);
            assertThat(events).containsExactly("first", "second");
            giveBack(6);
        });
    }

    @Test
    void memoryGrantedAtTheVeryDeadlineIsNotLost() throws Throwable {
        run(() -> {
            take(6);
            wanting("a", BLOCK);
            Buffer last = held.removeLast();
            stepped.start(
                    "releaser",
                    () -> {
                        last.close();
                        stepped.clock()
                                .advance(Duration.ofSeconds(20)); // the timer fires in this turn
                    });
            stepped.settle();
            assertThat(events).containsExactly("a");
            giveBack(6);
        });
    }

    @Test
    void bufferThatIsClosedElsewhereComesBackToTheWaiter() throws Throwable {
        run(() -> {
            take(6);
            wanting("a", BLOCK);
            Buffer last = held.removeLast();
            Thread stranger = Thread.ofPlatform().start(last::close);
            stranger.join();
            stepped.settle();
            assertThat(events).containsExactly("a");
            giveBack(6);
        });
    }

    @Test
    void moreThanThereWillEverBeIsRefusedAtOnce() throws Throwable {
        run(() ->
                stepped.onFiber(() ->
                        assertThatThrownBy(() -> pool.allocate(7 * BLOCK))
                                .isInstanceOf(BufferMemoryException.class)
                                .hasMessageStartingWith(
                                        "shard 0: a shard's buffer memory is smaller than 917504 bytes: 0"
                                                + " of 786432 in use ")));
    }

    @Test
    void largeUnpooledBuffersCountToo() throws Throwable {
        run(() -> {
            stepped.onFiber(() -> held.add(pool.allocate(6 * BLOCK)));
            assertThat(pool.sizeClasses()).containsExactly(new BufferPool.SizeClass(0, 1, 0));
            wanting("a", 1);
            assertThat(events).isEmpty();
            giveBack(1);
            assertThat(events).containsExactly("a");
            giveBack(1);
        });
    }

    @Test
    void reserveIsForThoseWhoMustNotWait() throws Throwable {
        run(() -> {
            take(6);
            wanting("a", BLOCK);
            assertThat(pool.allocateOrNull(1)).isNull();
            assertThat(pool.hasReserve(2 * BLOCK)).isTrue();
            Buffer one = pool.allocateReserved(BLOCK);
            Buffer two = pool.allocateScratch(BLOCK);
            assertThat(pool.allocateReserved(1)).isNull();
            assertThat(pool.hasReserve(1)).isFalse();
            assertThatThrownBy(() -> pool.allocateScratch(1))
                    .isInstanceOf(BufferMemoryException.class)
                    .hasMessageStartingWith("shard 0: not even in reserve there are 512 bytes");
            assertThat(pool.counters().reserveUses).isEqualTo(2);
            assertThat(pool.counters().refusals).isEqualTo(3);
            assertThat(pool.liveBytesMax()).isEqualTo(8L * BLOCK);
            one.close();
            two.close();
            assertThat(events).isEmpty();
            giveBack(1);
            giveBack(6);
        });
    }

    @Test
    void carrierUsesTheReserveWhereAFiberWouldWait() throws Throwable {
        run(() -> {
            take(6);
            held.add(pool.allocate(BLOCK));
            held.add(pool.allocate(BLOCK));
            assertThatThrownBy(() -> pool.allocate(1))
                    .isInstanceOf(BufferMemoryException.class)
                    .hasMessageStartingWith("shard 0: a carrier cannot wait for 512 bytes");
            giveBack(8);
        });
    }

    @Test
    void freeBlocksOfOtherSizesMakeRoom() throws Throwable {
        run(
                BufferPool.Mode.RECYCLING,
                () -> {
                    take(6);
                    giveBack(6);
                    assertThat(pool.freeBytes()).isEqualTo(6L * BLOCK);
                    stepped.onFiber(() -> {
                        for (int i = 0; i < 12; i++) {
                            held.add(pool.allocate(BLOCK / 2));
                            assertThat(pool.liveBytes() + pool.freeBytes())
                                    .isLessThanOrEqualTo(LIMITS.capacityBytes());
                        }
                    });
                    assertThat(pool.freeBytes()).isEqualTo(2L * BLOCK);
                    assertThat(pool.sizeClasses())
                            .containsExactly(
                                    new BufferPool.SizeClass(BLOCK / 2, 12, 0),
                                    new BufferPool.SizeClass(BLOCK, 0, 2));
                    giveBack(12);
                });
    }

    @Test
    void shortageIsLoggedAtABoundedRate() throws Throwable {
        try (LogRecords log = new LogRecords()) {
            run(() -> {
                take(6);
                wanting("a", 1000);
                wanting("b", 1000);
                giveBack(1);
                giveBack(7);
            });
            assertThat(log.mentioning("a fiber waits for 1024"))
                    .singleElement()
                    .returns(Level.WARNING, LogRecord::getLevel)
                    .returns(
                            "shard 0: buffer memory is used up: 786432 of 786432 bytes; a fiber"
                                    + " waits for 1024",
                            LogRecord::getMessage);
        }
    }

    @Test
    void waiterTellsWhatItWaitsFor() throws Throwable {
        run(() -> {
            take(6);
            Fiber<Void> fiber = wanting("a", BLOCK);
            assertThat(LockSupport.getBlocker(fiber.thread()))
                    .hasToString(
                            "131072 bytes of the buffer memory of shard 0 (786432 of 786432 in"
                                    + " use, 1 fibers wait)");
            giveBack(1);
            giveBack(6);
        });
    }

    @Test
    void limitsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> BufferLimits.of(1000, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacityBytes=1000 reserveBytes=262144 waitNanos=1");
        assertThatThrownBy(() -> BufferLimits.of(1 << 20, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("waitNanos=0");
    }
}
