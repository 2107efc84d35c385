package io.byssus.benchmarks.cubic;

import io.byssus.benchmarks.load.NetworkNamespaces;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.time.Clock;
import io.byssus.stack.device.FaultCounters;
import io.byssus.stack.device.FaultyDevice;
import io.byssus.stack.device.TapDevice;
import io.byssus.stack.device.TapOptions;
import java.io.IOException;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Two TAP devices, each in a network namespace, and the faulty path between them. The faults are
 * around the receiver's device, as they are around one end in the simulation; the same seed drops
 * the same frames there, by their number.
 *
 * <p>By how much each frame is late is kept: all that come out in one turn count as late as the
 * first of them.
 *
 * <p><b>Ownership:</b> the relay's thread; the results may be read when that has ended.
 */
final class Wire implements AutoCloseable {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double MEDIAN = 50;
    private static final double PERCENTILE = 99;
    private static final double NANOS_PER_MICRO = 1000;

    private final Clock clock = Clock.system();
    private final TapDevice sender;
    private final TapDevice receiver;
    private final FaultyDevice path;
    private final Histogram late = new Histogram(SIGNIFICANT_DIGITS);
    private long delivered;

    /** Enters both namespaces, so that the calling thread is in the receiver's afterwards. */
    Wire(Namespaces namespaces, long seed, BufferPool pool) throws IOException {
        NetworkNamespaces.enter(namespaces.sender());
        sender = TapDevice.open(TapOptions.of(Namespaces.INTERFACE), pool);
        NetworkNamespaces.enter(namespaces.receiver());
        receiver = TapDevice.open(TapOptions.of(Namespaces.INTERFACE), pool);
        SplittableRandom random = new SplittableRandom(seed).split();
        path = new FaultyDevice(receiver, clock, LossyPath.FAULTS, LossyPath.FAULTS, random);
    }

    TapDevice sender() {
        return sender;
    }

    TapDevice receiver() {
        return receiver;
    }

    /** Towards the receiver. */
    FaultCounters data() {
        return path.outgoing();
    }

    FaultCounters acknowledgments() {
        return path.incoming();
    }

    Outcome.Lateness lateness() {
        return new Outcome.Lateness(lateMicros(MEDIAN), lateMicros(PERCENTILE));
    }

    private double lateMicros(double percentile) {
        return late.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }

    /** Takes in what has arrived and passes on what is due. */
    void turn() {
        long dueNanos = path.deadlineNanos();
        sender.onWritable();
        path.onWritable();
        for (Buffer frame = sender.receive(); frame != null; frame = sender.receive()) {
            path.send(frame);
        }
        while (sender.hasRoom()) {
            Buffer frame = path.receive();
            if (frame == null) {
                break;
            }
            sender.send(frame);
        }
        long all = data().delivered() + acknowledgments().delivered();
        if (all > delivered) {
            long lateNanos = Math.max(0, clock.nanoTime() - dueNanos);
            late.recordValueWithCount(lateNanos, all - delivered);
            delivered = all;
        }
    }

    long deadlineNanos() {
        return Math.min(path.deadlineNanos(), sender.deadlineNanos());
    }

    @Override
    public void close() throws IOException {
        sender.close();
        path.close();
    }
}
