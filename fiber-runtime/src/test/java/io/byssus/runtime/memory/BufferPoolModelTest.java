package io.byssus.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.BufferPool.Mode;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A pool with a limit against a plain queue of wishes and a sum, under random allocations, waits,
 * ends of waits and releases.
 */
class BufferPoolModelTest {
    private static final int STEPS = 4_000;
    private static final long WAIT_MILLIS = 100;
    private static final long CAPACITY = 1 << 20;
    private static final long RESERVE = 256 << 10;
    private static final long USABLE = CAPACITY - RESERVE;

    private final List<Wish> holding = new ArrayList<>();
    private final ArrayDeque<Wish> queue = new ArrayDeque<>();
    private Random random;
    private SteppedReactor stepped;
    private BufferPool pool;
    private long used;

    private enum End {
        WAITS,
        HAS,
        IN_VAIN,
        CANCELLED
    }

    /** A fiber that wants a buffer; what the model expects of it, and what became of it. */
    private static final class Wish {
        private final int length;
        private final int capacity;
        private final long endMillis;
        private End expected = End.WAITS;
        private End actual = End.WAITS;
        private Fiber<Void> fiber;
        private Buffer buffer;

        Wish(int length, long endMillis) {
            this.length = length;
            this.endMillis = endMillis;
            this.capacity =
                    length > BufferPool.POOLED_CAPACITY_MAX
                            ? length
                            : Math.max(512, Integer.highestOneBit(Math.max(length, 2) - 1) * 2);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, RECYCLING", "1, TRACKING", "2, RECYCLING", "3, TRACKING"})
    void servesWhomTheModelServes(int repetition, Mode mode) throws Throwable {
        random = new Random(Seeds.next("BufferPoolModelTest") + repetition);
        SteppedReactor.onCarrier(() -> {
            stepped =
                    new SteppedReactor(
                            0,
                            new ManualClock(),
                            new ParkingBackend(),
                            mode,
                            new BufferLimits(CAPACITY, RESERVE, WAIT_MILLIS * 1_000_000));
            pool = stepped.reactor().buffers();
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> wish();
                    case 3, 4 -> release();
                    case 5 -> cancel();
                    case 6 -> tryWithoutWaiting();
                    default -> pass(random.nextInt(20));
                }
                assertConsistent();
            }
            while (!holding.isEmpty() || !queue.isEmpty()) {
                release();
                pass(1);
                assertConsistent();
            }
            assertThat(pool.liveBytes()).isZero();
            assertThat(pool.counters().waits).as("it came to waiting").isPositive();
            assertThat(pool.counters().waitsFailed).isPositive();
            assertThat(pool.counters().reserveUses).isPositive();
            // Failures that nobody has joined are looked after for a second.
            stepped.advance(Duration.ofSeconds(2));
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    private long nowMillis() {
        return stepped.clock().nanoTime() / 1_000_000;
    }

    private int length() {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(BufferPool.POOLED_CAPACITY_MAX, (int) USABLE);
            case 1, 2 -> random.nextInt(600);
            default -> random.nextInt(BufferPool.POOLED_CAPACITY_MAX + 1);
        };
    }

    private void wish() {
        boolean impatient = random.nextInt(4) == 0;
        long ownMillis = random.nextInt(1, 50);
        Wish wish = new Wish(length(), nowMillis() + (impatient ? ownMillis : WAIT_MILLIS));
        long timeout = impatient ? ownMillis * 1_000_000 : 0;
        wish.fiber =
                stepped.start(
                        "wish",
                        () -> {
                            try {
                                wish.buffer = pool.allocate(wish.length, timeout, Long.MAX_VALUE);
                                wish.actual = End.HAS;
                            } catch (BufferMemoryException e) {
                                wish.actual = End.IN_VAIN;
                            } catch (FiberCancelledException e) {
                                wish.actual = End.CANCELLED;
                            }
                        });
        queue.add(wish);
        serve();
        stepped.settle();
        assertThat(wish.actual).isEqualTo(wish.expected);
    }

    /** The model: first come, first served. */
    private void serve() {
        while (!queue.isEmpty() && used + queue.peek().capacity <= USABLE) {
            Wish wish = queue.remove();
            used += wish.capacity;
            wish.expected = End.HAS;
            holding.add(wish);
        }
    }

    private void release() {
        if (holding.isEmpty()) {
            return;
        }
        Wish wish = holding.remove(random.nextInt(holding.size()));
        used -= wish.capacity;
        serve();
        stepped.start("release", () -> wish.buffer.close());
        stepped.settle();
    }

    private void cancel() {
        if (queue.isEmpty()) {
            return;
        }
        Wish wish = List.copyOf(queue).get(random.nextInt(queue.size()));
        queue.remove(wish);
        wish.expected = End.CANCELLED;
        serve();
        wish.fiber.cancel();
        stepped.settle();
        assertThat(wish.actual).isEqualTo(End.CANCELLED);
    }

    private void tryWithoutWaiting() {
        Wish wish = new Wish(length(), 0);
        boolean reserved = random.nextBoolean();
        Buffer buffer =
                reserved ? pool.allocateReserved(wish.length) : pool.allocateOrNull(wish.length);
        boolean expected =
                reserved
                        ? used + wish.capacity <= CAPACITY
                        : queue.isEmpty() && used + wish.capacity <= USABLE;
        assertThat(buffer != null).isEqualTo(expected);
        if (buffer != null) {
            wish.buffer = buffer;
            wish.expected = End.HAS;
            wish.actual = End.HAS;
            used += wish.capacity;
            holding.add(wish);
        }
    }

    private void pass(int millis) {
        for (int i = 0; i < millis; i++) {
            stepped.advance(Duration.ofMillis(1));
            // The wheel's tick and the settling of a turn make it late by less than this.
            List<Wish> over = queue.stream().filter(wish -> wish.actual == End.IN_VAIN).toList();
            for (Wish wish : over) {
                assertThat(nowMillis())
                        .as("never early")
                        .isBetween(wish.endMillis, wish.endMillis + 2);
                wish.expected = End.IN_VAIN;
                queue.remove(wish);
            }
            serve();
            stepped.settle();
        }
    }

    private void assertConsistent() {
        for (Wish wish : holding) {
            assertThat(wish.actual).isEqualTo(End.HAS);
            assertThat(wish.buffer.length()).isEqualTo(wish.length);
        }
        for (Wish wish : queue) {
            assertThat(wish.actual).isEqualTo(End.WAITS);
            assertThat(nowMillis()).isLessThanOrEqualTo(wish.endMillis + 1);
        }
        assertThat(pool.waitingFibers()).isEqualTo(queue.size());
        assertThat(pool.liveBytes()).isEqualTo(used);
        assertThat(pool.liveBlocks()).isEqualTo(holding.size());
        assertThat(pool.liveBytesMax()).isGreaterThanOrEqualTo(used);
        assertThat(used + pool.freeBytes()).isLessThanOrEqualTo(CAPACITY);
        long inClasses = 0;
        int live = 0;
        for (BufferPool.SizeClass size : pool.sizeClasses()) {
            inClasses += (long) size.capacity() * size.free();
            live += size.live();
        }
        assertThat(inClasses).isEqualTo(pool.freeBytes());
        assertThat(live).isEqualTo(holding.size());
    }
}
