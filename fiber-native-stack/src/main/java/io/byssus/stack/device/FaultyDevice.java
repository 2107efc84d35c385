package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.time.Clock;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * A device behind a network with {@link Faults}, which may differ in the two directions.
 *
 * <p>It takes every frame that it is given, as a network does: what is too much is dropped in
 * there.
 *
 * <p><b>Ownership:</b> confined to its shard; it owns the device.
 */
public final class FaultyDevice extends DeviceDecorator {
    private final Clock clock;
    private final FaultyPath outgoing;
    private final FaultyPath incoming;

    /**
     * A network around {@code device}.
     *
     * @param random decides what happens; from the same seed, the same happens
     */
    public FaultyDevice(
            LinkDevice device,
            Clock clock,
            Faults outgoing,
            Faults incoming,
            RandomGenerator.SplittableGenerator random) {
        super(device);
        this.clock = clock;
        // Each has a generator of its own, so that traffic one way does not change the other's
        // fate.
        this.outgoing = new FaultyPath(outgoing, random.split());
        this.incoming = new FaultyPath(incoming, random.split());
    }

    public FaultCounters outgoing() {
        return outgoing.counters();
    }

    public FaultCounters incoming() {
        return incoming.counters();
    }

    @Override
    public Buffer receive() {
        long nowNanos = clock.nanoTime();
        forward(nowNanos);
        for (Buffer frame = device.receive(); frame != null; frame = device.receive()) {
            incoming.put(nowNanos, frame, device.receivedOffload());
        }
        return incoming.take(nowNanos);
    }

    @Override
    public long receivedOffload() {
        return incoming.takenOffload();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public void send(Buffer frame, long offload) {
        long nowNanos = clock.nanoTime();
        outgoing.put(nowNanos, frame, offload);
        forward(nowNanos);
    }

    @Override
    public void onWritable() {
        device.onWritable();
        forward(clock.nanoTime());
    }

    @Override
    public long deadlineNanos() {
        long own = Math.min(outgoing.deadlineNanos(), incoming.deadlineNanos());
        return Math.min(own, device.deadlineNanos());
    }

    @Override
    public void close() throws IOException {
        outgoing.close();
        incoming.close();
        device.close();
    }

    /** Passes on what is due. */
    private void forward(long nowNanos) {
        while (device.hasRoom()) {
            Buffer frame = outgoing.take(nowNanos);
            if (frame == null) {
                return;
            }
            device.send(frame, outgoing.takenOffload());
        }
    }
}
