package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * One direction of a network with {@link Faults}: frames go in, and come out when their time has
 * come, or never. The same seed and the same times give the same faults.
 *
 * <p>A frame is lost, corrupted and doubled before it queues, as on the way to the narrowest place;
 * reordering happens behind it.
 *
 * <p><b>Ownership:</b> confined to its carrier. It is for tests and simulations: it allocates.
 */
final class FaultyPath {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** A frame on its way; the number keeps the order of those that are due together. */
    private record InFlight(Buffer frame, long dueNanos, long number) {}

    private final Faults faults;
    private final RandomGenerator random;
    private final PriorityQueue<InFlight> inFlight =
            new PriorityQueue<>(
                    Comparator.comparingLong(InFlight::dueNanos)
                            .thenComparingLong(InFlight::number));
    private final FaultCounters counters = new FaultCounters();

    /** When the narrowest place has passed what waits before it. */
    private long freeNanos = Long.MIN_VALUE;

    private long number;

    FaultyPath(Faults faults, RandomGenerator random) {
        this.faults = faults;
        this.random = random;
    }

    FaultCounters counters() {
        return counters;
    }

    /** Takes a frame; it belongs to the path from now on. */
    void put(long nowNanos, Buffer frame) {
        counters.offered++;
        if (happens(faults.loss())) {
            counters.lost++;
            frame.close();
            return;
        }
        assert !frame.isEmpty();
        Buffer passing = happens(faults.corruption()) ? corrupted(frame) : frame;
        if (happens(faults.duplication())) {
            counters.duplicated++;
            enqueue(nowNanos, passing.copy());
        }
        enqueue(nowNanos, passing);
    }

    /** The next frame whose time has come, owned by the caller, or null. */
    Buffer take(long nowNanos) {
        InFlight next = inFlight.peek();
        if (next == null || next.dueNanos > nowNanos) {
            return null;
        }
        inFlight.remove();
        counters.delivered++;
        return next.frame;
    }

    /** When the next frame comes out. */
    long deadlineNanos() {
        InFlight next = inFlight.peek();
        return next == null ? LinkDevice.NO_DEADLINE : next.dueNanos;
    }

    void close() {
        inFlight.forEach(one -> one.frame.close());
        inFlight.clear();
    }

    private void enqueue(long nowNanos, Buffer frame) {
        long passedNanos = nowNanos;
        if (faults.bitsPerSecond() != Faults.NO_LIMIT) {
            long startNanos = Math.max(freeNanos, nowNanos);
            if (waitingBytes(startNanos - nowNanos) + frame.length() > faults.queueBytesMax()) {
                counters.overflowed++;
                frame.close();
                return;
            }
            passedNanos = startNanos + passageNanos(frame.length());
            freeNanos = passedNanos;
        }
        long dueNanos = passedNanos + faults.delay().toNanos();
        if (happens(faults.reordering())) {
            counters.delayed++;
            dueNanos += faults.reorderingDelay().toNanos();
        }
        inFlight.add(new InFlight(frame, dueNanos, number++));
    }

    private long passageNanos(int bytes) {
        return (long) bytes * Byte.SIZE * NANOS_PER_SECOND / faults.bitsPerSecond();
    }

    /** What passes in so many nanoseconds, and so is still waiting. */
    private long waitingBytes(long nanos) {
        return (long) (nanos / (double) NANOS_PER_SECOND * faults.bitsPerSecond() / Byte.SIZE);
    }

    /** The sender may still hold the bytes of a frame, so a wrong bit is put into a copy. */
    private Buffer corrupted(Buffer frame) {
        counters.corrupted++;
        Buffer copy = frame.copy();
        frame.close();
        int bit = random.nextInt(copy.length() * Byte.SIZE);
        int index = bit / Byte.SIZE;
        copy.put(index, (byte) (copy.get(index) ^ (1 << (bit % Byte.SIZE))));
        return copy;
    }

    private boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
