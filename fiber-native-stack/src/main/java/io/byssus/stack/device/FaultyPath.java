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
 * reordering happens behind it. A large segment that the device is to cut is one frame.
 *
 * <p><b>Ownership:</b> confined to its carrier. It is for tests and simulations: it allocates.
 */
final class FaultyPath {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** A frame on its way; the number keeps the order of those that are due together. */
    private record InFlight(Buffer frame, long offload, long dueNanos, long number) {}

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
    private long takenOffload;

    FaultyPath(Faults faults, RandomGenerator random) {
        this.faults = faults;
        this.random = random;
    }

    FaultCounters counters() {
        return counters;
    }

    /** Takes a frame; it belongs to the path from now on. */
    void put(long nowNanos, Buffer frame, long offload) {
        counters.offered++;
        if (happens(faults.loss())) {
            counters.lost++;
            frame.close();
            return;
        }
        assert !frame.isEmpty();
        Buffer passing = frame;
        long left = offload;
        if (happens(faults.corruption())) {
            passing = corrupted(frame, offload);
            if (passing == null) {
                return;
            }
            left = Offload.withoutChecksum(offload);
        }
        if (happens(faults.duplication())) {
            Buffer copy = passing.copyReserved();
            if (copy != null) {
                counters.duplicated++;
                enqueue(nowNanos, copy, left);
            }
        }
        enqueue(nowNanos, passing, left);
    }

    /** The next frame whose time has come, owned by the caller, or null. */
    Buffer take(long nowNanos) {
        InFlight next = inFlight.peek();
        if (next == null || next.dueNanos > nowNanos) {
            return null;
        }
        inFlight.remove();
        counters.delivered++;
        takenOffload = next.offload;
        return next.frame;
    }

    /** Of the frame that {@link #take} answered last. */
    long takenOffload() {
        return takenOffload;
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

    private void enqueue(long nowNanos, Buffer frame, long offload) {
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
        inFlight.add(new InFlight(frame, offload, dueNanos, number++));
    }

    private long passageNanos(int bytes) {
        return (long) bytes * Byte.SIZE * NANOS_PER_SECOND / faults.bitsPerSecond();
    }

    /** What passes in so many nanoseconds, and so is still waiting. */
    private long waitingBytes(long nanos) {
        return (long) (nanos / (double) NANOS_PER_SECOND * faults.bitsPerSecond() / Byte.SIZE);
    }

    /**
     * The sender may still hold the bytes of a frame, so a wrong bit is put into a copy; and a
     * checksum that the device is to compute would cover up for it, so it is computed before. Null
     * if there is no memory for a copy: then the frame is lost.
     */
    private Buffer corrupted(Buffer frame, long offload) {
        counters.corrupted++;
        Buffer copy = frame.copyReserved();
        if (copy == null) {
            frame.close();
            return null;
        }
        if (Offload.needsChecksum(offload)) {
            Offload.complete(offload, copy);
        }
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
